"""An adapter together with the agency it talks to, so that a test can inspect both."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from adapters.partner.csv.partner import CsvPartner
from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import ClaimHandle, CollectionPartner
from tests.clocks import FixedClock
from tests.partners.sandbox import Caller, calling

KEY = "the-key"
NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
Action = Literal["accepted", "in_court", "recovered", "uncollectible", "rejected", "withdrawn"]


class PartnerPair(ABC):
    """A partner as the system sees it, and the agency behind it."""

    @abstractmethod
    def partner(self) -> CollectionPartner:
        """The adapter as another process would have it."""

    @abstractmethod
    async def claims(self) -> list[str]:
        """The references of all claims that the agency has."""

    @abstractmethod
    async def told(self, handle: ClaimHandle) -> list[str]:
        """What the agency was told of a claim, a text each."""

    @abstractmethod
    async def documents(self, handle: ClaimHandle) -> list[str]:
        """The names of the documents of a claim."""

    @abstractmethod
    async def do(self, handle: ClaimHandle, action: Action, collected: str | None = None) -> None:
        """Have the agency do something with a claim."""


class LosesAnswers(httpx.AsyncBaseTransport):
    """The way to an application: answers to POST can be lost on it, what is asked for hidden."""

    def __init__(self, app: Any) -> None:
        self._to_app = httpx.ASGITransport(app)
        self.loses = 0
        self.hides_cases = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._to_app.handle_async_request(request)
        if request.method == "POST" and self.loses:
            self.loses -= 1
            raise httpx.ReadTimeout("lost", request=request)
        if request.method == "GET" and self.hides_cases:
            self.hides_cases -= 1
            return httpx.Response(404)
        return answer


class SandboxPair(PartnerPair):
    """The sandbox that speaks as the agency with the API does."""

    def __init__(self, http: httpx.AsyncClient, agency: Caller, way: LosesAnswers) -> None:
        self._http = http
        self.agency = agency
        self.way = way

    def partner(self) -> DebituraPartner:
        return DebituraPartner(self._http)

    async def claims(self) -> list[str]:
        listed = await self.agency.get("/cases?pageSize=100")
        return [case["creditorReference"] for case in listed["cases"]]

    async def told(self, handle: ClaimHandle) -> list[str]:
        chats = await self.agency.get(f"/cases/{handle.partner_id}/chats")
        return [chat["message"] for chat in chats]

    async def documents(self, handle: ClaimHandle) -> list[str]:
        files = await self.agency.get(f"/cases/{handle.partner_id}/files")
        return [file["fileName"] for file in files]

    async def do(self, handle: ClaimHandle, action: Action, collected: str | None = None) -> None:
        to = {
            "accepted": "Active",
            "in_court": "Legal",
            "recovered": "Closed:Paid",
            "uncollectible": "Closed:PartiallyPaid",
            "rejected": "Closed:Other",
            "withdrawn": "Closed:WithdrawnByClient",
        }
        await self.agency.advance(handle.partner_id, to[action], collected)


class FolderPair(PartnerPair):
    """An agency that fetches tables from a folder and puts its answers there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW)
        self._answers = 0

    def partner(self) -> CsvPartner:
        return CsvPartner(self.folder, self.clock)

    def rows(self) -> list[dict[str, str]]:
        found = []
        for path in sorted(self.folder.glob("claims-*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                found += list(csv.DictReader(file))
        return found

    async def claims(self) -> list[str]:
        return [row["reference"] for row in self.rows() if row["kind"] == "claim"]

    async def told(self, handle: ClaimHandle) -> list[str]:
        kinds = ("claim", "document")
        return [
            f"[{row['key']}] {row['amount']} {row['currency']} {row['words']}"
            for row in self.rows()
            if row["reference"] == handle.reference and row["kind"] not in kinds
        ]

    async def documents(self, handle: ClaimHandle) -> list[str]:
        rows = [row for row in self.rows() if row["kind"] == "document"]
        assert all((self.folder / row["file"]).is_file() for row in rows)
        return [row["key"] for row in rows if row["reference"] == handle.reference]

    async def do(self, handle: ClaimHandle, action: Action, collected: str | None = None) -> None:
        self.answer(f"{handle.reference},{action},,{collected or ''}")

    def answer(self, *lines: str, header: str = "reference,status,close_code,collected") -> None:
        self._answers += 1
        path = self.folder / f"answers-{self._answers:04}.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


@asynccontextmanager
async def sandbox_pair(**options: Any) -> AsyncIterator[SandboxPair]:
    async with calling(**options) as agency:
        way = LosesAnswers(agency.app)
        async with connect_partner("http://sandbox", KEY, transport=way) as http:
            yield SandboxPair(http, agency, way)
