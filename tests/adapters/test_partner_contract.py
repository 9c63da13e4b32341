"""What every adapter of a collection partner has to keep to (R15, R16)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.partner.port import (
    ClaimHandle,
    ClaimTaken,
    ClaimUnknown,
    CollectionPartner,
    PartnerError,
    ReportKind,
)
from dunning.claims import ClaimPhase, Closing
from dunning.money import Money
from tests.adapters.claims import a_document, a_known_creditor, a_report, a_submission, nobodys
from tests.partners.pairs import Action, FolderPair, PartnerPair, sandbox_pair


@pytest.fixture(params=["api", "folder"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PartnerPair]:
    if request.param == "folder":
        yield FolderPair(tmp_path)
        return
    async with sandbox_pair() as opened:
        yield opened


@pytest.fixture
def partner(pair: PartnerPair) -> CollectionPartner:
    return pair.partner()


@pytest.fixture
async def handle(partner: CollectionPartner) -> ClaimHandle:
    taken = await partner.submit(a_submission())
    return ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)


def as_known(taken: ClaimTaken) -> ClaimTaken:
    """The same claim, as the partner names it when it is asked again."""
    return taken.model_copy(update={"is_new": False})


class TestSubmitting:
    async def test_r16_twice_is_one_claim_and_the_same_answer(self, pair, partner):
        first = await partner.submit(a_submission())
        second = await pair.partner().submit(a_submission(amount=Decimal("99.00")))

        assert second == as_known(first)
        assert first.is_new
        assert first.reference == "abcd2345-1"
        assert first.taken_at is not None
        assert await pair.claims() == ["abcd2345-1"]

    async def test_r16_at_the_same_moment_there_is_one_claim(self, pair):
        tries = (pair.partner().submit(a_submission()) for _ in range(5))

        answers = await asyncio.gather(*tries)

        assert len({answer.partner_id for answer in answers}) == 1
        assert await pair.claims() == ["abcd2345-1"]

    async def test_r16_the_next_round_is_another_claim(self, pair, partner):
        await partner.submit(a_submission(reference="abcd2345-1"))
        await partner.submit(a_submission(reference="abcd2345-2", round=2))

        assert await pair.claims() == ["abcd2345-1", "abcd2345-2"]

    async def test_a_claim_is_found_by_its_reference(self, pair, partner):
        assert await partner.find("abcd2345-1") is None
        taken = await partner.submit(a_submission(creditor=a_known_creditor()))

        assert await pair.partner().find("abcd2345-1") == as_known(taken)

    @pytest.mark.parametrize("reference", ["a/b?c#d%2F:e-1", "a..", "abcd2345-1"])
    async def test_a_reference_with_odd_signs_is_as_good(self, pair, partner, reference):
        taken = await partner.submit(a_submission(reference=reference))
        handle = ClaimHandle(reference=reference, partner_id=taken.partner_id)
        await partner.attach(handle, a_document())

        assert await partner.find(reference) == as_known(taken)
        assert (await partner.status(handle)).status.phase is ClaimPhase.SUBMITTED
        assert await pair.documents(handle) == ["final_notice-2026-01-26.pdf"]


class TestTelling:
    async def test_r15_a_payment_is_told_with_what_is_left(self, pair, partner, handle):
        await partner.report(handle, a_report())

        (told,) = await pair.told(handle)
        assert "[case1/1/payment/p-1]" in told
        assert "19.00 EUR" in told

    async def test_r16_a_payment_is_told_once_for_its_key(self, pair, partner, handle):
        await partner.report(handle, a_report())
        await pair.partner().report(handle, a_report(on=date(2026, 4, 6)))

        assert len(await pair.told(handle)) == 1

    async def test_each_key_is_told(self, pair, partner, handle):
        for key in ("p-1", "p-11", "p-1.1", "x/p-1", "p-1/x"):
            await partner.report(handle, a_report(key))

        assert len(await pair.told(handle)) == 5

    async def test_reversals_and_costs_are_told_too(self, pair, partner, handle):
        await partner.report(handle, a_report("c-1", kind=ReportKind.REVERSAL))
        await partner.report(handle, a_report("f-1", kind=ReportKind.COSTS))

        assert len(await pair.told(handle)) == 2

    async def test_r16_a_withdrawal_is_told_once(self, pair, partner, handle):
        await partner.withdraw(handle, key="case1/1/withdraw", reason="paid in\ncash")
        await pair.partner().withdraw(handle, key="case1/1/withdraw", reason="paid in cash")

        (told,) = await pair.told(handle)
        assert "paid in cash" in told

    async def test_nobody_has_confirmed_a_withdrawal_yet(self, partner, handle):
        await partner.withdraw(handle, key="w", reason="a mistake")

        assert (await partner.status(handle)).status.phase is ClaimPhase.SUBMITTED

    async def test_r16_a_document_is_given_once_for_its_name(self, pair, partner, handle):
        await partner.attach(handle, a_document())
        await pair.partner().attach(handle, a_document())
        await partner.attach(handle, a_document("notice-2026-01-26.pdf"))

        names = ["final_notice-2026-01-26.pdf", "notice-2026-01-26.pdf"]
        assert await pair.documents(handle) == names

    async def test_of_a_claim_that_is_not_there_nothing_can_be_told(self, pair, partner):
        with pytest.raises(ClaimUnknown):
            await partner.status(nobodys())
        with pytest.raises(ClaimUnknown):
            await partner.report(nobodys(), a_report())
        with pytest.raises(ClaimUnknown):
            await partner.withdraw(nobodys(), key="w", reason="a mistake")
        with pytest.raises(ClaimUnknown):
            await partner.attach(nobodys(), a_document())
        assert await pair.claims() == []


class TestStatus:
    async def test_r15_a_claim_that_nobody_has_looked_at_is_submitted(self, partner, handle):
        report = await partner.status(handle)

        assert report.status.phase is ClaimPhase.SUBMITTED
        assert report.status.closing is None
        assert report.status.collected == Money(amount=Decimal("0"), currency="EUR")
        assert (report.amount, report.currency) == (Decimal("119.00"), "EUR")

    @pytest.mark.parametrize(
        ("actions", "phase", "closing", "collected"),
        [
            ([("accepted", None)], ClaimPhase.ACCEPTED, None, "0.00"),
            ([("accepted", None), ("in_court", None)], ClaimPhase.IN_COURT, None, "0.00"),
            ([("recovered", "119.00")], ClaimPhase.CLOSED, Closing.RECOVERED, "119.00"),
            ([("uncollectible", "20.10")], ClaimPhase.CLOSED, Closing.UNCOLLECTIBLE, "20.10"),
            ([("rejected", None)], ClaimPhase.CLOSED, Closing.REJECTED, "0.00"),
            ([("withdrawn", None)], ClaimPhase.CLOSED, Closing.WITHDRAWN, "0.00"),
        ],
    )
    async def test_r15_what_the_agency_did_comes_back(
        self,
        pair: PartnerPair,
        partner: CollectionPartner,
        handle: ClaimHandle,
        actions: list[tuple[Action, str | None]],
        phase: ClaimPhase,
        closing: Closing | None,
        collected: str,
    ) -> None:
        for action, amount in actions:
            await pair.do(handle, action, amount)

        status = (await partner.status(handle)).status

        assert (status.phase, status.closing) == (phase, closing)
        assert str(status.collected) == collected

    async def test_a_status_names_nobody(self, pair, partner, handle):
        await pair.do(handle, "rejected")

        assert "Weber" not in (await partner.status(handle)).status.model_dump_json()


class TestOpenClaims:
    async def test_all_that_are_not_closed_are_listed_once(self, pair, partner):
        references = [f"claim{number:03}-1" for number in range(130)]
        for reference in references:
            await partner.submit(a_submission(reference=reference))
        closed = await partner.find("claim007-1")
        await pair.do(ClaimHandle(reference="claim007-1", partner_id=closed.partner_id), "rejected")

        found = [claim async for claim in partner.open_claims()]

        assert [claim.handle.reference for claim in found] == [
            reference for reference in references if reference != "claim007-1"
        ]
        assert {claim.report.amount for claim in found} == {Decimal("119.00")}
        one = found[3]
        assert await partner.status(one.handle) == one.report

    async def test_none_are_none(self, partner):
        assert [claim async for claim in partner.open_claims()] == []


async def test_a_partner_error_is_what_callers_try_again() -> None:
    assert issubclass(ClaimUnknown, PartnerError)
