"""The console without Temporal, and somebody whose browser runs no scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Self

import httpx

from console.app import create_app
from dunning.receivables import case_id_of
from runtime.database import Database
from runtime.settings import Settings
from tests.bodies import a_seller, ada, an_order
from tests.offline import BASE, NOW, OfflineApi, client_of

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
Document = dict[str, Any]


class OfflineConsole:
    """The API and the console on a database of its own, without a Temporal server."""

    def __init__(self, offline: OfflineApi, mailed: list[tuple[str, str]]) -> None:
        self.offline = offline
        self.database = offline.database
        self.app = offline.app
        self.clock = offline.clock
        self.now = NOW
        self.mailed = mailed

    @classmethod
    @asynccontextmanager
    async def opened(cls, database: Database) -> AsyncIterator[Self]:
        mailed: list[tuple[str, str]] = []

        async def mail(seller_id: str, path: str) -> None:
            mailed.append((seller_id, path))

        settings = Settings.model_construct(console_url=BASE)
        async with OfflineApi.opened(
            database, settings=settings, create_app=create_app, mail_sign_in_link=mail
        ) as offline:
            yield cls(offline, mailed)

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call of the API as a backend."""
        with self.clock.at(self.now):
            return await self.offline.api.request(method, path, json=body)

    async def granted(self, method: str, path: str, body: Any = None) -> Document:
        answer = await self.call(method, path, body)
        assert answer.is_success, answer.text
        document: Document = answer.json()
        return document

    async def seller(self, seller_id: str = "s-1", **profile: Any) -> str:
        await self.granted("PUT", f"/v1/sellers/{seller_id}", a_seller() | profile)
        settings = {"dunning_option": "court"}
        await self.granted("PATCH", f"/v1/sellers/{seller_id}/settings", settings)
        return seller_id

    async def order(self, order_id: str, seller_id: str = "s-1", **given: Any) -> str:
        """An order of 119.00 EUR; the id of its case."""
        customer = ada(customer_id=f"c-{order_id}") | given.pop("customer", {})
        body = an_order(order_id, seller_id=seller_id, customer=customer, **given)
        await self.granted("POST", "/v1/orders", body)
        return case_id_of(seller_id, order_id, None)

    async def link(self, seller_id: str = "s-1", **body: Any) -> str:
        """A link of the API, as a path."""
        made = await self.granted("POST", f"/v1/sellers/{seller_id}/console_links", body)
        return str(made["url"]).removeprefix(BASE)

    @asynccontextmanager
    async def clerk(self, seller_id: str = "s-1", name: str = "Maria") -> AsyncIterator[Clerk]:
        """Somebody who is signed in."""
        async with AsyncExitStack() as stack:
            clerk = Clerk(self, await stack.enter_async_context(client_of(self.app)))
            await clerk.post(await self.link(seller_id), name=name)
            yield clerk

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Clerk]:
        async with client_of(self.app) as browser:
            yield Clerk(self, browser)

    def later(self, **by: int) -> datetime:
        self.now += timedelta(**by)
        return self.now


class Clerk:
    """Asks for pages and sends forms, from the console's own pages unless told otherwise."""

    def __init__(self, console: OfflineConsole, browser: httpx.AsyncClient) -> None:
        self.console = console
        self.browser = browser

    async def get(self, path: str, **headers: str) -> httpx.Response:
        with self.console.clock.at(self.console.now):
            return await self.browser.get(path, headers=headers)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"))
        return answer.text

    async def send(
        self, path: str, form: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        with self.console.clock.at(self.console.now):
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
