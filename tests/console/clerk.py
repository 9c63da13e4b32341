"""Somebody of a seller's people with a browser that runs no scripts, and a shop that sells."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Self

import httpx
from temporalio.client import Client

from console.app import create_app
from dunning.receivables import case_id_of
from models.keys import create_key
from models.outbox import CaseRef
from runtime.database import Database
from runtime.settings import Settings
from simulation.clock import ScenarioClock
from starter.delivery.client import CaseClient
from starter.services import Services
from tests.orders import ADA
from tests.starter.backend import NOW, PROFILE

BASE = "http://dunning.localhost"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
Document = dict[str, Any]


class Shop:
    """The API and the console on a database of its own, without a Temporal server."""

    def __init__(self, database: Database, app: Any, clock: ScenarioClock, token: str) -> None:
        self.database = database
        self.app = app
        self.clock = clock
        self.now = NOW
        self.mailed: list[tuple[str, str]] = []
        self._token = token

    @classmethod
    @asynccontextmanager
    async def opened(cls, database: Database) -> AsyncIterator[Self]:
        clock = ScenarioClock()
        cases = CaseClient(await Client.connect("127.0.0.1:1", lazy=True), clock)
        mailed: list[tuple[str, str]] = []

        async def leave(_untold: Sequence[CaseRef]) -> None:
            """Nobody is there to hear of it."""

        async def mail(seller_id: str, path: str) -> None:
            mailed.append((seller_id, path))

        services = Services(
            database=database, cases=cases, tell_soon=leave, clock=clock, mail_sign_in_link=mail
        )
        settings = Settings.model_construct(console_url=BASE)
        async with database.writing() as session:
            key = await create_key(session, at=NOW)
        shop = cls(database, create_app(services, settings), clock, key.token)
        shop.mailed = mailed
        yield shop

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call of the API as a backend."""
        async with self._client() as api:
            with self.clock.at(self.now):
                headers = {"Authorization": f"Bearer {self._token}"}
                return await api.request(method, path, json=body, headers=headers)

    async def granted(self, method: str, path: str, body: Any = None) -> Document:
        answer = await self.call(method, path, body)
        assert answer.is_success, answer.text
        document: Document = answer.json()
        return document

    async def seller(self, seller_id: str = "s-1", **profile: Any) -> str:
        await self.granted("PUT", f"/v1/sellers/{seller_id}", PROFILE | profile)
        settings = {"dunning_option": "court"}
        await self.granted("PATCH", f"/v1/sellers/{seller_id}/settings", settings)
        return seller_id

    async def order(self, order_id: str, seller_id: str = "s-1", **given: Any) -> str:
        """An order of 119.00 EUR; the id of its case."""
        body = {
            "seller_id": seller_id,
            "order_id": order_id,
            "invoice_date": "2026-03-02",
            "currency": "EUR",
            "total": "119.00",
            "customer": ADA | {"customer_id": f"c-{order_id}"} | given.pop("customer", {}),
        }
        await self.granted("POST", "/v1/orders", body | given)
        return case_id_of(seller_id, order_id, None)

    async def link(self, seller_id: str = "s-1", **body: Any) -> str:
        """A link of the API, as a path."""
        made = await self.granted("POST", f"/v1/sellers/{seller_id}/console_links", body)
        return str(made["url"]).removeprefix(BASE)

    @asynccontextmanager
    async def clerk(self, seller_id: str = "s-1", name: str = "Maria") -> AsyncIterator[Clerk]:
        """Somebody who is signed in."""
        async with AsyncExitStack() as stack:
            clerk = Clerk(self, await stack.enter_async_context(self._client()))
            await clerk.post(await self.link(seller_id), name=name)
            yield clerk

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Clerk]:
        async with self._client() as browser:
            yield Clerk(self, browser)

    def later(self, **by: int) -> datetime:
        self.now += timedelta(**by)
        return self.now

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=BASE)


class Clerk:
    """Asks for pages and sends forms, from the console's own pages unless told otherwise."""

    def __init__(self, shop: Shop, browser: httpx.AsyncClient) -> None:
        self.shop = shop
        self.browser = browser

    async def get(self, path: str, **headers: str) -> httpx.Response:
        with self.shop.clock.at(self.shop.now):
            return await self.browser.get(path, headers=headers)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"))
        return answer.text

    async def send(
        self, path: str, form: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        with self.shop.clock.at(self.shop.now):
            return await self.browser.post(
                path, data=form, headers=SAME_ORIGIN if headers is None else headers
            )

    async def post(self, path: str, **form: Any) -> httpx.Response:
        return await self.send(path, form)

    async def followed(self, path: str, **form: Any) -> str:
        """The page to which a form that was taken leads."""
        answer = await self.post(path, **form)
        assert answer.status_code == 303, answer.text
        return await self.page(answer.headers["location"])


def nonce_of(html: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', html)
    assert found
    return found[1]
