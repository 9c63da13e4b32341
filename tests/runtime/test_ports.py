"""Listening: nothing waits in a socket, and a taken port is named."""

from __future__ import annotations

import asyncio
import socket

import pytest

from runtime.ports import PortTaken, bind, free_port


async def test_answers_leave_at_once() -> None:
    sends_at_once: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def look(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        sends_at_once.set_result(bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    bound = bind(0, setting="DUNNING_API_PORT")
    async with await asyncio.start_server(look, sock=bound):
        _, writer = await asyncio.open_connection("127.0.0.1", bound.getsockname()[1])
        assert await sends_at_once
        writer.close()


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with bind(0, setting="DUNNING_API_PORT") as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            bind(port, setting="DUNNING_API_PORT")

    assert str(port) in str(refused.value)
    assert "--api-port" in str(refused.value)
    assert "DUNNING_API_PORT" in str(refused.value)


def test_a_free_port_is_none_that_an_outgoing_connection_may_get() -> None:
    assert free_port() < 32_768
