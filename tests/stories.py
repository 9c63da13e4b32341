"""Scenarios as tests tell them: calls at moments, and what came of them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from dunning.receivables import case_id_of
from simulation.play import Player, end_of
from simulation.report import all_events
from simulation.scenario import Call, ClaimAction, Line, PartnerAction
from simulation.world import World
from tests.bodies import ada, an_order

Document = dict[str, Any]


class Story:
    """One seller in Berlin and its customers; times without an offset are UTC."""

    def __init__(self, world: World, *, name: str) -> None:
        self.world = world
        self.seller_id = "s-" + hashlib.sha256(name.encode()).hexdigest()[:12]
        self.calls: list[Line] = []
        self.events: list[Document] = []

    def call(self, at: str, method: str, path: str, body: Any = None) -> Story:
        """Add a call; `{seller}` in a path is the story's seller."""
        moment = datetime.fromisoformat(at if at[10:].count("+") else f"{at}+00:00")
        self.calls.append(
            Call(
                at=moment,
                method=method,
                path=path.replace("{seller}", self.seller_id),
                body=body,
                line=len(self.calls) + 1,
            )
        )
        return self

    def seller(self, at: str, **given: Any) -> Story:
        profile = {
            "company_name": "Kurse GmbH",
            "email": "seller@example.org",
            "time_zone": "Europe/Berlin",
        }
        return self.call(at, "PUT", "/v1/sellers/{seller}", profile | given)

    def settings(self, at: str, **given: Any) -> Story:
        return self.call(at, "PATCH", "/v1/sellers/{seller}/settings", given)

    def order(self, at: str, order_id: str = "A-1", **given: Any) -> Story:
        """An order of 119.00 EUR by a customer whose address is complete, invoiced that day."""
        customer = ada(customer_id=f"c-{order_id}") | given.pop("customer", {})
        mine = {"seller_id": self.seller_id, "invoice_date": at[:10], "customer": customer}
        return self.call(at, "POST", "/v1/orders", an_order(order_id, **(mine | given)))

    def payment(self, at: str, amount: str, order_id: str = "A-1", **given: Any) -> Story:
        body = {
            "payment_id": f"{self.seller_id}-p-{len(self.calls)}",
            "seller_id": self.seller_id,
            "order_id": order_id,
            "amount": amount,
            "currency": "EUR",
            "paid_at": f"{at}+00:00",
        }
        return self.call(at, "POST", "/v1/payments", body | given)

    def chargeback(self, at: str, payment_id: str, **given: Any) -> Story:
        """A payment goes back: all of it, unless an amount is given."""
        body = {"chargeback_id": f"{payment_id}-back", "occurred_at": f"{at}+00:00"}
        return self.call(at, "POST", f"/v1/payments/{payment_id}/chargebacks", body | given)

    def verb(self, at: str, verb: str, order: str = "A-1", body: Any = None) -> Story:
        """Ask something of a case; `order` is an order's id, or id/installment."""
        return self.call(at, "POST", f"/v1/cases/{{case:{self.seller_id}/{order}}}/{verb}", body)

    def partner(self, at: str, order: str = "A-1", **action: Any) -> Story:
        """An action of the partner about a claim; `order` is an order's id, or id/installment."""
        order_id, _, number = order.partition("/")
        claim = ClaimAction(
            seller_id=self.seller_id,
            order_id=order_id,
            installment=int(number) if number else None,
            **action,
        )
        moment = datetime.fromisoformat(f"{at}+00:00")
        self.calls.append(PartnerAction(at=moment, partner=claim, line=len(self.calls) + 1))
        return self

    async def play(self, until: str | None = None) -> list[Document]:
        """Run it in the world; the events of the story, and the calls that were refused."""
        calls = sorted(self.calls, key=lambda call: (call.at, call.line))
        last_day = date.fromisoformat(until) if until else None
        player = Player(self.world, calls, end=end_of(calls, last_day))
        await player.play(lambda done, total: None)
        async with self.world.database.reading() as session:
            self.events = await all_events(session, player.refused, player.sellers)
        return self.events

    def days(self, event: str, **detail: Any) -> list[str]:
        """The days (UTC) on which something happened."""
        return [
            entry["at"][:10]
            for entry in self.events
            if entry["event"] == event and detail.items() <= entry["detail"].items()
        ]

    def notices(self) -> list[str]:
        """Each notice with the day on which it was sent."""
        return [
            f"{entry['at'][:10]} {entry['detail']['kind']}"
            for entry in self.events
            if entry["event"] == "notice.sent"
        ]

    def stages(self) -> list[str]:
        """The stages in the order in which the cases came to them."""
        return [
            entry["detail"]["stage"] for entry in self.events if entry["event"] == "stage.changed"
        ]

    def reasons(self) -> list[tuple[int, str]]:
        """Why calls were refused."""
        return [
            (entry["detail"]["status"], entry["detail"]["reason"])
            for entry in self.events
            if entry["event"] == "request.refused"
        ]

    def case_id(self, order_id: str = "A-1", installment: int | None = None) -> str:
        return case_id_of(self.seller_id, order_id, installment)

    async def case(self, order_id: str = "A-1", installment: int | None = None) -> Document:
        """A case as the API shows it, at the end of the story."""
        path = f"/v1/cases/{self.case_id(order_id, installment)}"
        with self.world.clock.at(self.world.clock.now()):
            answer = await self.world.api.get(path)
        answer.raise_for_status()
        document: Document = answer.json()
        return document
