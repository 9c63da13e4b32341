"""The API and the console as a server of their own, for a browser, always at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from console.app import create_app
from dunning.case.handoff import blocked_by_address, handoff_decided
from dunning.case.state import DunningCase
from dunning.receivables import case_id_of
from models.changes import change_case
from models.console.access import LinkMaker, make_link
from models.tables import SellerRow
from runtime.database import Database
from runtime.ports import address_of, bind
from runtime.settings import Settings
from tests.bodies import a_payment, a_seller, ada, an_order
from tests.offline import NOW, OfflineApi

HOSTILE = '"><img src=x onerror="document.title=1">'


class ServedConsole:
    """A server with sellers, orders and links that sign in."""

    def __init__(self, offline: OfflineApi, url: str) -> None:
        self.offline = offline
        self.database = offline.database
        self.url = url

    async def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.offline.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def seller(self, seller_id: str, company: str) -> None:
        await self.call("PUT", f"/v1/sellers/{seller_id}", a_seller(company_name=company))
        settings = {"dunning_option": "court", "auto_handoff": False}
        await self.call("PATCH", f"/v1/sellers/{seller_id}/settings", settings)

    async def order(self, seller_id: str, order_id: str, **given: Any) -> str:
        customer = ada(customer_id=f"c-{order_id}") | given.pop("customer", {})
        mine = {"seller_id": seller_id, "invoice_date": "2026-02-25", "customer": customer}
        await self.call("POST", "/v1/orders", an_order(order_id, **(mine | given)))
        return case_id_of(seller_id, order_id, None)

    async def change(self, case_id: str, change: Callable[..., DunningCase]) -> None:
        """What a worker would have done to a case by now."""
        async with self.database.writing() as session:
            await change_case(session, case_id, change, at=NOW)

    async def link(self, seller_id: str, path: str = "/console/") -> str:
        async with self.database.writing() as session:
            made = await make_link(session, seller_id, made_by=LinkMaker.BACKEND, path=path, at=NOW)
        return f"{self.url}/console/in/{made.token}"

    async def settings_link(self, seller_id: str) -> str:
        """The link of the mail that asks for the settings."""
        async with self.database.writing() as session:
            seller = await session.get_one(SellerRow, seller_id)
            seller.settings_token, seller.settings_asked_at = f"asks-{seller_id}", NOW
            session.add(seller)
        return f"/settings/asks-{seller_id}"

    async def fill(self, seller_id: str) -> None:
        """A case of each kind that a page shows in its own way."""
        final = [{"kind": "final_notice", "sent_on": "2026-02-15"}]
        old = {"invoice_date": "2026-01-10", "notices_sent": final}
        await self.order(seller_id, "A-1")
        held = await self.order(seller_id, "A-2")
        await self.call("POST", f"/v1/cases/{held}/hold", {"until": "2026-03-20"})
        stopped = await self.order(seller_id, "A-3")
        await self.call("POST", f"/v1/cases/{stopped}/stop")
        waiting = await self.order(seller_id, "A-4", **old)
        await self.change(waiting, lambda case, inputs: handoff_decided(case, inputs, NOW))
        street = {"street": "Hauptstr.", "postal_code": "10115", "city": "Berlin", "country": "DE"}
        blocked = await self.order(seller_id, "A-5", customer={"address": street})
        await self.change(blocked, lambda case, inputs: blocked_by_address(case, inputs, NOW))
        await self.order(seller_id, "A-6", customer={"last_name": HOSTILE, "company": HOSTILE})
        await self.order(seller_id, "A-7")
        paid = {"payment_id": f"p-{seller_id}", "seller_id": seller_id}
        paid |= {"paid_at": "2026-03-01T12:00:00+01:00"}
        await self.call("POST", "/v1/payments", a_payment(order_id="A-7", **paid))


@asynccontextmanager
async def served_console(database: Database) -> AsyncIterator[ServedConsole]:
    listening = bind(0, setting="a test")
    listening.listen()
    url = address_of(listening)
    settings = Settings.model_construct(console_url=url)
    async with OfflineApi.opened(database, settings=settings, create_app=create_app) as offline:
        console = ServedConsole(offline, url)
        for seller_id, company in (("s-1", "Kurse GmbH"), ("s-2", "Andere AG")):
            await console.seller(seller_id, company)
        await console.fill("s-1")
        await console.order("s-2", "X-1", customer={"last_name": "Foreign"})
        config = uvicorn.Config(
            offline.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield console
        server.should_exit = True
        await serving
