"""Compares what was forecast of each case during a scenario with what then happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.forecast import Planned, PlannedKind, forecast
from dunning.case.plan import Plan, plan_of
from dunning.case.state import DunningCase
from models import changes
from models.snapshot import CaseSnapshot, load_snapshot
from simulation.scenario import Call, Line, PartnerAction

# An action that is due at once happens when a worker gets to it.
AT_ONCE = timedelta(minutes=2)
# The mail server and the partner act too, and one case of an order cancels the others.
OTHERS = {"notice.undeliverable", "claim.rejected", "claim.updated", "order.canceled"}


class Noted(NamedTuple):
    """The forecast of a case after one of its changes."""

    at: datetime
    items: tuple[Planned, ...]


class Surprise(NamedTuple):
    """Something that a case did by itself though it was not forecast."""

    order_id: str
    kind: str
    at: datetime
    forecast: Planned | None


class Notes:
    """Makes a forecast at each change of each case, from what decides about it at that moment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.compared = 0
        self._found: dict[str, list[Noted]] = defaultdict(list)
        self._snapshots: dict[str, CaseSnapshot] = {}
        self._load, self._plan = load_snapshot, plan_of
        monkeypatch.setattr(changes, "load_snapshot", self._loaded)
        monkeypatch.setattr(changes, "plan_of", self._planned)

    async def _loaded(self, session: AsyncSession, case_id: str, **how: Any) -> CaseSnapshot:
        self._snapshots[case_id] = await self._load(session, case_id, **how)
        return self._snapshots[case_id]

    def _planned(self, case: DunningCase, version: int, now: datetime) -> Plan:
        if (snapshot := self._snapshots.get(case.case_id)) is not None:
            items = forecast(case, now, snapshot.inputs)
            self._found[case.case_id].append(Noted(now, items))
        return self._plan(case, version, now)

    def surprises(self, calls: Sequence[Line], events: list[dict[str, Any]]) -> list[Surprise]:
        """Find what happened next though something else was forecast and nobody had acted."""
        acts = _Acts(calls, events)
        found = []
        for event in events:
            kind = _by_itself(event)
            at = datetime.fromisoformat(event["at"])
            before = [one for one in self._found.get(event["case_id"], []) if one.at < at]
            if kind is None or not before or acts.between(event, before[-1].at, at):
                continue
            first = before[-1].items[0] if before[-1].items else None
            self.compared += 1
            if first is None or first.kind != kind or abs(first.at - at) > AT_ONCE:
                found.append(Surprise(event["order_id"], kind, at, first))
        return found


class _Acts:
    """The moments at which somebody acted on an order, or on all orders of a seller."""

    def __init__(self, calls: Sequence[Line], events: list[dict[str, Any]]) -> None:
        self._on_orders: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._on_sellers: dict[str, list[datetime]] = defaultdict(list)
        orders = {
            call.body["payment_id"]: (call.body["seller_id"], call.body["order_id"])
            for call in calls
            if isinstance(call, Call) and call.path == "/v1/payments" and call.body
        }
        for call in calls:
            if isinstance(call, PartnerAction):
                order = (call.partner.seller_id, call.partner.order_id)
                self._on_orders[order].append(call.at)
            elif call.path.startswith(("/v1/sellers/", "/v1/customers/")):
                self._on_sellers[call.path.split("/")[3]].append(call.at)
            elif (order_of := _order_of(call, orders)) is not None:
                self._on_orders[order_of].append(call.at)
        for event in events:
            if event["event"] in OTHERS:
                order = (event["seller_id"], event["order_id"])
                self._on_orders[order].append(datetime.fromisoformat(event["at"]))

    def between(self, event: dict[str, Any], since: datetime, until: datetime) -> bool:
        """Whether somebody acted after `since`, and at `until` at the latest."""
        order = (event["seller_id"], event["order_id"])
        moments = (*self._on_orders[order], *self._on_sellers[event["seller_id"]])
        return any(since < moment <= until for moment in moments)


def _order_of(call: Call, orders: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The order that a call is about, if it is about one."""
    path = call.path.strip("/").split("/")
    if "{case:" in call.path:
        seller, order = call.path.partition("{case:")[2].partition("}")[0].split("/")[:2]
        return seller, order
    if path[1] == "payments" and len(path) > 2:
        return orders.get(path[2])
    if path[1] == "orders" and len(path) > 3:
        return path[2], path[3]
    if isinstance(call.body, dict) and {"seller_id", "order_id"} <= call.body.keys():
        return call.body["seller_id"], call.body["order_id"]
    return None


def _by_itself(event: dict[str, Any]) -> PlannedKind | None:
    """The forecast's name for an event that a case causes by itself; None for others."""
    detail = event["detail"]
    if event["event"] == "notice.sent":
        return PlannedKind(detail["kind"])
    if event["event"] == "claim.submitted":
        return PlannedKind.HANDOFF
    if event["event"] == "case.resumed":
        return PlannedKind.HOLD_ENDS
    if event["event"] == "stage.changed" and detail["stage"] in ("awaiting_approval", "blocked"):
        return PlannedKind(detail["stage"])
    return None
