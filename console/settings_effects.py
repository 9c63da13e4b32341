"""The effect that a change of the settings would have, computed before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from console.settings_form import Bodies
from dunning.case.planning import ladder_action
from dunning.days import DAY
from models.console.settings_effects import RunningCase, count_running, running_soon
from models.terms import SellerAt, terms_of

SOON: Final = 14 * DAY
_MOVES_STEPS: Final = frozenset({"window_from", "window_to", "business_days_only", "time_zone"})
_OF_NEW_ORDERS: Final = frozenset({"payment_term_days", "collect_past_from", "collect_new_from"})
_OF_HANDOFFS: Final = frozenset({"auto_handoff", "auto_chargeback_handoff"})

_OF_MONEY: Final = frozenset({"book_certain", "hold_when_stale_days", "waive_below"})


@dataclass(frozen=True)
class Effect:
    """The effect of a change: how many running cases it touches, and what it moves to which day.

    `moved` counts the next steps that move, by their new day; `looked_at` is the number of cases
    that were examined for that.
    """

    running: int
    undecided: int
    moved: Mapping[date, int]
    looked_at: int
    kinds: Collection[str]


async def effect_of(
    session: AsyncSession,
    seller: SellerAt,
    bodies: Bodies,
    changed: Collection[str],
) -> Effect:
    counts = await count_running(session, seller.seller_id)
    moved: dict[date, int] = {}
    cases: list[RunningCase] = []
    if _MOVES_STEPS & set(changed):
        cases = await running_soon(session, seller.seller_id, until=seller.now + SOON)
        after = _after(bodies, seller)
        for case in cases:
            day = _moves_to(case, seller, after)
            if day is not None:
                moved[day] = moved.get(day, 0) + 1
    return Effect(
        running=counts.running,
        undecided=counts.undecided,
        moved=dict(sorted(moved.items())),
        looked_at=len(cases),
        kinds=_kinds(changed),
    )


def _kinds(changed: Collection[str]) -> list[str]:
    """Return the kinds of effect that the changed fields have."""
    found = []
    if "dunning_option" in changed:
        found.append("option")
    if _MOVES_STEPS & set(changed):
        found.append("steps")
    if _OF_NEW_ORDERS & set(changed):
        found.append("new_orders")
    if _OF_HANDOFFS & set(changed):
        found.append("handoffs")
    if _OF_MONEY & set(changed):
        found.append("money")
    others = {*_MOVES_STEPS, *_OF_NEW_ORDERS, *_OF_HANDOFFS, *_OF_MONEY, "dunning_option"}
    if set(changed) - others:
        found.append("messages")
    return found


def _after(bodies: Bodies, seller: SellerAt) -> SellerAt:
    """Return the seller as it would be after the change."""
    window = bodies.settings.sending_window
    return seller._replace(
        profile=seller.profile.model_copy(
            update={"time_zone": bodies.seller.time_zone or seller.profile.time_zone}
        ),
        settings=seller.settings.model_copy(
            update={
                "sending_window": window.window() if window else seller.settings.sending_window,
                "business_days_only": bodies.settings.business_days_only,
            }
        ),
    )


def _moves_to(running: RunningCase, before: SellerAt, after: SellerAt) -> date | None:
    """Return the day of the next step after a change, if that is another one."""
    days = []
    for seller in (before, after):
        terms = terms_of(
            seller._replace(no_handoff_before=running.case.terms.no_handoff_before),
            running.address,
            due_date=running.case.receivable.due_date,
        )
        action = ladder_action(running.case.changed(terms=terms), seller.now)
        if action is None:
            return None
        days.append(terms.day_of(action.at))
    return days[1] if days[0] != days[1] else None
