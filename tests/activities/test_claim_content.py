"""R15: a claim carries what an agency needs, from the tables and from what was really sent."""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from activities.claim_content import claim_of, documents_of
from activities.context import ActionContext
from activities.notices import NoticeActivities
from adapters.mail import wire_format
from adapters.partner.port import (
    PDF,
    Claim,
    ClaimDocument,
    Cost,
    DocumentKind,
    MoneyMoved,
    NoticeGiven,
)
from dunning.actions import ActionKind
from dunning.history import Event, EventName
from dunning.ladder import LADDER, DunningOption, StepTaken
from dunning.money import Money
from dunning.movements import Fee
from dunning.notices import NoticeKind
from dunning.receivables import case_id_of
from models.histories import write_events
from models.orders import add_fee
from models.payloads import DoAction
from models.tables import MessageRow
from runtime.database import Database
from starter.input.schemas import ChargebackBody, PaymentBody
from starter.intake.record_chargebacks import record_chargeback
from starter.intake.record_payments import record_payment
from tests.activity_runs import act
from tests.factories import utc
from tests.outbox import MAIL_FROM, Outbox
from tests.seeded import case_of_an_open_order, set_case

pytestmark = pytest.mark.one_database

OPENED = utc("2026-03-02T09:00:00")
HANDOFF_DAY = utc("2026-04-01T10:00:00")
TAKEN = tuple(
    StepTaken(kind=step.kind, on=OPENED.date() + timedelta(days=step.offset)) for step in LADDER[:3]
)
ADDRESS = {
    "street": "Marktplatz 1",
    "postal_code": "20095",
    "city": "Hamburg",
    "region": None,
    "country": "DE",
}


async def notices_sent(database: Database, **given: Any) -> str:
    """A case on its handoff day, which has heard of nothing else."""
    case_id = await case_of_an_open_order(database, OPENED, **given)
    await set_case(
        database,
        case_id,
        invoice_notice_due=False,
        invoice_notice_on=OPENED.date(),
        steps=TAKEN,
        option=DunningOption.COURT,
        handoff_begun=True,
    )
    return case_id


async def content(database: Database, case_id: str) -> tuple[Claim, list[ClaimDocument]]:
    """What would go to the partner on the handoff day."""

    async def look(task: DoAction) -> Any:
        context = await ActionContext.begin(database, task)
        async with database.reading() as session:
            return await claim_of(context), await documents_of(context, session)

    found: Any = await act(look, case_id, ActionKind.HANDOFF, HANDOFF_DAY)
    return found  # type: ignore[no-any-return]


async def claim(database: Database, case_id: str) -> Claim:
    return (await content(database, case_id))[0]


async def pay_and_take_back(database: Database) -> None:
    """50.00 and 19.00 come in, 40.00 of the first go back with 3.00 of costs, 7.50 join."""
    for number, (amount, day) in enumerate((("50.00", 5), ("19.00", 9)), start=1):
        at = OPENED + timedelta(days=day)
        body = PaymentBody(
            payment_id=f"p-{number}",
            seller_id="s-1",
            order_id="A-1",
            amount=amount,
            currency="EUR",
            paid_at=at.isoformat(),
        )
        async with database.writing() as session:
            await record_payment(session, body, now=at)
    at = OPENED + timedelta(days=7)
    back = ChargebackBody(
        chargeback_id="c-1", amount="40.00", fee="3.00", occurred_at=at.isoformat()
    )
    async with database.writing() as session:
        await record_chargeback(session, "p-1", back, now=at)


async def asked(database: Database, case_id: str, reason: str | None, name: EventName) -> None:
    """Somebody has asked something of the case and has given a reason."""
    event = Event(at=HANDOFF_DAY, name=name, detail={"reason": reason})
    async with database.writing() as session:
        await write_events(session, case_id, [event])


async def test_r15_the_contract_and_both_sides_are_in_it(database: Database) -> None:
    seller = {
        "address": ADDRESS,
        "registration_number": "HRB 4711",
        "tax_id": "DE123456789",
        "phone": "+49 40 7654321",
    }
    customer = {"company": "Muster AG", "registration_number": "HRB 1", "phone": "+49 30 1"}
    case_id = await notices_sent(
        database, seller=seller, customer=customer, invoice_number="R-17", subject="Course"
    )

    found = await claim(database, case_id)

    assert (found.reference, found.round) == (f"{case_id}-1", 1)
    assert (found.subject, found.invoice_number) == ("Course", "R-17")
    assert found.invoice_date == found.due_date == OPENED.date()
    assert found.installment is None
    creditor, debtor = found.creditor, found.debtor
    assert (creditor.seller_id, creditor.name) == ("s-1", "Kurse GmbH")
    assert creditor.address is not None
    assert creditor.address.model_dump() == ADDRESS
    assert (creditor.registration_number, creditor.tax_id) == ("HRB 4711", "DE123456789")
    assert (creditor.email, creditor.phone) == ("seller@example.org", "+49 40 7654321")
    assert (debtor.name, debtor.contact_person) == ("Muster AG", "Ada Muster")
    assert debtor.address.street == "Hauptstr. 5"


