"""Calls of the API as the tests make them, each at its moment, and how a refusal looks."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlmodel import col, func, select

from dunning.receivables import case_id_of
from models.tables import CaseRow, CustomerRow, OrderRow, PaymentRow
from simulation.world import World
from tests.bodies import Document, a_chargeback, a_payment, a_seller, an_order
from tests.offline import NOW, OfflineApi


class Backend:
    """A service of the platform with one seller, and the ids that belong to it alone.

    Its world is the running system, or the API alone where no case has to run.
    """

    def __init__(
        self, world: World | OfflineApi, name: str, api: httpx.AsyncClient | None = None
    ) -> None:
        self.world = world
        self.api = api or world.api
        self.now = NOW
        self.mark = hashlib.sha256(name.encode()).hexdigest()[:12]
        self.seller_id = f"s-{self.mark}"

    def through(self, api: httpx.AsyncClient) -> Backend:
        """The same backend, calling another process of the API."""
        other = copy.copy(self)
        other.api = api
        return other

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Call; `{s}` in the path is the seller. A body goes as JSON, content as it is."""
        sent = dict(headers or {})
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            sent = {"Content-Type": "application/json"} | sent
        with self.world.clock.at(self.now):
            return await self.api.request(
                method, path.replace("{s}", self.seller_id), content=content, headers=sent
            )

    async def granted(self, method: str, path: str, body: Any = None, **how: Any) -> Document:
        """Call, and the answer of a call that must succeed."""
        answer = await self.send(method, path, body, **how)
        assert answer.is_success, answer.text
        document: Document = answer.json()
        return document

    async def sign_up(self) -> None:
        """The seller, which has said how it wants its money collected (R21)."""
        await self.granted("PUT", "/v1/sellers/{s}", a_seller())
        await self.granted("PATCH", "/v1/sellers/{s}/settings", {"dunning_option": "court"})

    # --- what is sent -----------------------------------------------------------------------

    def order(self, order_id: str = "A-1", **given: Any) -> Document:
        """The body of an order of 119.00 EUR, due at once, by a customer to be found."""
        return an_order(order_id, **({"seller_id": self.seller_id} | given))

    def payment(self, amount: str = "19.00", order_id: str = "A-1", **given: Any) -> Document:
        mine = {"payment_id": f"p-{self.mark}", "seller_id": self.seller_id}
        return a_payment(amount, order_id, **(mine | given))

    def chargeback(self, **given: Any) -> Document:
        return a_chargeback(**({"chargeback_id": f"r-{self.mark}"} | given))

    @property
    def chargebacks(self) -> str:
        """The path for chargebacks of the one payment."""
        return f"/v1/payments/p-{self.mark}/chargebacks"

    # --- what is there ----------------------------------------------------------------------

    def case_id(self, order_id: str = "A-1", installment: int | None = None) -> str:
        return case_id_of(self.seller_id, order_id, installment)

    def case_path(self, verb: str = "", order_id: str = "A-1") -> str:
        path = f"/v1/cases/{self.case_id(order_id)}"
        return f"{path}/{verb}" if verb else path

    async def open_order(self, order_id: str = "A-1", **given: Any) -> Document:
        return await self.granted("POST", "/v1/orders", self.order(order_id, **given))

    async def case(self, order_id: str = "A-1", installment: int | None = None) -> Document:
        """A case as it stands when it has nothing under way."""
        await self.world.settle_order(self.seller_id, order_id)
        return await self.granted("GET", f"/v1/cases/{self.case_id(order_id, installment)}")

    async def until(self, moment: str, order_id: str = "A-1") -> None:
        """Let time pass until a moment (UTC)."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        await self.world.advance_order(self.seller_id, order_id, self.now)

    async def at_rest(self) -> list[Document]:
        """Everything, when no case has anything under way."""
        for row in await self._rows(OrderRow):
            await self.world.settle_order(self.seller_id, row.order_id)
        return await self.everything()

    async def everything(self) -> list[Document]:
        """All that the API shows of the seller, its orders and its customers."""
        shown = [await self.granted("GET", "/v1/sellers/{s}")]
        for table in (OrderRow, CustomerRow):
            rows = await self._rows(table)
            kind = "orders" if table is OrderRow else "customers"
            ids = [row.order_id if isinstance(row, OrderRow) else row.customer_id for row in rows]
            shown += [await self.granted("GET", f"/v1/{kind}/{{s}}/{one}") for one in sorted(ids)]
        return shown

    async def count(self, table: type[OrderRow | CaseRow | PaymentRow | CustomerRow]) -> int:
        """How many rows of a table are the seller's."""
        async with self.world.database.reading() as session:
            query = select(func.count()).select_from(table)
            return (await session.exec(query.where(_of(table, self.seller_id)))).one()

    async def _rows(self, table: type[OrderRow | CustomerRow]) -> list[Any]:
        async with self.world.database.reading() as session:
            return list(await session.exec(select(table).where(_of(table, self.seller_id))))


@dataclass(frozen=True)
class Untouched:
    """A backend and what the API showed of its seller: no refused call may change it."""

    backend: Backend
    before: list[Document]

    async def refuses(self, method: str, path: str, body: Any, *fields: str) -> None:
        """Make a call that must be refused for these fields, and everything is as it was."""
        refused(await self.backend.send(method, path, body), 422, *fields)
        assert await self.backend.everything() == self.before

    async def refuses_each(
        self, method: str, path: str, bodies: Iterable[Document], field: str
    ) -> None:
        for body in bodies:
            refused(await self.backend.send(method, path, body), 422, field)
        assert await self.backend.everything() == self.before


def _of(table: Any, seller_id: str) -> Any:
    return col(table.seller_id) == seller_id


def changed(body: Document, path: str, value: Any) -> Document:
    """A copy of a body with one field set; `installments.0.amount` reaches into lists."""
    result: Any = copy.deepcopy(body)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = result
    for part in way:
        inner = inner[part]
    inner[last] = value
    return result  # type: ignore[no-any-return]


def refused(answer: httpx.Response, status: int, *fields: str, reason: str | None = None) -> None:
    """Check that an answer is the refusal of the contract, and for these fields."""
    assert answer.status_code == status, f"{answer.text} for {answer.request.content!r}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert sorted(error["field"] for error in problem["errors"]) == sorted(fields), (
        f"{answer.text} for {answer.request.content!r}"
    )
    assert all(error["message"] for error in problem["errors"])
    assert problem.get("reason") == reason
