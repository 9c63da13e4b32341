"""A claim is handed over once, and only what is owed then (R10, R12, R16)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.handoff import HandoffActivities
from adapters.partner.port import ClaimRefused, PartnerError
from dunning.actions import ActionKind
from dunning.ladder import DunningOption
from dunning.stages import BlockedBy, Stage
from models.tables import ClaimRow
from runtime.database import Database
from tests.activities.handing_over import HANDOFF_DAY, hand_over, nobody, notices_sent
from tests.activity_runs import act
from tests.factories import eur
from tests.partners.fake import FakePartner
from tests.seeded import bring_up, history, pay, row_of, set_case, the_case


@pytest.fixture
def agency() -> FakePartner:
    return FakePartner()


@pytest.fixture
def handoff(database: Database, agency: FakePartner) -> HandoffActivities:
    return HandoffActivities(database, agency, nobody)


async def pending(case_id: str, database: Database) -> list[str]:
    """About what the seller is still to be told."""
    return [mail.about.value for mail in (await the_case(database, case_id)).seller_mails]


async def test_r12_with_the_switch_on_it_is_handed_over(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database)

    plan = await hand_over(handoff, case_id)

    assert plan.stage is Stage.HANDED_OVER
    assert list(agency.claims) == [f"{case_id}-1"]
    assert await pending(case_id, database) == ["handed_over"]


async def test_r12_with_the_switch_off_the_seller_is_asked_once(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, settings={"auto_handoff": False})

    for attempt in (1, 2):
        plan = await hand_over(handoff, case_id, attempt)
        assert plan.stage is Stage.AWAITING_APPROVAL

    assert await pending(case_id, database) == ["approval_wanted"]
    assert agency.claims == {}


async def test_r16_killed_between_the_partners_answer_and_the_record_there_is_one_claim(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    with pytest.raises(ApplicationError) as died:
        await hand_over(handoff, case_id)
    agency.dies_after_taking = False

    plan = await hand_over(handoff, case_id, 2)

    assert not died.value.non_retryable
    assert plan.stage is Stage.HANDED_OVER
    assert list(agency.claims) == [f"{case_id}-1"]
    assert (await history(database, case_id)).count("claim.submitted") == 1


async def test_r10_a_claim_is_what_is_open_at_that_moment(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    await pay(database, case_id, "19.00", HANDOFF_DAY)

    await hand_over(handoff, case_id)

    assert agency.claims[f"{case_id}-1"].amount == Decimal("100.00")
    async with database.reading() as session:
        assert (await session.get_one(ClaimRow, f"{case_id}-1")).amount == Decimal("100.00")


async def test_r10_a_claim_leaves_out_what_the_partner_has_collected_before(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    await set_case(database, case_id, collected_before=eur("79.00"))

    await hand_over(handoff, case_id)

    assert agency.claims[f"{case_id}-1"].amount == Decimal("40.00")


async def test_r10_paid_in_the_meantime_nothing_is_handed_over(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    await pay(database, case_id, "119.00", HANDOFF_DAY)

    plan = await hand_over(handoff, case_id)

    assert [action.kind for action in plan.actions] == [ActionKind.ASK_PARTNER]
    assert agency.claims == {}
    assert (await row_of(database, case_id)).stage == "paid"


async def test_r17_paid_after_an_attempt_that_reached_the_partner_the_claim_is_known(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    with pytest.raises(ApplicationError):
        await hand_over(handoff, case_id)
    await pay(database, case_id, "119.00", HANDOFF_DAY)

    assert (await row_of(database, case_id)).stage == "paid"
    agency.dies_after_taking = False
    plan = await act(handoff.ask_partner, case_id, ActionKind.ASK_PARTNER, HANDOFF_DAY)

    assert plan.stage is Stage.SETTLED


async def test_r15_paid_in_part_between_two_attempts_the_partner_has_still_to_hear_of_it(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    agency.taken_at = HANDOFF_DAY - timedelta(minutes=1)
    with pytest.raises(ApplicationError):
        await hand_over(handoff, case_id)
    agency.dies_after_taking = False
    await pay(database, case_id, "19.00", HANDOFF_DAY)

    plan = await hand_over(handoff, case_id, 2)

    case = await the_case(database, case_id)
    assert plan.stage is Stage.HANDED_OVER
    assert [move.key for move in case.unreported] == ["payment/p-1"]
    async with database.reading() as session:
        assert (await session.get_one(ClaimRow, f"{case_id}-1")).amount == Decimal("119.00")


async def test_r15_paid_in_full_between_two_attempts_the_partner_has_still_to_hear_of_it(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.dies_after_taking = True
    agency.taken_at = HANDOFF_DAY - timedelta(minutes=1)
    with pytest.raises(ApplicationError):
        await hand_over(handoff, case_id)
    agency.dies_after_taking = False
    await pay(database, case_id, "119.00", HANDOFF_DAY)

    plan = await act(handoff.ask_partner, case_id, ActionKind.ASK_PARTNER, HANDOFF_DAY)

    case = await the_case(database, case_id)
    assert plan.stage is Stage.SETTLED
    assert [move.key for move in case.unreported] == ["payment/p-1"]


async def test_r15_a_refusal_waits_for_the_seller_under_a_new_round(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.fails_with = ClaimRefused("below the minimum")

    plan = await hand_over(handoff, case_id)

    case = await the_case(database, case_id)
    assert plan.stage is Stage.AWAITING_APPROVAL
    assert case.round == 2
    assert await pending(case_id, database) == ["claim_rejected"]
    async with database.reading() as session:
        assert (await session.get_one(ClaimRow, f"{case_id}-1")).reason == "below the minimum"


async def test_a_partner_that_is_away_is_asked_again_when_it_said(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    case_id = await notices_sent(database, begun=True)
    agency.fails_with = PartnerError("busy", retry_after=timedelta(minutes=7))

    with pytest.raises(ApplicationError) as failed:
        await hand_over(handoff, case_id)

    assert not failed.value.non_retryable
    assert failed.value.next_retry_delay == timedelta(minutes=7)


async def test_r14_the_handoff_needs_the_address(
    database: Database, handoff: HandoffActivities, agency: FakePartner
) -> None:
    address = {"city": "Berlin", "country": "DE"}
    case_id = await notices_sent(database, customer={"address": address})

    plan = await hand_over(handoff, case_id)

    assert plan.blocked_by is BlockedBy.ADDRESS
    assert agency.claims == {}


@pytest.mark.parametrize(
    ("final_notice_said", "option"), [(None, "cancellation"), (DunningOption.COURT, "court")]
)
async def test_r11_a_chargeback_before_the_final_notice_takes_the_option_in_force(
    database: Database,
    final_notice_said: DunningOption | None,
    option: str,
) -> None:
    case_id = await notices_sent(database, settings={"dunning_option": "cancellation"})
    await set_case(database, case_id, option=final_notice_said, chargeback_due=True)

    await bring_up(database, case_id, HANDOFF_DAY)

    row = await row_of(database, case_id)
    assert row.dunning_option == option
