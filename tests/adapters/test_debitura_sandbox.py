"""What the adapter sends, as the sandbox takes it; test_partner_contract.py has the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.partner.port import ClaimRefused, ClaimTaken, PartnerError
from tests.adapters.claims import a_debtor, a_submission, an_address
from tests.partners.pairs import SandboxPair, sandbox_pair


@pytest.fixture
async def pair() -> AsyncIterator[SandboxPair]:
    async with sandbox_pair() as opened:
        yield opened


async def cases_of(pair: SandboxPair) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await pair.agency.get("/cases"))["cases"]
    return items


class TestAgainstTheSandbox:
    async def test_r15_a_claim_is_taken(self, pair):
        taken = await pair.partner().submit(a_submission())

        (case,) = await cases_of(pair)
        assert taken == ClaimTaken(
            partner_id=case["id"],
            reference="abcd2345-1",
            taken_at=pair.agency.clock.at,
            is_new=True,
        )

    @pytest.mark.parametrize(
        ("amount", "currency"),
        [
            ("119.00", "EUR"),
            ("0.1", "EUR"),
            ("1.005", "KWD"),
            ("119000", "CLP"),
            ("99999999999999.99", "USD"),
            ("9007199254740993", "JPY"),
        ],
    )
    async def test_r15_an_amount_arrives_exactly(self, pair, amount, currency):
        await pair.partner().submit(a_submission(amount=Decimal(amount), currency=currency))

        (case,) = await cases_of(pair)
        assert str(case["grossAmount"]) == amount

    async def test_r15_the_days_of_a_claim_arrive_as_date_times(self, pair):
        await pair.partner().submit(
            a_submission(invoice_date=date(2026, 1, 2), due_date=date(2028, 2, 29))
        )

        (case,) = await cases_of(pair)
        assert case["date"] == "2026-01-02T00:00:00Z"
        assert case["dueDate"] == "2028-02-29T00:00:00Z"

    async def test_r16_after_a_lost_answer_the_claim_is_found(self, pair):
        pair.way.loses = 1
        partner = pair.partner()
        with pytest.raises(PartnerError):
            await partner.submit(a_submission())

        taken = await partner.submit(a_submission(amount=Decimal("99.00")))

        (case,) = await cases_of(pair)
        assert taken.partner_id == case["id"]
        assert case["grossAmount"] == Decimal("119.00")

    @pytest.mark.parametrize("amount", ["119.00", "99.00"])  # the second time: a conflict
    async def test_r16_a_claim_that_is_found_late_is_not_created_again(self, pair, amount):
        partner = pair.partner()
        first = await partner.submit(a_submission())

        pair.way.hides_cases = 1
        second = await partner.submit(a_submission(amount=Decimal(amount)))

        assert first.partner_id == second.partner_id
        assert len(await cases_of(pair)) == 1

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"debtor": a_debtor(name="NoPartnerAvailable Ltd")}, "NoPartnerAvailable: There"),
            ({"currency": "EEE"}, "currencyCode: .*is not a currency"),
            (
                {"debtor": a_debtor(address=an_address(country="US"))},
                "debtor.stateAlpha2: .*is required for US",
            ),
            (
                {"debtor": a_debtor(address=an_address(country=None))},
                "debtor.countryAlpha2: Field required",
            ),
        ],
    )
    async def test_what_it_refuses_is_not_kept(self, pair, changes, words):
        with pytest.raises(ClaimRefused, match=words):
            await pair.partner().submit(a_submission(**changes))

        assert await cases_of(pair) == []

    async def test_a_wrong_key_is_ours_to_mend(self):
        async with sandbox_pair(api_key="another key") as pair:
            with pytest.raises(PartnerError, match="answered 401") as failed:
                await pair.partner().submit(a_submission())

        assert not isinstance(failed.value, ClaimRefused)
