"""The actions of the collection partner in a scenario, done at the sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx
from pydantic_core import from_json
from sqlmodel import col, select

from dunning.receivables import case_id_of
from models.tables import ClaimRow
from runtime.database import Database
from simulation.scenario import ClaimAction

_STATES: Final = {"accepted": "Active", "rejected": "Closed:Other", "legal": "Legal"}
_PAID: Final = "Closed:Paid"


@dataclass(frozen=True)
class PartnerDriver:
    """Plays the agency; `deliver` brings its webhooks, signed with `secret`, to the API."""

    http: httpx.AsyncClient
    database: Database
    deliver: Callable[[], Awaitable[None]]
    secret: str | None = None

    async def do(self, action: ClaimAction) -> httpx.Response:
        """Do an action about the last claim of a case; 404 if the partner has none."""
        partner_id = await self._partner_id(action)
        if partner_id is None:
            return httpx.Response(HTTPStatus.NOT_FOUND, json={"title": "There is no claim."})
        amount = None if action.amount is None else f"{action.amount:f}"
        if action.to == _PAID and amount is None:
            amount = await self._remainder(partner_id)
        wanted = f'"to": "{_STATES.get(action.to, action.to)}"'
        body = f"{{{wanted}}}" if amount is None else f'{{{wanted}, "amount": {amount}}}'
        answer = await self.http.post(
            f"/test/cases/{partner_id}/advance",
            content=body,
            headers={"Content-Type": "application/json"},
            timeout=None,  # asked again it would do the same twice
        )
        await self.deliver()
        return answer

    async def _partner_id(self, action: ClaimAction) -> str | None:
        case_id = case_id_of(action.seller_id, action.order_id, action.installment)
        query = (
            select(ClaimRow.partner_id)
            .where(ClaimRow.case_id == case_id, col(ClaimRow.partner_id).is_not(None))
            .order_by(col(ClaimRow.submitted_at).desc())
        )
        async with self.database.reading() as session:
            return (await session.exec(query)).first()

    async def _remainder(self, partner_id: str) -> str:
        answer = await self.http.get(f"/cases/{partner_id}")
        case: dict[str, Any] = from_json(answer.content)
        return str(case["remainder"])
