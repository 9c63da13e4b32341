"""Every kind of message with sample data, so that a seller can see how it looks (R25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Final

from babel.numbers import get_territory_currencies

from adapters.branding.brand_look import brand_look_of
from adapters.complete_notice import write_complete_notice
from adapters.messages import links
from adapters.messages.cancellations import Cancellation, write_cancellation_notice
from adapters.messages.compose import write_seller_mail
from adapters.messages.parties import recipient_of, sender_of
from adapters.messages.platform import Platform
from adapters.messages.summaries import DebtSummary, OverdueItem, write_debt_summary
from adapters.messages.values import (
    NextStep,
    Notice,
    Posting,
    Recipient,
    SellerMail,
)
from dunning.addresses.address import Address
from dunning.addresses.envelope import postal_lines
from dunning.days import DAY
from dunning.ladder import ADVANCE_DAYS, LADDER, DunningOption, StepKind
from dunning.money import CURRENCY_DIGITS, Money
from dunning.notices import NoticeKind, SellerMailKind
from dunning.references import reference_of
from dunning.stages import Stage
from models.seller import SellerProfile, SellerSettings

DEBT_SUMMARY: Final = "debt_summary"
KINDS: Final[tuple[str, ...]] = (*NoticeKind, *SellerMailKind, DEBT_SUMMARY)
_MAIL_FROM: Final = "messages@example.com"
_PLATFORM: Final = Platform(name="Example Platform", url="https://dunning.example.com")
_MESSAGE_ID: Final = "<preview@example.com>"
_CUSTOMER: Final = "Ada Muster"
_ADDRESS: Final = Address(street="Hauptstr. 5", postal_code="10115", city="Berlin", country="DE")
_ORDERS: Final = (("A-4711", "2026-0815", "k3v7q2mxw5ana4pd"), ("A-4698", None, "p6w2c4kq7x5bnz3d"))
_TERM: Final = 14 * DAY
# For each notice the days after the due date, and the next step that it names.
_NOTICES: Final = {
    NoticeKind.INVOICE_NOTICE: (-_TERM.days, StepKind.PAYMENT_REMINDER),
    NoticeKind.ADVANCE_NOTICE: (-ADVANCE_DAYS, StepKind.PAYMENT_REMINDER),
    NoticeKind.PAYMENT_REMINDER: (LADDER[0].offset, StepKind.FIRST_NOTICE),
    NoticeKind.FIRST_NOTICE: (LADDER[1].offset, StepKind.FINAL_NOTICE),
    NoticeKind.FINAL_NOTICE: (LADDER[2].offset, StepKind.HANDOFF),
}
_OFFSETS: Final = {step.kind: step.offset for step in LADDER}


def sample_message(
    kind: str, profile: SellerProfile, settings: SellerSettings, *, language: str, at: datetime
) -> EmailMessage:
    """Write a message of one of `KINDS` as the seller or one of its customers would get it."""
    today = at.astimezone(profile.zone).date()
    posting = Posting(_MESSAGE_ID, at, _MAIL_FROM)
    if kind == DEBT_SUMMARY:
        return write_debt_summary(_summary(profile, settings, language, today), posting)
    if kind == NoticeKind.CANCELLATION_NOTICE:
        return write_cancellation_notice(_cancellation(profile, settings, language, today), posting)
    if kind in set(NoticeKind):
        notice = _notice(NoticeKind(kind), profile, settings, language, today)
        return write_complete_notice(notice, posting)
    mail = _seller_mail(SellerMailKind(kind), profile, language, today)
    return write_seller_mail(mail, posting, platform=_PLATFORM)


def _notice(
    kind: NoticeKind,
    profile: SellerProfile,
    settings: SellerSettings,
    language: str,
    today: date,
) -> Notice:
    days, step = _NOTICES[kind]
    due_date = today - days * DAY
    order_id, invoice_number, case_id = _ORDERS[0]
    owed = _amount(profile)
    return Notice(
        kind=kind,
        sender=sender_of(profile),
        recipient=_customer(profile, language),
        order_id=order_id,
        invoice_number=invoice_number,
        invoice_date=due_date - _TERM,
        total=owed,
        amount=owed,
        paid=Money.zero(owed.currency),
        fees=Money.zero(owed.currency),
        open_amount=owed,
        due_date=due_date,
        days_overdue=max(0, days),
        next_step=_step_to_name(step, settings.dunning_option),
        next_step_on=due_date + _OFFSETS[step] * DAY,
        dunning_option=settings.dunning_option,
        payment_reference=invoice_number or order_id,
        written_on=today,
        reference=reference_of(case_id),
        **_earlier(kind, due_date),
        look=brand_look_of(settings.brand),
    )


def _earlier(kind: NoticeKind, due_date: date) -> dict[str, date]:
    """Return the days of the notices before this one."""
    days = {}
    if kind in (NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE):
        days["reminded_on"] = due_date + _OFFSETS[StepKind.PAYMENT_REMINDER] * DAY
    if kind is NoticeKind.FINAL_NOTICE:
        days["first_notice_on"] = due_date + _OFFSETS[StepKind.FIRST_NOTICE] * DAY
    return days


def _cancellation(
    profile: SellerProfile, settings: SellerSettings, language: str, today: date
) -> Cancellation:
    order_id, invoice_number, _ = _ORDERS[0]
    return Cancellation(
        sender=sender_of(profile),
        recipient=_customer(profile, language),
        order_id=order_id,
        invoice_number=invoice_number,
        invoice_date=today - (_TERM + _OFFSETS[StepKind.HANDOFF] * DAY),
        look=brand_look_of(settings.brand),
    )


def _step_to_name(step: StepKind, option: DunningOption) -> NextStep:
    if step is StepKind.HANDOFF and option is DunningOption.NO_COLLECTION:
        return NextStep.CANCELLATION
    return NextStep(step.value)


def _summary(
    profile: SellerProfile, settings: SellerSettings, language: str, today: date
) -> DebtSummary:
    return DebtSummary(
        sender=sender_of(profile),
        recipient=_customer(profile, language),
        items=tuple(_items(_amount(profile), today)),
        written_on=today,
        look=brand_look_of(settings.brand),
    )


def _items(amount: Money, today: date) -> Iterable[OverdueItem]:
    for days, (order_id, invoice_number, case_id) in zip((24, 8), _ORDERS, strict=True):
        yield OverdueItem(
            order_id=order_id,
            invoice_number=invoice_number,
            due_date=today - days * DAY,
            days_overdue=days,
            open_amount=amount,
            reference=reference_of(case_id),
        )


def _seller_mail(
    about: SellerMailKind, profile: SellerProfile, language: str, today: date
) -> SellerMail:
    recipient = recipient_of(profile).model_copy(update={"language": language})
    if about in (SellerMailKind.SETTINGS_WANTED, SellerMailKind.DEFAULTS_APPLIED):
        link = links.settings_page(_PLATFORM.url, "sample")
        answer_by = today + 7 * DAY if about is SellerMailKind.SETTINGS_WANTED else None
        return SellerMail(about=about, recipient=recipient, link=link, answer_by=answer_by)
    if about is SellerMailKind.STATEMENT_OLD:
        return SellerMail(about=about, recipient=recipient, statement_day=today - 4 * DAY)
    no_address = about is SellerMailKind.ADDRESS_INCOMPLETE
    no_mailbox = about is SellerMailKind.MAIL_UNDELIVERABLE
    return SellerMail(
        about=about,
        recipient=recipient,
        order_id=_ORDERS[0][0],
        customer_name=_CUSTOMER,
        link=links.case_page(_PLATFORM.url, _ORDERS[0][2]),
        open_amount=_amount(profile),
        missing=("house_number",) if no_address else (),
        blocked=no_address or no_mailbox,
        notice=NoticeKind.FIRST_NOTICE if no_mailbox else None,
        reason="wrong address" if about is SellerMailKind.CLAIM_REJECTED else None,
        outcome=Stage.RECOVERED if about is SellerMailKind.CASE_CLOSED else None,
        amount=_amount(profile) if about is SellerMailKind.CHARGEBACK else None,
        claim_reference="C-4711" if about is SellerMailKind.HANDED_OVER else None,
    )


def _customer(profile: SellerProfile, language: str) -> Recipient:
    country = profile.address.country if profile.address else None
    return Recipient(
        name=_CUSTOMER,
        email="ada@example.org",
        language=language,
        person=_CUSTOMER,
        country=_ADDRESS.country,
        envelope=postal_lines(_ADDRESS, names=(_CUSTOMER,), from_country=country),
    )


def _amount(profile: SellerProfile) -> Money:
    """Return a sample amount in the currency of the seller's country."""
    country = profile.address.country if profile.address else None
    used = get_territory_currencies(country) if country else []
    currency = next((code for code in used if code in CURRENCY_DIGITS), "EUR")
    return Money(amount=Decimal(119 if CURRENCY_DIGITS[currency] else 45_000), currency=currency)