async def test_r15_the_day_of_the_contract_and_what_a_seller_says_by_law_are_in_it(
    database: Database,
) -> None:
    seller = {"may_deduct_input_tax": True, "legal_notice": ["Managing director: Ada Muster"]}
    case_id = await notices_sent(database, seller=seller, ordered_on="2026-02-20")

    found = await claim(database, case_id)

    assert found.ordered_on == date(2026, 2, 20)
    assert found.creditor.may_deduct_input_tax is True
    assert found.creditor.legal_notice == ("Managing director: Ada Muster",)


async def test_r15_what_nobody_has_said_is_not_in_it(database: Database) -> None:
    found = await claim(database, await notices_sent(database))

    assert found.ordered_on is None
    assert found.creditor.may_deduct_input_tax is None
    assert found.creditor.legal_notice == ()


async def test_r15_the_notices_have_their_days(database: Database) -> None:
    found = await claim(database, await notices_sent(database))

    assert found.notices == (
        NoticeGiven(kind=NoticeKind.INVOICE_NOTICE, on=date(2026, 3, 2)),
        NoticeGiven(kind=NoticeKind.PAYMENT_REMINDER, on=date(2026, 3, 7)),
        NoticeGiven(kind=NoticeKind.FIRST_NOTICE, on=date(2026, 3, 12)),
        NoticeGiven(kind=NoticeKind.FINAL_NOTICE, on=date(2026, 3, 22)),
    )


async def test_r15_every_amount_has_its_day_or_its_ground_and_they_add_up(
    database: Database,
) -> None:
    case_id = await notices_sent(database)
    await pay_and_take_back(database)
    fee = Fee(key="extra", amount=Money(amount=Decimal("7.50"), currency="EUR"))
    async with database.writing() as session:
        await add_fee(session, case_id, fee, ground="cancellation of the order")

    found = await claim(database, case_id)

    assert str(found.principal) == "119.00"
    assert found.fees == (
        Cost(ground="bank costs of a returned payment", amount=Decimal("3.00")),
        Cost(ground="cancellation of the order", amount=Decimal("7.50")),
    )
    assert found.payments == (
        MoneyMoved(on=date(2026, 3, 7), amount=Decimal("50.00")),
        MoneyMoved(on=date(2026, 3, 9), amount=Decimal("-40.00")),
        MoneyMoved(on=date(2026, 3, 11), amount=Decimal("19.00")),
    )
    assert str(found.amount) == "100.50"


async def test_r15_one_installment_is_one_claim(database: Database) -> None:
    plan = [
        {"number": number, "due_date": f"2026-0{number + 2}-02", "amount": "59.50"}
        for number in (1, 2)
    ]
    case_id = await notices_sent(database, installments=plan)

    found = await claim(database, case_id)

    assert (found.installment, str(found.amount)) == ((1, 2), "59.50")


@pytest.mark.parametrize("currency", ["CLP", "JPY"])
async def test_amounts_have_the_digits_of_their_currency(database: Database, currency: str) -> None:
    case_id = await notices_sent(database, currency=currency, total="119000")

    assert str((await claim(database, case_id)).amount) == "119000"


@pytest.mark.parametrize(
    ("reason", "is_disputed"),
    [
        ("dispute", True),
        (" Dispute: the goods are broken", True),
        ("DISPUTED by phone", True),
        ("customer disputes", False),
        ("no dispute", False),
        ("promise to pay", False),
        ("", False),
        (None, False),
    ],
)
async def test_r15_disputed_is_what_the_seller_has_called_a_dispute(
    database: Database, reason: str | None, is_disputed: bool
) -> None:
    case_id = await notices_sent(database)
    await asked(database, case_id, reason, EventName.CASE_HELD)

    assert (await claim(database, case_id)).is_disputed is is_disputed


async def test_only_holds_have_such_reasons(database: Database) -> None:
    case_id = await notices_sent(database)
    await asked(database, case_id, "dispute", EventName.CASE_STOPPED)

    assert not (await claim(database, case_id)).is_disputed


