"""What goes on between us and the partner, each thing once whatever is lost (R15, R16)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.claims import ClaimActivities
from activities.handoff import HandoffActivities
from activities.notices import NoticeActivities
from activities.telling import SellerActivities
from adapters.partner import ClaimRefused, ClaimUnknown, PartnerError
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.deeds import DeedKind, Outcome
from dunning.notices import SellerTold
from dunning.plan import LADDER, DunningOption, StepTaken
from dunning.state import Claim, Tell
from models.casebook import case_of
from models.queries import case_document, events_of
from models.tables import ClaimRow
from runtime.database import Database
from tests.agency import TalkingAgency
from tests.books import MAIL_FROM, Outbox, open_books, row_of, set_case, take, utc
from tests.factories import a_payment, eur

OPENED = utc("2026-03-02T09:00:00")
HANDOFF_DAY = utc("2026-04-01T10:00:00")
LATER = utc("2026-04-20T10:00:00")
STEPS = tuple(
    StepTaken(kind=step.kind, on=OPENED.date() + timedelta(days=step.offset)) for step in LADDER
)
SUBMITTED = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))


@pytest.fixture
def agency() -> TalkingAgency:
    return TalkingAgency()


@pytest.fixture
def claims(database: Database, agency: TalkingAgency) -> ClaimActivities:
    return ClaimActivities(database, agency)


async def handed_over(database: Database, **changes: object) -> str:
    case_id = await open_books(database, OPENED)
    claim = Claim(reference=f"{case_id}-1", at=HANDOFF_DAY, status=SUBMITTED)
    given = {"claim": claim, "opening": None, "steps": STEPS, "option": DunningOption.COURT}
    await set_case(database, case_id, **(given | changes))
    async with database.writing() as session:
        session.add(
            ClaimRow(
                reference=claim.reference,
                case_id=case_id,
                partner_id=f"cp-{claim.reference}",
                status="submitted",
                currency="EUR",
                amount=Decimal("119.00"),
                submitted_at=HANDOFF_DAY,
            )
        )
    return case_id


async def events(database: Database, case_id: str) -> list[str]:
    async with database.reading() as session:
        return [event["event"] for event in await events_of(session, [case_id])]


async def test_r15_the_invoice_notice_and_the_letters_go_with_the_claim(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    case_id = await open_books(database, OPENED)
    notices = NoticeActivities(database, Outbox(), mail_from=MAIL_FROM)
    await take(notices.open_case, case_id, DeedKind.OPEN, OPENED)
    await set_case(database, case_id, steps=STEPS[:1])
    written = utc("2026-03-12T10:00:00")
    await take(notices.send_notice, case_id, DeedKind.FIRST_NOTICE, written, results=1)
    claim = Claim(reference=f"{case_id}-1", at=HANDOFF_DAY, status=SUBMITTED, documents_due=True)
    await set_case(database, case_id, claim=claim, steps=STEPS)
    async with database.writing() as session:
        session.add(
            ClaimRow(
                reference=claim.reference,
                case_id=case_id,
                partner_id="cp",
                status="submitted",
                currency="EUR",
                amount=Decimal("119.00"),
                submitted_at=HANDOFF_DAY,
            )
        )

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await take(claims.attach_documents, case_id, DeedKind.ATTACH_DOCUMENTS, LATER, results=2)
    await take(claims.attach_documents, case_id, DeedKind.ATTACH_DOCUMENTS, LATER, results=2)

    assert [name.split("-")[0] for name in agency.documents] == ["invoice_notice", "first_notice"]
    assert all(document.content[:4] == b"%PDF" for document in agency.documents.values())


async def test_r15_money_at_the_seller_is_reported_once(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    case_id = await handed_over(database, payments=(a_payment("19.00", at=LATER),))

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await take(claims.report_money, case_id, DeedKind.REPORT_MONEY, LATER)
    result = await take(claims.report_money, case_id, DeedKind.REPORT_MONEY, LATER)

    assert result.told == ("payment/p-1",)
    (report,) = agency.told.values()
    assert (report.amount, report.open_amount) == (Decimal("19.00"), Decimal("100.00"))
    assert (await events(database, case_id)).count("claim.payment_reported") == 1


async def test_r15_a_withdrawal_is_asked_for_once(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    claim = Claim(
        reference="r-1", at=HANDOFF_DAY, status=SUBMITTED, withdrawn=True, withdrawal_due=True
    )
    case_id = await handed_over(database)
    claim = claim.model_copy(update={"reference": f"{case_id}-1"})
    await set_case(database, case_id, claim=claim)

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await take(claims.withdraw_claim, case_id, DeedKind.WITHDRAW_CLAIM, LATER)
    result = await take(claims.withdraw_claim, case_id, DeedKind.WITHDRAW_CLAIM, LATER)

    assert result.outcome is Outcome.DONE
    assert list(agency.withdrawn) == [f"{case_id}-1/withdrawal"]


@pytest.mark.parametrize("error", [ClaimRefused, ClaimUnknown])
async def test_r15_what_the_partner_will_not_hear_of_is_noted_and_not_said_again(
    database: Database,
    claims: ClaimActivities,
    agency: TalkingAgency,
    error: type[PartnerError],
) -> None:
    case_id = await handed_over(database, payments=(a_payment("19.00", at=LATER),))
    agency.refuses_with = error("this case is closed")

    result = await take(claims.report_money, case_id, DeedKind.REPORT_MONEY, LATER)

    assert (result.outcome, result.told) == (Outcome.PASSED_OVER, ("payment/p-1",))
    assert await events(database, case_id) == ["case.opened", "claim.updated"]
    assert case_of(await row_of(database, case_id)).untold == ()


async def test_r15_a_withdrawal_that_the_partner_refuses_is_noted(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    case_id = await handed_over(database)
    claim = Claim(
        reference=f"{case_id}-1",
        at=HANDOFF_DAY,
        status=SUBMITTED,
        withdrawn=True,
        withdrawal_due=True,
    )
    await set_case(database, case_id, claim=claim)
    agency.refuses_with = ClaimRefused("this case is closed")

    result = await take(claims.withdraw_claim, case_id, DeedKind.WITHDRAW_CLAIM, LATER)

    assert result.outcome is Outcome.PASSED_OVER
    assert await events(database, case_id) == ["case.opened", "claim.updated"]


async def test_r28_what_a_partner_says_of_a_claim_stays_out_of_temporal(
    database: Database,
    claims: ClaimActivities,
    agency: TalkingAgency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case_id = await handed_over(database)

    async def refuse(handle: object) -> None:
        raise ClaimRefused("The case against Ada Muster is closed.")

    monkeypatch.setattr(agency, "status", refuse)

    with pytest.raises(ApplicationError) as failed:
        await take(claims.check_claim, case_id, DeedKind.CHECK_CLAIM, LATER)

    assert str(failed.value) == "PartnerError: ClaimRefused"


async def test_r15_what_the_partner_says_stands_on_the_board_with_its_code_and_words(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    case_id = await handed_over(database)
    agency.has(
        f"{case_id}-1", phase=ClaimPhase.CLOSED, closing=Closing.REJECTED, words="no contract"
    )

    await take(claims.check_claim, case_id, DeedKind.CHECK_CLAIM, LATER)

    async with database.reading() as session:
        shown = await case_document(session, case_id, now=LATER)
    assert shown is not None
    assert shown["stage"] == "awaiting_approval"
    assert shown["claim"] == {
        "reference": f"{case_id}-1",
        "status": "rejected",
        "close_code": "Code",
        "reason": "no contract",
    }
    assert "claim.rejected" in await events(database, case_id)


async def test_r15_asked_again_with_nothing_new_the_history_says_nothing(
    database: Database, claims: ClaimActivities, agency: TalkingAgency
) -> None:
    case_id = await handed_over(database)
    agency.has(f"{case_id}-1")
    before = await events(database, case_id)

    for results in (0, 1):
        await take(claims.check_claim, case_id, DeedKind.CHECK_CLAIM, LATER, results=results)

    assert await events(database, case_id) == before


async def test_r15_the_seller_is_told_once_of_each_thing(database: Database) -> None:
    tells = (
        Tell(about=SellerTold.HANDED_OVER, key="handed_over/r-1"),
        Tell(about=SellerTold.CHARGEBACK, key="chargeback/c-1", amount=eur("19.00")),
    )
    case_id = await handed_over(database, tells=tells)
    outbox = Outbox()
    telling = SellerActivities(database, outbox, mail_from=MAIL_FROM)

    for results in (0, 0, 1, 1):
        await take(telling.tell_seller, case_id, DeedKind.TELL_SELLER, LATER, results=results)

    assert len(outbox.messages) == 2
    assert len(set(outbox.ids())) == 2
    assert (await events(database, case_id)).count("seller.told") == 2


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        ({}, Outcome.GO),
        ({"auto_chargeback_handoff": False}, Outcome.APPROVAL_WANTED),
        ({"dunning_option": "no_collection"}, Outcome.NEW_ROUND),
    ],
)
async def test_r13_the_switch_decides_on_a_chargeback(
    database: Database, agency: TalkingAgency, settings: dict[str, object], outcome: Outcome
) -> None:
    case_id = await open_books(database, OPENED, settings=settings)
    await set_case(database, case_id, opening=None, chargeback_due=True, steps=STEPS[:1])
    handoff = HandoffActivities(database, Outbox(), agency, _nobody, mail_from=MAIL_FROM)

    result = await take(handoff.decide_chargeback, case_id, DeedKind.CHARGEBACK, LATER)

    assert result.outcome is outcome
    row = await row_of(database, case_id)
    stages = {Outcome.GO: "reminded", Outcome.NEW_ROUND: "scheduled"}
    assert row.stage == stages.get(outcome, "awaiting_approval")


async def _nobody(case_ids: object) -> None:
    return None
