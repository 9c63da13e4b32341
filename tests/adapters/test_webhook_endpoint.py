"""An endpoint is told things over HTTP, and cannot do more than answer with a status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from adapters.webhook_endpoint import Answer, WebhookEndpoints, may_be_called
from tests.webhook_receiver import SECRET, Receiver, nobody_listens, receiving

AT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
CONTENT = {"type": "case.closed", "timestamp": AT.isoformat(), "data": {"words": "Grüße"}}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def deliver(url: str, *, patience: timedelta = timedelta(seconds=10)) -> Answer:
    async with WebhookEndpoints(patience=patience).reach(url, SECRET) as endpoint:
        return await endpoint.deliver("msg_1", CONTENT, at=AT)


async def test_the_library_of_standard_webhooks_verifies_what_was_sent(receiver: Receiver) -> None:
    answer = await deliver(receiver.url)

    assert answer == Answer("204", 204)
    assert answer.is_taken
    assert receiver.received[0].verified() == CONTENT
    headers = receiver.received[0].headers
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert headers["content-type"] == "application/json"
    assert headers["host"] in receiver.url


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (299, True), (400, False)])
async def test_any_2xx_is_taken(receiver: Receiver, status: int, is_taken: bool) -> None:
    receiver.will_answer(status)

    assert (await deliver(receiver.url)).is_taken is is_taken


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.will_answer(302, Location=receiver.url.replace("told", "elsewhere"))

    answer = await deliver(receiver.url)

    assert (answer.words, answer.is_taken) == ("302", False)
    assert [told.path for told in receiver.received] == ["/told"]


async def test_410_says_that_the_endpoint_is_gone(receiver: Receiver) -> None:
    receiver.will_answer(410)

    assert (await deliver(receiver.url)).is_gone


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("120", timedelta(minutes=2)), ("9" * 30, timedelta(days=1)), ("soon", None)],
)
async def test_how_long_it_wants_to_be_left_alone_is_kept(
    receiver: Receiver, asked: str, pause: timedelta | None
) -> None:
    receiver.will_answer(429, Retry_After=asked)

    assert (await deliver(receiver.url)).retry_after == pause


async def test_one_that_hangs_up_has_not_answered(receiver: Receiver) -> None:
    receiver.answers.append(None)

    answer = await deliver(receiver.url)

    assert answer.words == "no answer: RemoteProtocolError"
    assert (answer.is_taken, answer.is_reached) == (False, True)


async def test_one_that_takes_too_long_is_not_waited_for(receiver: Receiver) -> None:
    receiver.before_answering = asyncio.Event().wait

    answer = await deliver(receiver.url, patience=timedelta(milliseconds=50))

    assert answer.words.startswith("no answer: ")


async def test_one_that_never_ends_its_answer_has_answered(receiver: Receiver) -> None:
    receiver.will_answer(200, Content_Length="1000000")

    answer = await deliver(receiver.url, patience=timedelta(milliseconds=300))

    assert answer.words == "200"


async def test_where_nobody_listens_nobody_is_reached() -> None:
    answer = await deliver(nobody_listens())

    assert (answer.words, answer.is_reached) == ("not reached: ConnectError", False)


async def test_several_messages_go_over_one_connection(receiver: Receiver) -> None:
    async with WebhookEndpoints().reach(receiver.url, SECRET) as endpoint:
        for number in range(3):
            await endpoint.deliver(f"msg_{number}", CONTENT, at=AT)

    assert receiver.ids() == ["msg_0", "msg_1", "msg_2"]
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1"],
)
async def test_addresses_where_no_backend_lives_are_not_called(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    answer = await deliver(f"http://{host}/latest", patience=timedelta(seconds=1))

    assert not may_be_called(ip_address(address))
    assert (answer.words, answer.is_reached) == ("not reached: ConnectError", False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.7", "192.168.1.2", "8.8.8.8"])
def test_backends_may_live_on_this_machine_and_in_private_networks(address: str) -> None:
    assert may_be_called(ip_address(address))
