"""Calls with many orders, a line each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable

from tests.starter.backend import Backend, Document

BATCH = "/v1/orders/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


def lines_of(documents: Iterable[Document | str]) -> bytes:
    """Documents a line each; a text is a line as it is."""
    texts = (one if isinstance(one, str) else json.dumps(one) for one in documents)
    return "".join(f"{text}\n" for text in texts).encode()


async def send(backend: Backend, *documents: Document | str) -> list[Document]:
    """The answers to the lines of a batch."""
    return await send_content(backend, lines_of(documents))


async def send_content(
    backend: Backend, content: bytes | AsyncIterator[bytes], headers: dict[str, str] = NDJSON
) -> list[Document]:
    answer = await backend.send("POST", BATCH, content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]
