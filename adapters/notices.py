"""The writing of messages: what is to be said goes in, a mail ready to be sent comes out.

All that people typed (names, subjects, instructions) is cleaned when a value is made: no line
breaks, no control or direction characters, nothing that a mail header would read as code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from adapters.look import Look
from adapters.wording import Wording, day, money
from dunning.money import Money
from dunning.notices import NoticeKind, SellerTold
from dunning.plan import DunningOption

_WORDING: Final = Wording(Path(__file__).parent / "templates")

_BREAKS: Final = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# Direction marks and overrides (they can turn an amount around), byte order mark, surrogates.
_UNSEEN: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_HEADER_SPECIALS: Final = re.compile(r'[\\"(),.:;<>@\[\]]+')
_LONGEST_QUOTED_NAME: Final = 40
_LONGEST_NAME: Final = 78


def _one_line(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    # `=?` begins an encoded word, which the email package decodes, line breaks and all.
    return _BREAKS.sub(" ", _UNSEEN.sub("", given)).strip().replace("=?", "= ?")


def _lines(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    return "\n".join(_one_line(line) for line in given.strip().splitlines())


def _mail_address(given: str) -> str:
    """In ASCII: the domain as it is written in DNS."""
    try:
        if not given.isascii():
            checked = validate_email(given, check_deliverability=False, globally_deliverable=False)
            given = checked.ascii_email or ""
        address = Address(addr_spec=given)
    except (EmailNotValidError, MessageError, ValueError, IndexError):
        raise ValueError("is no address that mail can be sent to") from None
    if not address.username or not address.domain or "=?" in given:
        raise ValueError("is no address that mail can be sent to")
    return given


Line = Annotated[str, BeforeValidator(_one_line)]
Lines = Annotated[str, BeforeValidator(_lines)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]


class NextStep(StrEnum):
    """What comes after a notice, as far as the customer is told."""

    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    HANDOFF = "handoff"
    CANCELLATION = "cancellation"


class _Value(BaseModel):
    # What is wrong with a name must not end up in a failure's text.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Sender(_Value):
    """The seller, as the customer sees it."""

    company_name: Line
    email: MailAddress
    reply_to: tuple[MailAddress, ...] = ()
    address: tuple[Line, ...] = ()
    phone: Line | None = None
    website: Line | None = None
    iban: Line | None = None
    bic: Line | None = None
    tax_id: Line | None = None
    payment_instructions: Lines | None = None


class Recipient(_Value):
    """Who gets a message, and in which language (BCP 47)."""

    name: Line
    email: MailAddress
    language: str
    envelope: tuple[Line, ...] = ()
    """Names and postal address, a line each, as a letter has them."""


class PaymentMade(_Value):
    """Money that came in for the receivable; below zero: money that went back."""

    on: date
    amount: Money


class CostKind(StrEnum):
    """The grounds of fees."""

    RETURNED_PAYMENT = "returned_payment"
    CANCELLATION = "cancellation"


class Cost(_Value):
    """A fee with its ground."""

    kind: CostKind
    amount: Money


class Notice(_Value):
    """Everything that a notice says (R2 to R7)."""

    kind: NoticeKind
    sender: Sender
    recipient: Recipient
    order_id: Line
    invoice_number: Line | None = None
    invoice_date: date
    subject: Line | None = None
    total: Money
    amount: Money
    paid: Money
    fees: Money
    open_amount: Money
    due_date: date
    days_overdue: int = 0
    installment: tuple[int, int] | None = None
    """Number and count."""
    schedule: tuple[tuple[int, date, Money], ...] = ()
    """Number, due date and amount of each installment; shown in the invoice notice."""
    next_step: NextStep | None = None
    next_step_on: date | None = None
    dunning_option: DunningOption
    payment_reference: Line
    written_on: date
    reference: Line | None = None
    """ISO 11649, by which a payment finds its case."""
    payments: tuple[PaymentMade, ...] = ()
    costs: tuple[Cost, ...] = ()
    look: Look = Look()

    @model_validator(mode="after")
    def _threatens_only_what_can_happen(self) -> Self:
        if (self.next_step is None) != (self.next_step_on is None):
            raise ValueError("a next step and its day belong together")
        no_collection = self.dunning_option is DunningOption.NO_COLLECTION
        if self.next_step is NextStep.HANDOFF and no_collection:
            raise ValueError("with no_collection nothing is handed over")
        if self.next_step is NextStep.CANCELLATION and not no_collection:
            raise ValueError("only with no_collection the order is canceled without a handoff")
        last_steps = (NextStep.HANDOFF, NextStep.CANCELLATION)
        if self.kind is NoticeKind.FINAL_NOTICE and self.next_step not in last_steps:
            raise ValueError("a final notice names the day of the handoff or the cancellation")
        return self


class SellerMail(_Value):
    """Everything that a mail to the seller says (R12, R14, R15, R21)."""

    about: SellerTold
    recipient: Recipient
    order_id: Line | None = None
    installment: tuple[int, int] | None = None
    customer_name: Line | None = None
    open_amount: Money | None = None
    missing: tuple[Line, ...] = ()
    """Address fields, `house_number` or `name`."""
    blocked: bool = False
    """Whether the case waits until the seller has done something."""
    notice: NoticeKind | None = None
    """The message that could not be delivered."""
    reason: Line | None = None
    link: Line | None = None
    """A page on which the seller can do what is asked for."""
    answer_by: date | None = None


def language_for(tag: str) -> str:
    """The language in which a customer is written to: `de` for `de-AT`; English if unknown."""
    return _WORDING.language_for(tag)


def write_notice(
    notice: Notice, *, message_id: str, sent_at: datetime, mail_from: str
) -> EmailMessage:
    """The mail to the customer; the same notice is always the same bytes."""
    language = _WORDING.language_for(notice.recipient.language, message=notice.kind)
    sender = notice.sender
    return _mail(
        message=notice.kind,
        language=language,
        frame="notice",
        values=_notice_values(notice, language),
        headers={
            "From": _address(sender.company_name, mail_from),
            "To": _address(notice.recipient.name, notice.recipient.email),
            "Reply-To": [Address(addr_spec=a) for a in sender.reply_to or (sender.email,)],
            "Date": sent_at,
            "Message-ID": message_id,
        },
    )


def write_seller_mail(
    mail: SellerMail, *, message_id: str, sent_at: datetime, mail_from: str
) -> EmailMessage:
    """The mail that tells the seller; the same mail is always the same bytes."""
    language = _WORDING.language_for(mail.recipient.language, message=mail.about)
    return _mail(
        message=mail.about,
        language=language,
        frame="frame",
        values=_seller_mail_values(mail, language),
        headers={
            "From": Address(addr_spec=mail_from),
            "To": _address(mail.recipient.name, mail.recipient.email),
            "Date": sent_at,
            "Message-ID": message_id,
        },
    )


def _mail(
    *,
    message: str,
    language: str,
    frame: str,
    values: Mapping[str, Any],
    headers: Mapping[str, Any],
) -> EmailMessage:
    subject, text, html = _WORDING.render(message, language=language, frame=frame, values=values)
    mail = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        mail[name] = value
    mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = language
    # The email package would draw lots.
    digest = hashlib.sha256(str(headers["Message-ID"]).encode()).hexdigest()
    mail.set_boundary(f"=_{digest[:32]}")
    return mail


def _address(name: str, mail_address: str) -> Address:
    """An address with a name that the email package can fold without breaking it.

    When it folds a line, it drops the quotes of a long name: a comma in it would then begin
    another address.
    """
    if len(name) > _LONGEST_QUOTED_NAME:
        name = " ".join(_HEADER_SPECIALS.sub(" ", name).split())[:_LONGEST_NAME].strip()
    return Address(name, addr_spec=mail_address)


def _notice_values(notice: Notice, language: str) -> dict[str, Any]:
    words = _WORDING.words(language)
    labels = words.labels
    sender = notice.sender
    open_amount = money(notice.open_amount, language)
    payment = [
        (labels["payee"], sender.company_name if sender.iban else None),
        (labels["iban"], _in_fours(sender.iban)),
        (labels["bic"], sender.bic if sender.iban else None),
        (labels["amount"], open_amount),
        (labels["payment_reference"], notice.payment_reference),
    ]
    tax_id = f"{labels['tax_id']}: {sender.tax_id}" if sender.tax_id else None
    footer = [
        sender.company_name,
        *sender.address,
        sender.phone,
        sender.email,
        sender.website,
        tax_id,
    ]
    in_invoice = notice.kind is NoticeKind.INVOICE_NOTICE
    next_step_on = notice.next_step_on
    return {
        "notice": notice,
        "link": None,
        "sender": sender,
        "greeting": words.greeting(notice.recipient.name),
        "rows": _filled(_facts(notice, words, language)),
        "strong": (labels["open_amount"], open_amount),
        "installments": [
            (str(number), day(due_date, language), money(amount, language))
            for number, due_date, amount in (notice.schedule if in_invoice else ())
        ],
        "due_now": notice.due_date <= notice.written_on,
        # The whole day is the customer's: the next step comes when it is over.
        "pay_by": next_step_on - timedelta(days=1) if next_step_on else None,
        "payment": _filled(payment),
        "instructions": (sender.payment_instructions or "").splitlines(),
        "footer": [line for line in footer if line],
    }


def _facts(notice: Notice, words: Any, language: str) -> list[tuple[str, str | None]]:
    labels = words.labels
    fees, paid = notice.fees, notice.paid
    in_parts = notice.installment is not None
    return [
        (labels["order"], notice.order_id),
        (labels["invoice"], notice.invoice_number),
        (labels["invoice_date"], day(notice.invoice_date, language)),
        (labels["subject"], notice.subject),
        (labels["total"], money(notice.total, language)),
        (
            labels["installment"],
            words.part_of(*notice.installment) if notice.installment else None,
        ),
        (labels["due_date"], day(notice.due_date, language)),
        (
            labels["days_overdue"],
            str(notice.days_overdue) if notice.days_overdue > 0 else None,
        ),
        (
            labels["installment_amount" if in_parts else "amount"],
            money(notice.amount, language) if in_parts or notice.amount != notice.total else None,
        ),
        (labels["fees"], money(fees, language) if fees.is_positive else None),
        (labels["paid"], money(paid, language) if paid.is_positive else None),
    ]


def _seller_mail_values(mail: SellerMail, language: str) -> dict[str, Any]:
    words = _WORDING.words(language)
    labels = words.labels
    fields = words.address_fields
    facts = [
        (labels["order"], mail.order_id),
        (labels["installment"], words.part_of(*mail.installment) if mail.installment else None),
        (labels["customer"], mail.customer_name),
        (labels["open_amount"], money(mail.open_amount, language) if mail.open_amount else None),
        (labels["notice"], words.notices[mail.notice] if mail.notice else None),
        (labels["missing"], ", ".join(fields.get(name, name) for name in mail.missing)),
        (labels["reason"], mail.reason),
        (labels["answer_by"], day(mail.answer_by, language) if mail.answer_by else None),
    ]
    return {
        "mail": mail,
        "link": mail.link,
        "greeting": words.greeting(mail.recipient.name),
        "rows": _filled(facts),
        "strong": None,
        "footer": (),
    }


def _filled(rows: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in rows if value]


def _in_fours(iban: str | None) -> str | None:
    if iban is None:
        return None
    compact = iban.replace(" ", "")
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))
