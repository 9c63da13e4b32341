"""Answers of Debitura, written down from its contract: whatever of them is there is enough.

`answers/` has one of each with every field that the contract names. Nothing of a field that the
adapter does not read may matter, nothing that the contract does not require may be needed, and a
date may be written in all the ways of a date-time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from adapters.partner.debitura import DebituraPartner, DebituraWebhooks
from adapters.partner.port import (
    ClaimHandle,
    ClaimReport,
    ClaimTaken,
    OpenClaim,
    PartnerError,
    PartnerPayment,
)
from dunning.claims import ClaimPhase, ClaimStatus
from dunning.money import Money
from tests.adapters.claims import a_document, a_known_creditor, a_report, a_submission
from tests.adapters.recorded import (
    CASE_ID,
    RECORDED,
    Recorded,
    as_dates_are_written,
    connected,
    fields,
    only,
    with_nulls,
    with_unknown_fields,
)
from tests.partners.pairs import sandbox_pair

HANDLE: Final = ClaimHandle(reference="abcd2345-1", partner_id=CASE_ID)
TAKEN: Final = ClaimTaken(
    partner_id=CASE_ID,
    reference="abcd2345-1",
    taken_at=datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
)
REPORT: Final = ClaimReport(
    status=ClaimStatus(
        phase=ClaimPhase.IN_COURT, collected=Money(amount=Decimal("30.00"), currency="EUR")
    ),
    amount=Decimal("119.00"),
    currency="EUR",
    payments=(
        PartnerPayment(
            payment_id="a0b1c2d3-0001-4000-8000-000000000001",
            on=date(2026, 4, 20),
            amount=Decimal("30.00"),
        ),
    ),
)


@pytest.fixture(
    params=[
        lambda answer: answer,
        with_unknown_fields,
        with_nulls,
        as_dates_are_written(r"\1T\2.1234567Z"),
        as_dates_are_written(r"\1T\2.1Z"),
        as_dates_are_written(r"\1T\2"),
        as_dates_are_written(r"\1T\2+00:00"),
    ],
    ids=["whole", "unknown fields", "nulls", "ticks", "a fraction", "no zone", "an offset"],
)
async def transport(request: pytest.FixtureRequest) -> Recorded:
    return Recorded(request.param)


@pytest.fixture
async def partner(transport: Recorded) -> AsyncIterator[DebituraPartner]:
    async with connected(transport) as http:
        yield DebituraPartner(http)


def to_the_second(taken: ClaimTaken | None) -> ClaimTaken:
    assert taken is not None
    assert taken.taken_at is not None
    return taken.model_copy(update={"taken_at": taken.taken_at.replace(microsecond=0)})


class TestEveryAnswer:
    async def test_r15_a_claim_that_is_there_is_found(self, partner):
        assert to_the_second(await partner.find("abcd2345-1")) == TAKEN
        assert to_the_second(await partner.submit(a_submission())) == TAKEN

    async def test_r15_a_new_claim_is_taken_for_its_seller(self, partner, transport):
        transport.answers["case"]["creditorReference"] = "abcd2345-9"

        taken = await partner.submit(
            a_submission(reference="abcd2345-9", creditor=a_known_creditor(name="Kurse GmbH"))
        )

        assert (taken.partner_id, taken.is_new) == (CASE_ID, True)
        (sent,) = transport.written
        assert sent["creditorDivisionId"] == RECORDED["division"]["id"]

    async def test_r15_a_seller_that_is_not_there_becomes_a_division(self, partner, transport):
        transport.answers["divisions"]["divisions"] = []
        transport.answers["divisions"]["page"]["totalResults"] = 0
        transport.answers["case"]["creditorReference"] = "abcd2345-9"

        await partner.submit(a_submission(reference="abcd2345-9", creditor=a_known_creditor()))

        made, sent = transport.written
        assert made["companyName"] == "Kurse GmbH"
        assert sent["creditorDivisionId"] == RECORDED["division"]["id"]

    async def test_r15_how_a_claim_stands_is_read(self, partner):
        assert await partner.status(HANDLE) == REPORT

    async def test_r15_the_open_claims_are_those_with_a_reference_of_ours(self, partner):
        found = [claim async for claim in partner.open_claims()]

        assert [claim.handle.reference for claim in found] == ["abcd2345-1", "abcd2345-2"]
        assert found[0] == OpenClaim(handle=HANDLE, report=REPORT)

    async def test_r15_a_message_is_written_by_a_user_of_the_account(self, partner, transport):
        await partner.report(HANDLE, a_report())
        await partner.withdraw(HANDLE, key="w", reason="a mistake")

        assert [sent["userEmail"] for sent in transport.written] == [
            "ada.muster@kurse.example.org"
        ] * 2

    async def test_r16_what_was_written_or_given_before_is_not_given_again(
        self, partner, transport
    ):
        transport.answers["chats"][0]["message"] = "[case1/1/payment/p-1] The debtor paid"
        transport.answers["files"][0]["fileName"] = a_document().name

        await partner.report(HANDLE, a_report())
        await partner.attach(HANDLE, a_document())

        assert transport.written == []

    async def test_webhooks_are_made_listed_and_tried(self, transport):
        async with connected(transport) as http:
            webhooks = DebituraWebhooks(http)
            made = await webhooks.subscribe("https://dunning.example.com/v1/partner/webhooks")
            lost, told = await webhooks.events_of(CASE_ID)
            await webhooks.replay(lost.id)

            assert made.id == RECORDED["webhook"]["id"]
            assert made.secret == RECORDED["webhook"]["secret"]
            assert (lost.event_type, lost.delivered_at) == ("payment.created", None)
            assert told.delivered_at is not None
            assert not await webhooks.test(made.id)


class TestWhatIsNeeded:
    async def test_a_case_has_to_have_its_id_and_nothing_else_to_be_found(self):
        async with connected(Recorded(only(case=("id",)))) as http:
            taken = await DebituraPartner(http).find("abcd2345-1")

        assert taken == ClaimTaken(partner_id=CASE_ID, reference="abcd2345-1")

    async def test_amounts_and_currency_are_enough_to_say_how_a_claim_stands(self):
        needed = only(case=("id", "grossAmount", "currency"))
        async with connected(Recorded(needed)) as http:
            report = await DebituraPartner(http).status(HANDLE)

        assert report.status.phase is ClaimPhase.SUBMITTED
        # Without a word of who got it, all that is listed is the agency's.
        assert str(report.status.collected) == "50.00"
        assert {(payment.payment_id is None, payment.on) for payment in report.payments} == {
            (False, None)
        }

    @pytest.mark.parametrize("missing", ["id", "grossAmount", "currency"])
    async def test_without_them_nothing_can_be_said(self, missing):
        def change(answer: Any) -> Any:
            is_case = isinstance(answer, dict) and "closeCode" not in answer
            return {k: v for k, v in answer.items() if k != missing} if is_case else answer

        async with connected(Recorded(change)) as http:
            with pytest.raises(PartnerError, match="unreadable"):
                await DebituraPartner(http).status(HANDLE)

    async def test_a_list_has_to_say_who_is_in_it(self):
        needed = only(page=("page", "totalResults"), cases=("cases", "id"))
        async with connected(Recorded(needed)) as http:
            found = [claim async for claim in DebituraPartner(http).open_claims()]

        assert found == []

    @pytest.mark.parametrize("nothing", [{}, {"items": None}, {"items": []}])
    async def test_a_timeline_may_have_no_items_at_all(self, nothing):
        transport = Recorded()
        transport.answers["timeline"] = nothing
        async with connected(transport) as http:
            status = (await DebituraPartner(http).status(HANDLE)).status

        assert status.phase is ClaimPhase.ACCEPTED

    async def test_days_are_taken_as_they_are_written(self):
        written = as_dates_are_written(r"\1T\2-11:00")
        async with connected(Recorded(written)) as http:
            report = await DebituraPartner(http).status(HANDLE)

        assert report.payments == REPORT.payments

    async def test_plain_dates_are_dates_too(self):
        async with connected(Recorded(as_dates_are_written(r"\1"))) as http:
            partner = DebituraPartner(http)
            assert (await partner.status(HANDLE)).payments == REPORT.payments
            taken = await partner.find("abcd2345-1")

        assert taken is not None
        assert taken.taken_at == datetime(2026, 4, 1, tzinfo=UTC)

    async def test_a_case_whose_lifecycle_is_closed_is_closed(self):
        transport = Recorded()
        transport.answers["case"]["lifecycle"] = "Closed"
        async with connected(transport) as http:
            status = (await DebituraPartner(http).status(HANDLE)).status

        assert status.phase is ClaimPhase.CLOSED


class TestTheSandbox:
    """Its answers have no field that the written ones do not have: it adds none of its own."""

    async def test_it_answers_in_the_shapes_of_the_contract(self):
        async with sandbox_pair() as pair:
            hook = await pair.agency.subscribe("http://backend.localhost/")
            taken = await pair.partner().submit(a_submission(creditor=a_known_creditor()))
            handle = ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)
            await pair.partner().report(handle, a_report())
            await pair.partner().attach(handle, a_document())
            await pair.agency.post(f"/test/cases/{handle.partner_id}/dispute", {"disputed": True})
            await pair.agency.advance(handle.partner_id, "Legal", "30.00")
            await pair.agency.advance(handle.partner_id, "Closed:PartiallyPaid")
            case = f"/cases/{handle.partner_id}"
            shown = {
                "case": await pair.agency.get(case),
                "cases": await pair.agency.get("/cases"),
                "timeline": await pair.agency.get(f"{case}/timeline"),
                "payments": await pair.agency.get(f"{case}/payments"),
                "chats": await pair.agency.get(f"{case}/chats"),
                "files": await pair.agency.get(f"{case}/files"),
                "users": await pair.agency.get("/users"),
                "divisions": await pair.agency.get("/divisions"),
                "webhook": hook,
                "webhook_events": await pair.agency.get(
                    f"/webhooks/events?caseId={handle.partner_id}"
                ),
            }

        recorded = {**RECORDED, "case": RECORDED["case"] | RECORDED["cases"]["cases"][2]}
        for name, answer in shown.items():
            assert fields(answer) <= fields(recorded[name]), name
        assert fields(shown["cases"]) >= {
            "page.totalResults",
            "page.pageSize",
            "page.currentPage",
            "page.responseCount",
            "page.totalPages",
            "cases.id",
        }