async def test_r15_the_documents_are_what_was_sent(database: Database) -> None:
    outbox = Outbox()
    notices = NoticeActivities(database, outbox, mail_from=MAIL_FROM)
    case_id = await case_of_an_open_order(database, OPENED, seller={"address": ADDRESS})
    sent_after = {
        ActionKind.INVOICE_NOTICE: 0,
        ActionKind.PAYMENT_REMINDER: 5,
        ActionKind.FIRST_NOTICE: 10,
        ActionKind.FINAL_NOTICE: 20,
    }
    for kind, days in sent_after.items():
        await act(notices.send_notice, case_id, kind, OPENED + timedelta(days=days, hours=1))

    _, documents = await content(database, case_id)

    assert [(one.name, one.kind, one.media_type) for one in documents] == [
        ("invoice_notice-2026-03-02.pdf", DocumentKind.INVOICE, PDF),
        ("payment_reminder-2026-03-07.pdf", DocumentKind.NOTICE, PDF),
        ("first_notice-2026-03-12.pdf", DocumentKind.NOTICE, PDF),
        ("final_notice-2026-03-22.pdf", DocumentKind.NOTICE, PDF),
    ]
    text = text_of(documents[0].content)
    assert "Ada Muster <ada@example.org>" in text
    assert "119,00" in text


def text_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)


async def sent(database: Database, case_id: str, kind: NoticeKind, *letters: bytes) -> None:
    """A message of a case that was sent on the ninth day."""
    await written(database, case_id, kind, *letters)
    event = Event(at=OPENED, name=EventName.NOTICE_SENT, key=f"{case_id}/1/{kind}", detail={})
    async with database.writing() as session:
        await write_events(session, case_id, [event])


async def written(database: Database, case_id: str, kind: NoticeKind, *letters: bytes) -> None:
    """A message of a case, written on the ninth day."""
    message = EmailMessage()
    message["Subject"] = "Rechnung über 119,00 €"
    message.set_content("Guten Tag.")
    for letter in letters:
        message.add_attachment(letter, maintype="application", subtype="pdf", filename="letter.pdf")
    row = MessageRow(
        key=f"{case_id}/1/{kind}",
        case_id=case_id,
        kind=kind,
        message_id=f"<{kind}@example.com>",
        sent_at=OPENED + timedelta(days=9),
        currency="EUR",
        open_amount=Decimal(119),
        content=zlib.compress(wire_format(message)),
    )
    async with database.writing() as session:
        session.add(row)


async def test_r15_letters_are_given_to_the_byte(database: Database) -> None:
    case_id = await notices_sent(database)
    await sent(database, case_id, NoticeKind.FINAL_NOTICE, b"%PDF-1.7 one\r\n\0", b"%PDF two")
    await sent(database, case_id, NoticeKind.PAYMENT_REMINDER)
    await sent(database, case_id, NoticeKind.FIRST_NOTICE)

    _, documents = await content(database, case_id)

    assert [(one.name, one.content) for one in documents[:2]] == [
        ("final_notice-2026-03-11.pdf", b"%PDF-1.7 one\r\n\0"),
        ("final_notice-2026-03-11-2.pdf", b"%PDF two"),
    ]
    assert [one.name for one in documents[2:]] == [
        "first_notice-2026-03-11.pdf",
        "payment_reminder-2026-03-11.pdf",
    ]
    text = text_of(documents[2].content)
    assert "Rechnung über 119,00 €" in text
    assert "Guten Tag." in text
    assert documents[0].description == "final notice of 2026-03-11"


async def test_r15_an_installment_has_the_invoice_notice_of_its_order(database: Database) -> None:
    plan = [
        {"number": number, "due_date": f"2026-0{number + 2}-02", "amount": "59.50"}
        for number in (1, 2)
    ]
    first = await notices_sent(database, installments=plan)
    other = case_id_of("s-1", "A-1", 2)
    for case_id in (first, other):
        await sent(database, case_id, NoticeKind.FINAL_NOTICE, b"%PDF")
    await sent(database, other, NoticeKind.INVOICE_NOTICE)

    _, documents = await content(database, first)

    names = ["final_notice-2026-03-11.pdf", "invoice_notice-2026-03-11.pdf"]
    assert sorted(one.name for one in documents) == names


async def test_r16_what_did_not_leave_the_house_is_no_document(database: Database) -> None:
    case_id = await notices_sent(database)
    await written(database, case_id, NoticeKind.FINAL_NOTICE, b"%PDF")

    _, documents = await content(database, case_id)

    assert documents == []


async def test_without_messages_there_are_no_documents(database: Database) -> None:
    _, documents = await content(database, await notices_sent(database))

    assert documents == []
