"""What else happens to a case while the partner is asked, or right before (R10, R17, R18, R29)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from activities.handoff import HandoffActivities
from adapters.partner.port import Claim, ClaimTaken
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.requests import Request, Verb
from dunning.stages import Stage
from models.orders import bring_up_order, cancel_order, locked_order
from models.requests import decide_request
from models.tables import OrderRow
from runtime.database import Database
from starter.input.schemas import PaymentBody
from starter.intake.batch_writes import Accepted
from starter.intake.record_payments import record_payment
from tests.activities.handing_over import HANDOFF_DAY, hand_over, nobody, notices_sent
from tests.bodies import a_payment
from tests.factories import eur
from tests.partners.fake import FakePartner
from tests.seeded import history, set_case, the_case


class Interrupted(FakePartner):
    """Lets something else happen to the order while it takes a claim."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    async def submit(self, claim: Claim) -> ClaimTaken:
        await self.meanwhile()
        return await super().submit(claim)


async def cancel(database: Database, *, for_claim: bool = False) -> None:
    async with database.writing() as session:
        order = await locked_order(session, "s-1", "A-1")
        assert order is not None
        await cancel_order(session, order, at=HANDOFF_DAY, for_claim=for_claim)
        await bring_up_order(session, order, at=HANDOFF_DAY)


async def report_payment(database: Database) -> Accepted:
    body = PaymentBody.model_validate(a_payment(paid_at=HANDOFF_DAY.isoformat()))
    async with database.writing() as session:
        return await record_payment(session, body, now=HANDOFF_DAY)


async def ask(database: Database, case_id: str, verb: Verb) -> tuple[int, dict[str, Any]]:
    """The answer to a seller's request."""
    async with database.writing() as session:
        decided = await decide_request(
            session, case_id, Request(verb=verb), request_id=verb, at=HANDOFF_DAY
        )
        return decided.kept.status, decided.kept.answer


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.HOLD, Verb.ESCALATE])
async def test_r17_r18_a_request_while_the_partner_is_asked_is_refused(
    database: Database, verb: Verb
) -> None:
    case_id = await notices_sent(database)
    answers = []

    async def meanwhile() -> None:
        answers.append(await ask(database, case_id, verb))

    plan = await hand_over(HandoffActivities(database, Interrupted(meanwhile), nobody), case_id)

    assert answers == [(409, {"reason": "handoff_begun"})]
    assert plan.stage is Stage.HANDED_OVER
    assert (await history(database, case_id)).count("claim.submitted") == 1


async def test_r17_r18_a_case_that_was_stopped_before_is_neither_handed_over_nor_escalated(
    database: Database,
) -> None:
    agency = FakePartner()
    case_id = await notices_sent(database)
    stopped = await ask(database, case_id, Verb.STOP)

    plan = await hand_over(HandoffActivities(database, agency, nobody), case_id)

    assert (stopped[0], plan.stage, agency.claims) == (200, Stage.STOPPED, {})
    assert await ask(database, case_id, Verb.ESCALATE) == (409, {"reason": "ended"})


async def test_r10_r15_paid_while_the_partner_is_asked_it_has_still_to_hear_of_the_payment(
    database: Database,
) -> None:
    case_id = await notices_sent(database)
    agency = Interrupted(partial(report_payment, database))

    plan = await hand_over(HandoffActivities(database, agency, nobody), case_id)

    case = await the_case(database, case_id)
    assert (plan.stage, agency.claims[f"{case_id}-1"].amount) == (Stage.SETTLED, Decimal(119))
    assert [move.key for move in case.unreported] == ["payment/p-1"]


@pytest.mark.parametrize(
    ("paid_first", "stage", "credit", "owed"),
    [
        (True, Stage.SETTLED, "0.00", eur("0.00")),
        (False, Stage.HANDED_OVER, "119.00", eur("119.00")),
    ],
)
async def test_r20_r29_paid_and_canceled_while_the_partner_is_asked_the_first_counts(
    database: Database, *, paid_first: bool, stage: Stage, credit: str, owed: Money
) -> None:
    case_id = await notices_sent(database)
    payments = []

    async def meanwhile() -> None:
        if not paid_first:
            await cancel(database)
        payments.append((await report_payment(database)).answer)
        if paid_first:
            await cancel(database)

    plan = await hand_over(HandoffActivities(database, Interrupted(meanwhile), nobody), case_id)

    assert (plan.stage, payments[0]["credit"]) == (stage, credit)
    assert (await the_case(database, case_id)).owed == owed


@pytest.mark.parametrize("for_claim", [True, False], ids=["another claim", "the backend"])
async def test_r11_r29_whoever_cancels_the_order_first_has_canceled_it(
    database: Database, *, for_claim: bool
) -> None:
    agency = Interrupted(partial(cancel, database, for_claim=for_claim))
    handoff = HandoffActivities(database, agency, nobody)
    case_id = await notices_sent(database, begun=True)
    await set_case(database, case_id, option=DunningOption.CANCELLATION)
    async with database.writing() as session:
        order = await session.get_one(OrderRow, ("s-1", "A-1"))
        order.cancellation_costs = Decimal("15.00")
        session.add(order)

    await hand_over(handoff, case_id)

    case = await the_case(database, case_id)
    assert case.claim is not None
    assert case.claim.withdrawn is not for_claim
    assert case.fees == ()
    assert case.open_amount == eur("119.00")
