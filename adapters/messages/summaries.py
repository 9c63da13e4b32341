"""Summaries of debts: all overdue receivables of a customer at one seller (R24)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from email.message import EmailMessage
from typing import Any, Final, Self
from urllib.parse import quote

from pydantic import model_validator

from adapters.branding.brand_look import BrandLook
from adapters.branding.palette import palette_of
from adapters.messages.clean_text import Line
from adapters.messages.content import (
    account,
    filled,
    footer,
    language_of,
    structured_reference,
)
from adapters.messages.formats import day, money
from adapters.messages.locales import Language
from adapters.messages.mime import assembled, headers_to_customer, reply_to
from adapters.messages.pictures import pictures_of
from adapters.messages.values import Posting, Recipient, Sender, Value
from adapters.messages.wording import GLUE, WORDING
from dunning.money import Money, total

_MESSAGE: Final = "debt_summary"


class OverdueItem(Value):
    """A receivable that a summary of debts lists."""

    order_id: Line
    invoice_number: Line | None = None
    installment: tuple[int, int] | None = None
    """The installment's number, and the number of installments."""
    due_date: date
    days_overdue: int
    open_amount: Money
    reference: Line | None = None
    """The reference (ISO 11649) by which a payment finds its case."""


class DebtSummary(Value):
    """A customer's overdue receivables at one seller (R24)."""

    sender: Sender
    recipient: Recipient
    items: tuple[OverdueItem, ...]
    written_on: date
    look: BrandLook = BrandLook()

    @model_validator(mode="after")
    def _lists_what_is_owed(self) -> Self:
        if not self.items or any(item.days_overdue < 1 for item in self.items):
            raise ValueError("a summary of debts lists what is overdue")
        if not all(item.open_amount.is_positive for item in self.items):
            raise ValueError("a summary of debts never asks for what is not owed")
        return self


def write_debt_summary(summary: DebtSummary, posting: Posting) -> EmailMessage:
    """Write the list of all that a customer owes a seller; the one mail that can be called off."""
    code = WORDING.language_for(summary.recipient.language, message=_MESSAGE)
    language = language_of(code, summary.recipient, summary.sender)
    words = WORDING.words(language)
    images, pictures = pictures_of(summary.look, None, posting.message_id)
    rendered = WORDING.render(
        _MESSAGE,
        language=language,
        frame="summary",
        palette=palette_of(summary.look.primary, summary.look.accent),
        values={**_contents(summary, words, language), **pictures},
    )
    headers = headers_to_customer(summary.sender, summary.recipient, posting)
    call_off = f"{quote(reply_to(summary.sender)[0], safe='@+')}?subject={quote(words.call_off)}"
    return assembled(
        rendered,
        headers={**headers, "List-Unsubscribe": f"<mailto:{call_off}>"},
        images=images,
    )


def _contents(summary: DebtSummary, words: Any, language: Language) -> dict[str, Any]:
    sender, locale = summary.sender, language.locale
    items = sorted(summary.items, key=lambda item: (item.due_date, item.order_id))
    return {
        "summary": summary,
        "sender": sender,
        "greeting": words.greeting(summary.recipient),
        "preview": words.preview_of_summary(len(items), summary.written_on).strip(),
        "items": [_item(item, sender, words, locale) for item in items],
        "totals": [
            (words.total_of(money_in.currency), money(money_in, locale))
            for money_in in _totals(items)
        ],
        "payment": filled(account(sender, words)),
        "instructions": (sender.payment_instructions or "").splitlines(),
        "footer": footer(sender, words),
    }


def _item(item: OverdueItem, sender: Sender, words: Any, locale: str) -> dict[str, Any]:
    labels = words.labels
    reference = structured_reference(sender, item.open_amount, item.reference)
    if reference is None:
        reference = item.invoice_number or item.order_id
    facts = [
        (labels["invoice"], item.invoice_number),
        (labels["installment"], words.part_of(*item.installment) if item.installment else None),
        (labels["due_date"], day(item.due_date, locale)),
        (labels["days_overdue"], words.since(item.days_overdue).strip()),
        (labels["payment_reference"], reference.replace(" ", GLUE)),
    ]
    return {
        "order": (labels["order"], item.order_id),
        "facts": filled(facts),
        "amount": (labels["open_amount"], money(item.open_amount, locale)),
    }


def _totals(items: Iterable[OverdueItem]) -> list[Money]:
    """Return one total for each currency."""
    amounts = [item.open_amount for item in items]
    currencies = sorted({amount.currency for amount in amounts})
    return [total((a for a in amounts if a.currency == c), c) for c in currencies]
