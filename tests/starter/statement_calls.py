"""Calls about statements: import, book, take back."""

from __future__ import annotations

from typing import Any

import httpx

from tests.starter.backend import Backend, Document
from tests.statement_files import a_table


async def upload(backend: Backend, content: bytes, query: str = "") -> httpx.Response:
    headers = {"Content-Type": "application/octet-stream"}
    path = f"/v1/sellers/{{s}}/statements{query}"
    return await backend.send("POST", path, content=content, headers=headers)


async def imported(backend: Backend, *rows: str) -> Document:
    answer = await upload(backend, a_table(*rows))
    assert answer.status_code == 201, answer.text
    document: Document = answer.json()
    return document


async def book(backend: Backend, line: Document, *shares: Document) -> Document:
    path = f"/v1/sellers/{{s}}/lines/{line['line_id']}/book"
    return await backend.granted("POST", path, list(shares))


async def take_back(backend: Backend, line: Document) -> Document:
    return await backend.granted("POST", f"/v1/sellers/{{s}}/lines/{line['line_id']}/take_back")


def share(order_id: str = "A-1", amount: str = "119.00", **given: Any) -> Document:
    return {"order_id": order_id, "installment": None, "amount": amount} | given


def verdicts(statement: Document) -> list[str]:
    return [line["verdict"] for line in statement["lines"]]
