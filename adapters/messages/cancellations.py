"""The mail that tells a customer that an order was canceled, and what is still owed (R29)."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from typing import Any

from adapters.branding.brand_look import BrandLook
from adapters.branding.palette import palette_of
from adapters.messages.clean_text import Line
from adapters.messages.content import filled, footer, language_of
from adapters.messages.formats import day, money
from adapters.messages.locales import Language
from adapters.messages.mime import assembled, headers_to_customer
from adapters.messages.pictures import pictures_of
from adapters.messages.values import Partner, Posting, Recipient, Sender, Value
from adapters.messages.wording import WORDING
from dunning.money import Money
from dunning.notices import NoticeKind


class Cancellation(Value):
    """The values of a cancellation notice.

    `claimed` is the amount that the partner still claims (R11), with the `cancellation_costs`.
    With `is_withdrawn` the partner was asked to stop. `paid` is what the customer has paid of the
    order.
    """

    sender: Sender
    recipient: Recipient
    order_id: Line
    invoice_number: Line | None = None
    invoice_date: date | None = None
    claimed: Money | None = None
    cancellation_costs: Money | None = None
    is_withdrawn: bool = False
    paid: Money | None = None
    partner: Partner = Partner()
    look: BrandLook = BrandLook()


def write_cancellation_notice(canceled: Cancellation, posting: Posting) -> EmailMessage:
    """Write the mail to the customer: nothing to pay by, and no letter."""
    message = NoticeKind.CANCELLATION_NOTICE
    code = WORDING.language_for(canceled.recipient.language, message=message)
    language = language_of(code, canceled.recipient, canceled.sender)
    words = WORDING.words(language)
    images, pictures = pictures_of(canceled.look, None, posting.message_id)
    rendered = WORDING.render(
        message,
        language=language,
        frame="branded",
        palette=palette_of(canceled.look.primary, canceled.look.accent),
        values={**_contents(canceled, words, language), **pictures},
    )
    headers = headers_to_customer(canceled.sender, canceled.recipient, posting)
    return assembled(rendered, headers=headers, images=images)


def _contents(canceled: Cancellation, words: Any, language: Language) -> dict[str, Any]:
    labels, locale = words.labels, language.locale
    facts = [
        (labels["order"], canceled.order_id),
        (labels["invoice"], canceled.invoice_number),
        (
            labels["invoice_date"],
            day(canceled.invoice_date, locale) if canceled.invoice_date else None,
        ),
        (labels["paid"], money(canceled.paid, locale) if canceled.paid else None),
        (labels["claimed"], money(canceled.claimed, locale) if canceled.claimed else None),
    ]
    return {
        "canceled": canceled,
        "sender": canceled.sender,
        "greeting": words.greeting(canceled.recipient),
        "preview": f"{labels['order']} {canceled.order_id}",
        "facts": filled(facts),
        "link": None,
        "signature": canceled.sender.company_name,
        "footer": footer(canceled.sender, words),
    }
