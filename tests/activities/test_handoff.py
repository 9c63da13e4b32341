"""A claim is handed over once, and only what is owed then (R10, R12, R16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.handoff import HandoffActivities
from adapters.partner import Claim, ClaimRefused, ClaimTaken, PartnerError
from dunning.deeds import DeedKind, Outcome
from dunning.plan import LADDER, DunningOption, StepTaken
from models.casebook import case_of
from models.orders import cancel_order
from models.tables import AllocationRow, ClaimRow, OrderRow, PaymentRow, ReceivableRow
from runtime.database import Database
from tests.books import MAIL_FROM, Agency, Outbox, history, open_books, row_of, set_case, take, utc
from tests.factories import eur

OPENED = utc("2026-03-02T09:00:00")
HANDOFF_DAY = utc("2026-04-01T10:00:00")
TAKEN = tuple(
    StepTaken(kind=step.kind, on=OPENED.date() + timedelta(days=step.offset)) for step in LADDER[:3]
)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def agency() -> Agency:
    return Agency()


@pytest.fixture
def handoff(database: Database, outbox: Outbox, agency: Agency) -> HandoffActivities:
    return HandoffActivities(database, outbox, agency, nobody, mail_from=MAIL_FROM)


async def nobody(case_ids: Sequence[str]) -> None:
    """An order of one case has no others that could be told."""
    assert list(case_ids) == []


async def notices_sent(database: Database, *, begun: bool = False, **given: object) -> str:
    """A case on its handoff day."""
    case_id = await open_books(database, OPENED, **given)
    await set_case(
        database,
        case_id,
        opening=None,
        steps=TAKEN,
        option=DunningOption.COURT,
        handoff_begun=begun,
    )
    return case_id


async def pay(database: Database, case_id: str, amount: str) -> None:
    """A payment that the books have and of which the case has not heard."""
    async with database.writing() as session:
        session.add(
            PaymentRow(
                payment_id="p-1",
                seller_id="s-1",
                order_id="A-1",
                currency="EUR",
                amount=Decimal(amount),
                credit=Decimal(0),
                paid_at=HANDOFF_DAY,
                received_at=HANDOFF_DAY,
            )
        )
        await session.flush()
        session.add(AllocationRow(payment_id="p-1", case_id=case_id, amount=Decimal(amount)))
        row = await session.get_one(ReceivableRow, case_id)
        row.paid += Decimal(amount)
        row.open_amount -= Decimal(amount)
        session.add(row)


async def test_r12_with_the_switch_on_it_goes_without_a_check(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database)

    result = await take(handoff.decide_handoff, case_id, DeedKind.HANDOFF, HANDOFF_DAY)

    assert result.outcome is Outcome.GO
    assert agency.claims == {}


async def test_r12_with_the_switch_off_the_seller_is_asked_once(
    database: Database, handoff: HandoffActivities, outbox: Outbox
) -> None:
    case_id = await notices_sent(database, settings={"auto_handoff": False})

    for attempt in (1, 2):
        result = await take(
            handoff.decide_handoff, case_id, DeedKind.HANDOFF, HANDOFF_DAY, attempt=attempt
        )
        assert result.outcome is Outcome.APPROVAL_WANTED

    assert len(outbox.messages) == 1
    assert (await row_of(database, case_id)).stage == "awaiting_approval"


async def test_r16_killed_between_the_partners_answer_and_the_record_there_is_one_claim(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    with pytest.raises(ApplicationError) as died:
        await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)
    agency.dies_after_taking = False

    result = await take(
        handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY, attempt=2
    )

    assert not died.value.non_retryable
    assert result.reference == f"{case_id}-1"
    assert list(agency.claims) == [f"{case_id}-1"]
    assert (await history(database, case_id)).count("claim.submitted") == 1


async def test_r10_a_claim_is_what_is_open_at_that_moment(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database, begun=True)
    await pay(database, case_id, "19.00")

    result = await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)

    assert agency.claims[f"{case_id}-1"].amount == Decimal("100.00")
    assert [payment.payment_id for payment in result.facts.payments] == ["p-1"]
    async with database.reading() as session:
        assert (await session.get_one(ClaimRow, f"{case_id}-1")).amount == Decimal("100.00")


async def test_r10_paid_in_the_meantime_nothing_is_handed_over(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database, begun=True)
    await pay(database, case_id, "119.00")

    result = await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)

    assert result.outcome is Outcome.NOTHING_OWED
    assert agency.claims == {}
    assert (await row_of(database, case_id)).stage == "paid"


async def test_r17_paid_after_an_attempt_that_reached_the_partner_the_claim_is_known(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    with pytest.raises(ApplicationError):
        await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)
    await pay(database, case_id, "119.00")

    await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY, attempt=2)

    assert (await row_of(database, case_id)).stage == "settled"


@pytest.mark.parametrize(("amount", "stage"), [("19.00", "handed_over"), ("119.00", "settled")])
async def test_r15_paid_between_two_attempts_the_partner_has_still_to_hear_of_it(
    database: Database, handoff: HandoffActivities, agency: Agency, amount: str, stage: str
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    agency.taken_at = HANDOFF_DAY - timedelta(minutes=1)
    with pytest.raises(ApplicationError):
        await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)
    agency.dies_after_taking = False
    await pay(database, case_id, amount)

    result = await take(
        handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY, attempt=2
    )

    case = case_of(await row_of(database, case_id))
    assert (case.stage, result.told) == (stage, ())
    assert [move.key for move in case.untold] == ["payment/p-1"]
    async with database.reading() as session:
        assert (await session.get_one(ClaimRow, f"{case_id}-1")).amount == Decimal("119.00")


class Interrupted(Agency):
    """While it takes a claim something else happens to the order."""

    def __init__(self, database: Database, *, for_claim: bool) -> None:
        super().__init__()
        self.database = database
        self.for_claim = for_claim

    async def submit(self, claim: Claim) -> ClaimTaken:
        async with self.database.writing() as session:
            await cancel_order(session, "s-1", "A-1", at=HANDOFF_DAY, for_claim=self.for_claim)
        return await super().submit(claim)


@pytest.mark.parametrize("for_claim", [True, False], ids=["another claim", "the backend"])
async def test_r11_r29_whoever_cancels_the_order_first_has_canceled_it(
    database: Database, outbox: Outbox, *, for_claim: bool
) -> None:
    agency = Interrupted(database, for_claim=for_claim)
    handoff = HandoffActivities(database, outbox, agency, nobody, mail_from=MAIL_FROM)
    case_id = await notices_sent(database, begun=True)
    await set_case(database, case_id, option=DunningOption.CANCELLATION)
    async with database.writing() as session:
        order = await session.get_one(OrderRow, ("s-1", "A-1"))
        order.cancellation_costs = Decimal("15.00")
        session.add(order)

    await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)

    case = case_of(await row_of(database, case_id))
    assert case.claim is not None
    assert case.claim.withdrawn is not for_claim
    assert case.fees == ()
    assert case.open_amount == eur("119.00")


async def test_r15_a_refusal_waits_for_the_seller_under_a_new_round(
    database: Database, handoff: HandoffActivities, agency: Agency, outbox: Outbox
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.fails_with = ClaimRefused("below the minimum")

    result = await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)

    row = await row_of(database, case_id)
    assert result.outcome is Outcome.REJECTED
    assert (row.stage, row.state["round"]) == ("awaiting_approval", 2)
    assert "below the minimum" in outbox.messages[0].as_string()


async def test_a_partner_that_is_away_is_asked_again_when_it_said(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.fails_with = PartnerError("busy", retry_after=timedelta(minutes=7))

    with pytest.raises(ApplicationError) as failed:
        await take(handoff.submit_claim, case_id, DeedKind.SUBMIT_CLAIM, HANDOFF_DAY)

    assert not failed.value.non_retryable
    assert failed.value.next_retry_delay == timedelta(minutes=7)


async def test_r14_the_handoff_needs_the_address(
    database: Database, handoff: HandoffActivities, agency: Agency
) -> None:
    address = {"city": "Berlin", "country": "DE"}
    case_id = await notices_sent(database, customer={"address": address})

    result = await take(handoff.decide_handoff, case_id, DeedKind.HANDOFF, HANDOFF_DAY)

    assert result.outcome is Outcome.BLOCKED
    assert agency.claims == {}


@pytest.mark.parametrize(
    ("final_notice_said", "option"), [(None, "cancellation"), (DunningOption.COURT, "court")]
)
async def test_r11_a_chargeback_before_the_final_notice_takes_the_option_in_force(
    database: Database,
    handoff: HandoffActivities,
    final_notice_said: DunningOption | None,
    option: str,
) -> None:
    case_id = await notices_sent(database, settings={"dunning_option": "cancellation"})
    await set_case(database, case_id, option=final_notice_said, chargeback_due=True)

    await take(handoff.decide_chargeback, case_id, DeedKind.CHARGEBACK, HANDOFF_DAY)

    row = await row_of(database, case_id)
    assert row.dunning_option == option
