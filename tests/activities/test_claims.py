"""What goes on between us and the partner, each thing once whatever is lost (R15, R16)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.claims import ClaimActivities
from activities.notices import NoticeActivities
from activities.seller_mails import SellerMailActivities
from adapters.partner.port import ClaimRefused, ClaimUnknown, PartnerError
from dunning.actions import ActionKind
from dunning.case.state import SellerMailDue
from dunning.claims import Claim, ClaimPhase, ClaimStatus, Closing
from dunning.ladder import LADDER, DunningOption, StepTaken
from dunning.notices import SellerMailKind
from models.queries import case_document
from runtime.database import Database
from tests.activity_runs import act
from tests.factories import a_payment, eur, utc
from tests.outbox import MAIL_FROM, Outbox
from tests.partners.fake import FakePartner
from tests.seeded import (
    bring_up,
    case_of_an_open_order,
    claim_row,
    history,
    row_of,
    set_case,
    the_case,
)

OPENED = utc("2026-03-02T09:00:00")
HANDOFF_DAY = utc("2026-04-01T10:00:00")
LATER = utc("2026-04-20T10:00:00")
STEPS = tuple(
    StepTaken(kind=step.kind, on=OPENED.date() + timedelta(days=step.offset)) for step in LADDER
)
SUBMITTED = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))


@pytest.fixture
def agency() -> FakePartner:
    return FakePartner()


@pytest.fixture
def claims(database: Database, agency: FakePartner) -> ClaimActivities:
    return ClaimActivities(database, agency)


async def handed_over(database: Database, **changes: object) -> str:
    case_id = await case_of_an_open_order(database, OPENED)
    claim = Claim(reference=f"{case_id}-1", at=HANDOFF_DAY, status=SUBMITTED)
    given = {
        "claim": claim,
        "invoice_notice_due": False,
        "steps": STEPS,
        "option": DunningOption.COURT,
    }
    await set_case(database, case_id, **(given | changes))
    async with database.writing() as session:
        session.add(claim_row(case_id, HANDOFF_DAY, reference=claim.reference))
    return case_id


async def test_r15_the_invoice_notice_and_the_letters_go_with_the_claim(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    case_id = await case_of_an_open_order(database, OPENED)
    notices = NoticeActivities(database, Outbox(), mail_from=MAIL_FROM)
    await act(notices.send_notice, case_id, ActionKind.INVOICE_NOTICE, OPENED)
    await set_case(database, case_id, steps=STEPS[:1])
    written = utc("2026-03-12T10:00:00")
    await act(notices.send_notice, case_id, ActionKind.FIRST_NOTICE, written)
    claim = Claim(reference=f"{case_id}-1", at=HANDOFF_DAY, status=SUBMITTED, documents_due=True)
    await set_case(database, case_id, claim=claim, steps=STEPS)
    async with database.writing() as session:
        session.add(claim_row(case_id, HANDOFF_DAY, reference=claim.reference))

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await act(claims.attach_documents, case_id, ActionKind.ATTACH_DOCUMENTS, LATER)
    await act(claims.attach_documents, case_id, ActionKind.ATTACH_DOCUMENTS, LATER)

    assert [name.split("-")[0] for name in agency.documents] == ["invoice_notice", "first_notice"]
    assert all(document.content[:4] == b"%PDF" for document in agency.documents.values())


async def test_r15_money_at_the_seller_is_reported_once(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    case_id = await handed_over(database, payments=(a_payment("19.00", at=LATER),))

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await act(claims.report_money, case_id, ActionKind.REPORT_MONEY, LATER)
    await act(claims.report_money, case_id, ActionKind.REPORT_MONEY, LATER)

    assert (await the_case(database, case_id)).unreported == ()
    (report,) = agency.told.values()
    assert (report.amount, report.open_amount) == (Decimal("19.00"), Decimal("100.00"))
    assert (await history(database, case_id)).count("claim.payment_reported") == 1


async def test_r15_a_withdrawal_is_asked_for_once(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    claim = Claim(
        reference="r-1", at=HANDOFF_DAY, status=SUBMITTED, withdrawn=True, withdrawal_due=True
    )
    case_id = await handed_over(database)
    claim = claim.model_copy(update={"reference": f"{case_id}-1"})
    await set_case(database, case_id, claim=claim)

    agency.dies_after_hearing = True
    with pytest.raises(ApplicationError):
        await act(claims.withdraw_claim, case_id, ActionKind.WITHDRAW_CLAIM, LATER)
    await act(claims.withdraw_claim, case_id, ActionKind.WITHDRAW_CLAIM, LATER)

    case = await the_case(database, case_id)
    assert case.claim is not None
    assert not case.claim.withdrawal_due
    assert list(agency.withdrawn) == [f"{case_id}-1/withdrawal"]


@pytest.mark.parametrize("error", [ClaimRefused, ClaimUnknown])
async def test_r15_what_the_partner_will_not_hear_of_is_noted_and_not_said_again(
    database: Database,
    claims: ClaimActivities,
    agency: FakePartner,
    error: type[PartnerError],
) -> None:
    case_id = await handed_over(database, payments=(a_payment("19.00", at=LATER),))
    agency.refuses_with = error("this case is closed")

    await act(claims.report_money, case_id, ActionKind.REPORT_MONEY, LATER)

    assert await history(database, case_id) == ["case.opened", "claim.updated"]
    assert (await the_case(database, case_id)).unreported == ()


async def test_r15_a_withdrawal_that_the_partner_refuses_is_noted(
    database: Database, claims: ClaimActivities, agency: FakePartner
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

    await act(claims.withdraw_claim, case_id, ActionKind.WITHDRAW_CLAIM, LATER)

    assert await history(database, case_id) == ["case.opened", "claim.updated"]


async def test_r28_what_a_partner_says_of_a_claim_stays_out_of_temporal(
    database: Database,
    claims: ClaimActivities,
    agency: FakePartner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case_id = await handed_over(database)

    async def refuse(handle: object) -> None:
        raise ClaimRefused("The case against Ada Muster is closed.")

    monkeypatch.setattr(agency, "status", refuse)

    with pytest.raises(ApplicationError) as failed:
        await act(claims.check_claim, case_id, ActionKind.CHECK_CLAIM, LATER)

    assert str(failed.value) == "PartnerError: ClaimRefused"


async def test_r15_what_the_partner_says_stands_on_the_board_with_its_code_and_words(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    case_id = await handed_over(database)
    agency.has(
        f"{case_id}-1", phase=ClaimPhase.CLOSED, closing=Closing.REJECTED, words="no contract"
    )

    await act(claims.check_claim, case_id, ActionKind.CHECK_CLAIM, LATER)

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
    assert "claim.rejected" in await history(database, case_id)


async def test_r15_asked_again_with_nothing_new_the_history_says_nothing(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    case_id = await handed_over(database)
    agency.has(f"{case_id}-1")
    before = await history(database, case_id)

    for at in (LATER, LATER + timedelta(days=60)):
        await act(claims.check_claim, case_id, ActionKind.CHECK_CLAIM, at)

    assert await history(database, case_id) == before


async def test_r15_the_seller_is_told_once_of_each_thing(database: Database) -> None:
    mails = (
        SellerMailDue(about=SellerMailKind.HANDED_OVER, key="handed_over/r-1"),
        SellerMailDue(about=SellerMailKind.CHARGEBACK, key="chargeback/c-1", amount=eur("19.00")),
    )
    case_id = await handed_over(database, seller_mails=mails)
    outbox = Outbox()
    seller_mails = SellerMailActivities(database, outbox, mail_from=MAIL_FROM)

    for _ in range(4):
        await act(seller_mails.tell_seller, case_id, ActionKind.TELL_SELLER, LATER)

    assert len(outbox.messages) == 2
    assert len(set(outbox.ids())) == 2
    assert (await history(database, case_id)).count("seller.told") == 2


async def test_r14_the_seller_hears_the_partners_words_of_a_rejection(
    database: Database, claims: ClaimActivities, agency: FakePartner
) -> None:
    case_id = await handed_over(database)
    agency.has(
        f"{case_id}-1", phase=ClaimPhase.CLOSED, closing=Closing.REJECTED, words="below the minimum"
    )
    outbox = Outbox()
    seller_mails = SellerMailActivities(database, outbox, mail_from=MAIL_FROM)
    await act(claims.check_claim, case_id, ActionKind.CHECK_CLAIM, LATER)

    await act(seller_mails.tell_seller, case_id, ActionKind.TELL_SELLER, LATER)

    [message] = outbox.messages
    assert "below the minimum" in message.as_string()


@pytest.mark.parametrize(
    ("settings", "stage", "next_step"),
    [
        ({}, "reminded", "handoff"),
        ({"auto_chargeback_handoff": False}, "awaiting_approval", None),
        ({"dunning_option": "no_collection"}, "scheduled", "payment_reminder"),
    ],
)
async def test_r13_the_switch_decides_on_a_chargeback(
    database: Database, settings: dict[str, object], stage: str, next_step: str | None
) -> None:
    case_id = await case_of_an_open_order(database, OPENED, settings=settings)
    await set_case(
        database, case_id, invoice_notice_due=False, chargeback_due=True, steps=STEPS[:1]
    )

    await bring_up(database, case_id, LATER)

    row = await row_of(database, case_id)
    assert (row.stage, row.next_kind) == (stage, next_step)
