"""What goes wrong at Debitura, and what of it is tried again: every call, every kind of answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from traceback import format_exception
from typing import Any, Final

import httpx
import pytest

from adapters.partner.debitura import DebituraPartner, DebituraWebhooks
from adapters.partner.port import (
    ClaimHandle,
    ClaimRefused,
    ClaimUnknown,
    DocumentRefused,
    PartnerError,
)
from adapters.retry_after import LONGEST_PAUSE
from tests.adapters.claims import (
    PERSONAL,
    a_document,
    a_known_creditor,
    a_report,
    a_submission,
)
from tests.adapters.recorded import CASE_ID, Recorded, connected

HANDLE: Final = ClaimHandle(reference="abcd2345-1", partner_id=CASE_ID)
NOT_THERE: Final = a_submission(
    reference="abcd2345-9", creditor=a_known_creditor(name="Kurse GmbH")
)
URL: Final = "https://dunning.example.com/v1/partner/webhooks"
FIELD_ERRORS: Final = {"debtor.zipCode": ["is no postcode"]}
BUSINESS_ERRORS: Final = {"businessErrors": [{"type": "NoPartnerAvailable", "message": "Not here"}]}
PAGE: Final = "<!doctype html><h1>Jonas Weber</h1>"

Call = Callable[[DebituraPartner, DebituraWebhooks], Awaitable[object]]


async def the_open_claims(partner: DebituraPartner) -> list[object]:
    return [claim async for claim in partner.open_claims()]


# Which request of a call goes wrong: its method and the end of its path.
READING: Final[dict[str, tuple[tuple[str, str], Call]]] = {
    "find": (("GET", "abcd2345-1"), lambda p, w: p.find("abcd2345-1")),
    "status": (("GET", CASE_ID), lambda p, w: p.status(HANDLE)),
    "timeline": (("GET", "timeline"), lambda p, w: p.status(HANDLE)),
    "payments": (("GET", "payments"), lambda p, w: p.status(HANDLE)),
    "open claims": (("GET", "cases"), lambda p, w: the_open_claims(p)),
    "divisions": (("GET", "divisions"), lambda p, w: p.submit(NOT_THERE)),
    "users": (("GET", "users"), lambda p, w: p.report(HANDLE, a_report())),
    "webhook events": (("GET", "events"), lambda p, w: w.events_of(CASE_ID)),
}
WRITING: Final[dict[str, tuple[tuple[str, str], Call]]] = {
    "submit": (("POST", "cases"), lambda p, w: p.submit(NOT_THERE)),
    "report": (("POST", "chats"), lambda p, w: p.report(HANDLE, a_report())),
    "withdraw": (("POST", "chats"), lambda p, w: p.withdraw(HANDLE, key="w", reason="a mistake")),
    "attach": (("POST", "files"), lambda p, w: p.attach(HANDLE, a_document("other.pdf"))),
    "subscribe": (("POST", "webhooks"), lambda p, w: w.subscribe(URL)),
    "try a webhook": (("POST", "test"), lambda p, w: w.test("w-1")),
}
CALLS: Final = READING | WRITING


class GoesWrong(Recorded):
    """A partner that answers one request otherwise than the contract has it."""

    def __init__(self, request: tuple[str, str], answer: httpx.Response | Exception) -> None:
        super().__init__()
        self._wrong, self._answer = request, answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path.rpartition("/")[2]) != self._wrong:
            return await super().handle_async_request(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


async def failure(name: str, answer: httpx.Response | Exception) -> PartnerError:
    request, call = CALLS[name]
    async with connected(GoesWrong(request, answer)) as http:
        with pytest.raises(PartnerError) as failed:
            await call(DebituraPartner(http), DebituraWebhooks(http))
    assert not any(personal in "".join(format_exception(failed.value)) for personal in PERSONAL)
    return failed.value


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.ConnectError("no route"),
        lambda: httpx.ReadTimeout("slow"),
        lambda: httpx.Response(301, headers={"Location": "/elsewhere"}),
        lambda: httpx.Response(401, json={"title": "Unauthorized", "status": 401}),
        lambda: httpx.Response(403, html=PAGE),
        lambda: httpx.Response(429, json={"error": "rate_limit_exceeded", "retryAfter": 9.0}),
        lambda: httpx.Response(500, json=BUSINESS_ERRORS),
        lambda: httpx.Response(502, html=PAGE),
        lambda: httpx.Response(503, text="Jonas Weber"),
        lambda: httpx.Response(200, html=PAGE),
    ],
    ids=["no route", "slow", "301", "401", "403", "429", "500", "502", "503", "a page"],
)
async def test_what_may_pass_is_no_refusal(
    name: str, answer: Callable[[], httpx.Response | Exception]
) -> None:
    wrong = answer()
    failed = await failure(name, wrong)

    assert type(failed) is PartnerError
    is_busy = isinstance(wrong, httpx.Response) and wrong.status_code == 429
    assert failed.retry_after == (timedelta(seconds=9) if is_busy else None)


@pytest.mark.parametrize("name", [*READING, "submit", "subscribe", "try a webhook"])
@pytest.mark.parametrize("content", ["", "{", '"odd"', "17", "[1]", '{"a": NaN}'])
async def test_what_is_no_answer_may_pass_too(name: str, content: str) -> None:
    failed = await failure(name, httpx.Response(200, text=content))

    assert type(failed) is PartnerError


@pytest.mark.parametrize("name", ["submit", "report", "withdraw"])
@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (FIELD_ERRORS, "debtor.zipCode: is no postcode"),
        ({"errors": FIELD_ERRORS, "title": "Wrong"}, "debtor.zipCode: is no postcode"),
        (BUSINESS_ERRORS, "NoPartnerAvailable: Not here"),
        (BUSINESS_ERRORS | {"error": "x", "message": "x"}, "NoPartnerAvailable: Not here"),
    ],
)
async def test_r15_a_refusal_is_for_good_and_in_the_partners_words(
    name: str, status: int, body: Any, words: str
) -> None:
    failed = await failure(name, httpx.Response(status, json=body))

    assert type(failed) is ClaimRefused
    assert str(failed) == words


@pytest.mark.parametrize("name", ["submit", "report", "withdraw", "attach"])
@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("content", [PAGE, "", "[]", "{"])
async def test_a_refusal_that_says_nothing_readable_may_pass(
    name: str, status: int, content: str
) -> None:
    failed = await failure(name, httpx.Response(status, text=content))

    assert type(failed) is PartnerError


@pytest.mark.parametrize(
    ("status", "body"), [(400, FIELD_ERRORS), (422, BUSINESS_ERRORS), (413, {}), (415, {})]
)
async def test_a_document_can_be_refused_for_good(status: int, body: Any) -> None:
    assert type(await failure("attach", httpx.Response(status, json=body))) is DocumentRefused


@pytest.mark.parametrize(
    "name", ["status", "timeline", "payments", "report", "withdraw", "attach", "webhook events"]
)
async def test_404_is_a_claim_that_is_not_there(name: str) -> None:
    error = {"error": "NotFound", "message": "Case not found"}

    assert type(await failure(name, httpx.Response(404, json=error))) is ClaimUnknown
    assert type(await failure(name, httpx.Response(404, html=PAGE))) is PartnerError


@pytest.mark.parametrize("name", ["submit", "open claims", "divisions", "subscribe"])
async def test_elsewhere_404_is_a_wrong_address_that_somebody_mends(name: str) -> None:
    assert type(await failure(name, httpx.Response(404, json={}))) is PartnerError


@pytest.mark.parametrize(
    ("body", "pause"),
    [
        ({"error": "rate_limit_exceeded", "retryAfter": 42.0}, timedelta(seconds=42)),
        ({"retryAfter": 7}, timedelta(seconds=7)),
        ({"retryAfter": 0.5}, timedelta(seconds=0.5)),
        ({"retryAfter": 1e300}, LONGEST_PAUSE),
        ({"retryAfter": -1}, timedelta(0)),
        ({"retryAfter": "42"}, None),
        ({"retryAfter": True}, None),
        ({"retryAfter": None}, None),
        ({}, None),
        ([], None),
        ("<h1>Too many</h1>", None),
    ],
)
async def test_with_429_the_pause_stands_in_the_body(body: Any, pause: timedelta | None) -> None:
    content = body if isinstance(body, str) else json.dumps(body)

    assert (await failure("submit", httpx.Response(429, text=content))).retry_after == pause


async def test_a_header_counts_more_than_the_body() -> None:
    answer = httpx.Response(429, headers={"Retry-After": "0"}, json={"retryAfter": 42})

    assert (await failure("submit", answer)).retry_after == timedelta(0)
