"""A claim at Debitura after it was taken: its status, what is told of it, its documents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import (
    ClaimHandle,
    ClaimRefused,
    ClaimUnknown,
    DocumentKind,
    DocumentRefused,
    PartnerError,
    PartnerPayment,
)
from dunning.claims import ClaimPhase, Closing
from tests.adapters.claims import a_document, a_report, a_submission
from tests.partners.pairs import SandboxPair, sandbox_pair

URL = "https://partner.example/v1"
HANDLE = ClaimHandle(reference="abcd2345-1", partner_id="case 1")
CASE = {
    "id": "case 1",
    "creditorReference": "abcd2345-1",
    "dateCreated": "2026-04-01T09:30:00Z",
    "grossAmount": 119.0,
    "currency": "EUR",
}
STARTED = {"dateCollectionStarted": "2026-04-02T08:00:00Z"}
FINISHED = {"dateFinished": "2026-05-02T08:00:00Z"}
USERS = [{"id": "u-2", "email": "bo@example.org"}, {"id": "u-1", "email": "ada@example.org"}]
TIMELINE = {"items": [], "currentEngagementPhase": None}


@pytest.fixture
def api() -> Iterator[respx.Router]:
    """A partner with one claim of which it knows nothing more."""
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.get("/cases/case%201", name="case").respond(json=CASE)
        router.get("/cases/case%201/timeline", name="timeline").respond(json=TIMELINE)
        router.get("/cases/case%201/payments", name="payments").respond(json=[])
        router.get("/cases/case%201/chats", name="chats").respond(405)
        router.post("/cases/case%201/chats", name="write").respond(json={"id": "m"})
        router.get("/cases/case%201/files", name="files").respond(404)
        router.get("/users", name="users").respond(json={"users": USERS})
        router.post("/cases/case%201/files", name="upload").respond(json={"id": "f"})
        yield router


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """One for all tests: its certificates are read for 60 ms."""
    async with connect_partner(URL, "the-key") as http:
        yield http


@pytest.fixture
def partner(client: httpx.AsyncClient) -> DebituraPartner:
    return DebituraPartner(client)


def a_payment(amount: str, currency: str = "EUR", *, name: str = "p-1") -> str:
    return (
        f'{{"id": "{name}", "date": "2026-04-20T10:00:00Z", "grossAmount": {amount},'
        f' "currency": "{currency}", "recipient": "CollectionPartner", "method": "BankTransfer"}}'
    )


class TestStatus:
    @pytest.mark.parametrize(
        ("case", "phase", "expected"),
        [
            ({}, None, ClaimPhase.SUBMITTED),
            ({}, "Pre-legal", ClaimPhase.SUBMITTED),
            (STARTED, "Pre-legal", ClaimPhase.ACCEPTED),
            (STARTED, "Something new", ClaimPhase.ACCEPTED),
            (STARTED, "Legal", ClaimPhase.IN_COURT),
            ({}, "Enforcement", ClaimPhase.IN_COURT),
            ({**STARTED, **FINISHED, "closeCode": "Paid"}, "Legal", ClaimPhase.CLOSED),
            ({"closeCode": "Other"}, None, ClaimPhase.CLOSED),
        ],
    )
    async def test_r15_the_phase_follows_from_dates_and_timeline(
        self, api, partner, case, phase, expected
    ):
        api["case"].respond(json={**CASE, **case})
        api["timeline"].respond(json={"items": [], "currentEngagementPhase": phase})

        assert (await partner.status(HANDLE)).status.phase is expected

    @pytest.mark.parametrize(
        ("code", "started", "closing"),
        [
            ("Paid", True, Closing.RECOVERED),
            ("Paid", False, Closing.RECOVERED),
            ("WithdrawnByClient", True, Closing.WITHDRAWN),
            ("WithdrawnByClient", False, Closing.WITHDRAWN),
            ("Other", False, Closing.REJECTED),
            ("Other", True, Closing.UNCOLLECTIBLE),
            ("PartiallyPaid", True, Closing.UNCOLLECTIBLE),
            ("DebtorInsolventBankrupt", True, Closing.UNCOLLECTIBLE),
            ("DebtorUntraceable", False, Closing.UNCOLLECTIBLE),
            ("DisputedLegalActionDeclinedByClient", True, Closing.UNCOLLECTIBLE),
            ("PreLegalExhaustedNoPayment", True, Closing.UNCOLLECTIBLE),
            ("StatuteOfLimitationsExpired", True, Closing.UNCOLLECTIBLE),
            ("SettlementRejectedByClient", True, Closing.UNCOLLECTIBLE),
            ("UnresponsiveClient", True, Closing.UNCOLLECTIBLE),
            ("CodeOfTheFuture", False, Closing.UNCOLLECTIBLE),
            ("paid", True, Closing.UNCOLLECTIBLE),  # not a code of the documents
            (None, False, Closing.REJECTED),
            (None, True, Closing.UNCOLLECTIBLE),
        ],
    )
    async def test_r15_every_close_code_is_one_of_our_closings(
        self, api, partner, code, started, closing
    ):
        begun = STARTED if started else {}
        api["case"].respond(json={**CASE, **begun, **FINISHED, "closeCode": code})

        status = (await partner.status(HANDLE)).status

        assert status.closing is closing
        assert status.close_code == code

    @pytest.mark.parametrize(
        ("said", "is_disputed"),
        [
            ("Yes, the claim is disputed", True),
            ("No, the claim is not disputed", False),
            ("Disputed", True),
            ("NotDisputed", False),
            (True, True),
            (False, False),
            ("", False),
            (None, False),
        ],
    )
    async def test_r15_whether_the_customer_disputes(self, api, partner, said, is_disputed):
        api["case"].respond(json={**CASE, "disputeStatus": said})

        assert (await partner.status(HANDLE)).status.is_disputed is is_disputed

    async def test_what_the_agency_got_is_the_sum_of_its_payments(self, api, partner):
        listed = [
            a_payment("0.1"),
            a_payment("0.2", name="p-2"),
            a_payment("-0.05", name="p-3"),
        ]
        api["payments"].respond(text=f"[{','.join(listed)}]")

        report = await partner.status(HANDLE)

        assert str(report.status.collected) == "0.25"
        assert report.payments[0] == PartnerPayment(
            payment_id="p-1", on=date(2026, 4, 20), amount=Decimal("0.10")
        )

    @pytest.mark.parametrize(
        ("written", "currency", "amount"),
        [
            ("0.30000000000000004", "EUR", "0.30"),  # what binary floats make of 0.1 + 0.2
            ("1234567.89", "EUR", "1234567.89"),
            ("1234567.8899999999", "EUR", "1234567.89"),
            ("119000", "CLP", "119000"),
            ("119000.0", "CLP", "119000"),
            ("1.19e5", "CLP", "119000"),
            ("1.005", "KWD", "1.005"),
            ("90071992547409.93", "EUR", "90071992547409.93"),  # no binary float has this one
        ],
    )
    async def test_amounts_are_exact(self, api, partner, written, currency, amount):
        text = json.dumps({**CASE, "grossAmount": "G", "currency": currency})
        api["case"].respond(text=text.replace('"G"', written))
        api["payments"].respond(text=f"[{a_payment(written, currency)}]")

        report = await partner.status(HANDLE)

        assert str(report.amount) == amount
        assert str(report.status.collected.amount) == amount

    @pytest.mark.parametrize(
        ("written", "currency"),
        [
            ("0.305", "EUR"),
            ("1000.5", "CLP"),
            ("1e40", "EUR"),
            ("NaN", "EUR"),
            ("Infinity", "EUR"),
            ('"1.00"', "EUR"),
            ("true", "EUR"),
            ("null", "EUR"),
            ("1.00", "USD"),  # another currency than the claim's
        ],
    )
    async def test_an_amount_that_cannot_be_is_an_error(self, api, partner, written, currency):
        api["payments"].respond(text=f"[{a_payment(written, currency)}]")

        with pytest.raises(PartnerError):
            await partner.status(HANDLE)

    async def test_the_words_of_a_closed_claim_are_the_last_of_the_agency(self, api, partner):
        items = [
            {
                "date": "2026-05-02",
                "title": "Closed",
                "description": "No chance",
                "actor": "Agency",
            },
            {"date": "2026-04-01", "title": "Created", "actor": {"type": "System"}},
            {"date": "2026-05-03", "title": "Why?", "actor": {"type": "Creditor user"}},
        ]
        api["timeline"].respond(json={"items": items})
        assert (await partner.status(HANDLE)).words is None

        api["case"].respond(json={**CASE, **FINISHED, "closeCode": "Other"})

        assert (await partner.status(HANDLE)).words == "Closed: No chance"

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(404),
            httpx.Response(404, json={"error": "NotFound", "businessErrors": []}),
            httpx.Response(404, text="Not found"),
        ],
    )
    async def test_a_claim_that_is_gone_is_unknown(self, api, partner, answer):
        api["case"].side_effect = [answer]

        with pytest.raises(ClaimUnknown):
            await partner.status(HANDLE)

    @pytest.mark.parametrize("route", ["case", "timeline", "payments"])
    async def test_a_page_of_a_proxy_does_not_make_a_claim_unknown(self, api, partner, route):
        api[route].respond(404, html="<h1>Not found</h1>")

        with pytest.raises(PartnerError, match="answered 404") as failed:
            await partner.status(HANDLE)

        assert not isinstance(failed.value, ClaimUnknown)

    @pytest.mark.parametrize(
        ("recipient", "collected"),
        [
            ("CollectionPartner", "20.00"),
            ("Platform", "20.00"),
            ("Somebody", "20.00"),
            (None, "20.00"),
            ("Creditor", "0.00"),
            ("creditor", "0.00"),
        ],
    )
    async def test_r15_what_reached_the_seller_is_not_what_the_agency_got(
        self, api, partner, recipient, collected
    ):
        payment = {**json.loads(a_payment("20.00")), "recipient": recipient}
        api["payments"].respond(json=[payment])

        report = await partner.status(HANDLE)

        assert str(report.status.collected) == collected
        assert len(report.payments) == (collected != "0.00")

    async def test_another_claim_is_not_taken_for_this_one(self, api, partner):
        api["case"].respond(json={**CASE, "creditorReference": "other-1"})

        with pytest.raises(PartnerError, match="another claim"):
            await partner.status(HANDLE)

    @pytest.mark.parametrize("route", ["case", "timeline", "payments"])
    @pytest.mark.parametrize(
        ("answer", "pause"),
        [
            (httpx.Response(429, headers={"Retry-After": "120"}), timedelta(minutes=2)),
            (httpx.Response(503, headers={"Retry-After": "7"}), timedelta(seconds=7)),
            (httpx.Response(500), None),
            (httpx.Response(200, html="<h1>Hello</h1>"), None),
            (httpx.Response(200, json="odd"), None),
            (httpx.ConnectError("no route"), None),
        ],
    )
    async def test_what_may_pass_is_tried_again(self, api, partner, route, answer, pause):
        api[route].side_effect = [answer]

        with pytest.raises(PartnerError) as failed:
            await partner.status(HANDLE)

        assert failed.value.retry_after == pause
        assert not isinstance(failed.value, ClaimRefused | ClaimUnknown)


class TestTelling:
    async def test_a_report_says_what_happened_and_what_is_left(self, api, partner):
        await partner.report(HANDLE, a_report(amount=Decimal("1234567.89")))

        request = api["write"].calls.last.request
        assert json.loads(request.content) == {
            "message": "[case1/1/payment/p-1] The debtor paid the creditor on 2026-04-05: "
            "1234567.89 EUR. Now open: 100.00 EUR.",
            "userEmail": "ada@example.org",
        }
        assert request.headers["Idempotency-Key"] == "case1/1/payment/p-1"

    async def test_the_timeline_is_enough_to_know_that_it_was_told(self, api, partner):
        told = {"type": "ChatMessage", "description": "[case1/1/payment/p-1] The debtor paid"}
        api["timeline"].respond(json={"items": [told]})

        await partner.report(HANDLE, a_report())

        assert not api["write"].called

    @pytest.mark.parametrize("wrapped", [False, True])
    async def test_a_list_of_messages_is_looked_through_where_it_is_served(
        self, api, partner, wrapped
    ):
        told: Any = [{"id": "m-1", "message": "[case1/1/payment/p-1] The debtor paid"}]
        api["chats"].respond(json={"items": told} if wrapped else told)

        await partner.report(HANDLE, a_report())
        await partner.report(HANDLE, a_report("case1/1/payment/p-2"))

        assert api["write"].call_count == 1

    @pytest.mark.parametrize("route", ["timeline", "chats", "write"])
    async def test_what_may_pass_writes_nothing_twice(self, api, partner, route):
        api[route].side_effect = [httpx.Response(503, headers={"Retry-After": "9"})]

        with pytest.raises(PartnerError) as failed:
            await partner.report(HANDLE, a_report())

        assert failed.value.retry_after == timedelta(seconds=9)
        assert api["write"].call_count == (route == "write")

    async def test_a_claim_that_is_gone_while_it_is_told_is_unknown(self, api, partner):
        api["write"].respond(404)

        with pytest.raises(ClaimUnknown):
            await partner.report(HANDLE, a_report())

    async def test_a_reason_that_the_partner_quotes_is_not_repeated(self, api, partner):
        await partner.withdraw(HANDLE, key="w", reason="Jonas Weber has paid")
        told = json.loads(api["write"].calls.last.request.content)["message"]
        api["write"].respond(422, json={"businessErrors": [{"type": "Odd", "message": told}]})

        with pytest.raises(ClaimRefused) as refused:
            await partner.withdraw(HANDLE, key="w", reason="Jonas Weber has paid")

        assert "Weber" not in str(refused.value)

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    async def test_any_good_answer_is_one(self, api, partner, status):
        api["write"].respond(status)

        await partner.report(HANDLE, a_report())

    @pytest.mark.parametrize("status", [400, 422])
    async def test_what_it_will_never_hear_is_not_told_again(self, api, partner, status):
        api["write"].respond(status, json={"errors": {"message": ["is not wanted"]}})

        with pytest.raises(ClaimRefused, match="is not wanted"):
            await partner.withdraw(HANDLE, key="w", reason="a mistake")

    async def test_a_reason_without_end_is_cut(self, api, partner):
        await partner.withdraw(HANDLE, key="w", reason="x" * 9999)

        assert len(json.loads(api["write"].calls.last.request.content)["message"]) == 4000

    async def test_a_page_of_a_proxy_has_taken_nothing(self, api, partner):
        api["write"].respond(200, html="<h1>Please log in</h1>")
        api["upload"].respond(200, html="<h1>Please log in</h1>")

        for action in (
            partner.report(HANDLE, a_report()),
            partner.withdraw(HANDLE, key="w", reason="a mistake"),
            partner.attach(HANDLE, a_document()),
        ):
            with pytest.raises(PartnerError, match="unreadable"):
                await action


class TestDocuments:
    async def test_a_document_says_what_it_is(self, api, partner):
        await partner.attach(HANDLE, a_document(kind=DocumentKind.INVOICE))

        content = api["upload"].calls.last.request.content
        assert b'name="documentType"\r\n\r\nOriginalInvoice\r\n' in content
        assert b'name="description"\r\n\r\nfinal notice of 2026-01-26\r\n' in content
        assert b'filename="final_notice-2026-01-26.pdf"' in content
        assert b"Content-Type: application/pdf\r\n\r\n%PDF-1.7 letter\r\n" in content

    @pytest.mark.parametrize(("status", "words"), [(413, "too large"), (415, "of this type")])
    async def test_what_it_will_never_take_is_refused_for_good(self, api, partner, status, words):
        api["upload"].respond(status)

        with pytest.raises(DocumentRefused, match=words):
            await partner.attach(HANDLE, a_document())

    async def test_the_sandbox_refuses_what_is_too_large_or_of_another_kind(self):
        async with sandbox_pair() as pair:
            partner = pair.partner()
            taken = await partner.submit(a_submission())
            handle = ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)

            with pytest.raises(DocumentRefused, match="too large"):
                await partner.attach(handle, a_document(content=b"x" * (25 * 2**20 + 1)))
            with pytest.raises(DocumentRefused, match="of this type"):
                await partner.attach(handle, a_document("letter.exe"))
            with pytest.raises(DocumentRefused, match="is empty"):
                await partner.attach(handle, a_document(content=b""))
            assert await pair.documents(handle) == []


class TestLostAnswers:
    """The request has arrived, its answer has not: the next attempt finds what was done."""

    async def test_r16_there_is_one_of_everything(self):
        async with sandbox_pair() as pair:
            handle = await self._handle(pair)
            partner = pair.partner()
            actions: list[Any] = [
                lambda: partner.report(handle, a_report()),
                lambda: partner.withdraw(handle, key="w", reason="a mistake"),
                lambda: partner.attach(handle, a_document()),
            ]
            for action in actions:
                pair.way.loses = 1
                with pytest.raises(PartnerError, match="did not answer"):
                    await action()
                await action()

            assert await pair.claims() == ["abcd2345-1"]
            assert len(await pair.told(handle)) == 2
            assert len(await pair.documents(handle)) == 1

    async def _handle(self, pair: SandboxPair) -> ClaimHandle:
        pair.way.loses = 1
        with pytest.raises(PartnerError):
            await pair.partner().submit(a_submission())
        taken = await pair.partner().submit(a_submission())
        return ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)
