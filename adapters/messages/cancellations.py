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


class CancellationTold(Value):
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


def write_cancellation_notice(told: CancellationTold, posting: Posting) -> EmailMessage:
    """Write the mail to the customer: nothing to pay by, and no letter."""
    message = NoticeKind.CANCELLATION_NOTICE
    code = WORDING.language_for(told.recipient.language, message=message)
    language = language_of(code, told.recipient, told.sender)
    words = WORDING.words(language)
    images, pictures = pictures_of(told.look, None, posting.message_id)
    rendered = WORDING.render(
        message,
        language=language,
        frame="branded",
        palette=palette_of(told.look.primary, told.look.accent),
        values={**_contents(told, words, language), **pictures},
    )
    headers = headers_to_customer(told.sender, told.recipient, posting)
    return assembled(rendered, headers=headers, images=images)


def _contents(told: CancellationTold, words: Any, language: Language) -> dict[str, Any]:
    labels, locale = words.labels, language.locale
    facts = [
        (labels["order"], told.order_id),
        (labels["invoice"], told.invoice_number),
        (labels["invoice_date"], day(told.invoice_date, locale) if told.invoice_date else None),
        (labels["paid"], money(told.paid, locale) if told.paid else None),
        (labels["claimed"], money(told.claimed, locale) if told.claimed else None),
    ]
    return {
        "told": told,
        "sender": told.sender,
        "greeting": words.greeting(told.recipient),
        "preview": f"{labels['order']} {told.order_id}",
        "facts": filled(facts),
        "link": None,
        "signature": told.sender.company_name,
        "footer": footer(told.sender, words),
    }
