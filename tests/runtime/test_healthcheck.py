"""Whether a process answers is found out without asking anything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime.healthcheck import main
from runtime.ports import free_port


@asynccontextmanager
async def answering(status: str) -> AsyncIterator[str]:
    """A server that answers everything with one status; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/healthz"


@pytest.mark.parametrize(
    ("status", "code"),
    [("200 OK", 0), ("401 Unauthorized", 0), ("404 Not Found", 0), ("503 Unavailable", 1)],
)
async def test_who_answers_is_alive_unless_it_fails(status: str, code: int) -> None:
    async with answering(status) as url:
        assert await asyncio.to_thread(main, [url]) == code


async def test_one_that_answers_is_enough() -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    async with answering("200 OK") as url:
        assert await asyncio.to_thread(main, [nobody, url]) == 0
        assert await asyncio.to_thread(main, [nobody]) == 1


async def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    async with answering("200 OK") as url:
        assert await asyncio.to_thread(main, [url]) == 0


def test_what_is_no_address_does_not_answer() -> None:
    assert main(["nonsense"]) == main([]) == 1
