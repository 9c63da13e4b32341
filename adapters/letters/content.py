"""The content of a letter: all texts that its layout prints, in the letter's language."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from adapters.branding.brand_look import Logo
from adapters.letters.paycode import payment_code
from adapters.letters.words import letter_words
from adapters.messages.content import filled, numbers, spoken_values, structured_reference
from adapters.messages.formats import NO_BREAK_SPACE, day, money
from adapters.messages.locales import Language
from adapters.messages.values import Notice
from adapters.messages.wording import GLUE, WORDING
from dunning.colors import WHITE, legible_on
from dunning.money import Money, total
from dunning.references import in_fours

_WIDEST_LOGO: Final = 80.0
_TALLEST_LOGO: Final = 20.0

Row = tuple[str, str | None, str]
"""The purpose of an amount, a remark, the amount."""


def letter_content(notice: Notice, language: Language) -> dict[str, Any]:
    """Return the parts of the letter, by the names that the layout uses."""
    own, spoken = letter_words(language.code), WORDING.words(language, on_paper=True)
    said = WORDING.printed(notice.kind, language=language, values=spoken_values(notice, language))
    sender, look, locale = notice.sender, notice.look, language.locale
    code = payment_code(notice)
    return {part: own[part] for part in ("statement", "scan", "unsigned", "page")} | {
        "title": said.title,
        "subject": own["subject"].format(title=said.title, order_id=notice.order_id),
        "company": sender.company_name,
        "back_to": " · ".join([sender.company_name, *sender.address]),
        "envelope": notice.recipient.envelope or (notice.recipient.name,),
        "about": _about(notice, own["labels"], spoken, locale),
        "greeting": spoken.greeting(notice.recipient).strip(),
        "opening": said.opening,
        "closing": [*said.closing, *said.parting],
        "amount": own["rows"]["amount"],
        "rows": list(_rows(notice, own["rows"], spoken, locale)),
        "total": (spoken.labels["open_amount"], money(notice.open_amount, locale)),
        "how_to_pay": spoken.how_to_pay,
        "payment": _payment(notice, spoken, locale),
        "instructions": _instructions(notice, spoken),
        "farewell": spoken.farewell,
        "footer": _footer(notice, spoken),
        "language": language.code,
        "written": (notice.written_on.year, notice.written_on.month, notice.written_on.day),
        "primary": legible_on(WHITE, look.primary),
        "accent": legible_on(WHITE, look.accent),
        "alignment": look.logo_alignment,
        "logo": _logo(look.logo) if look.logo else None,
        "code": code.svg.decode() if code else None,
    }


def _about(
    notice: Notice, own: Mapping[str, str], spoken: Any, locale: str
) -> list[tuple[str, str]]:
    """Return the block beside the address: the letter's subject, and whom to ask."""
    sender, labels = notice.sender, spoken.labels
    return filled(
        [
            (own["date"], _day(notice.written_on, locale)),
            (labels["order"], notice.order_id),
            (labels["invoice"], notice.invoice_number),
            (labels["invoice_date"], _day(notice.invoice_date, locale)),
            (labels["payment_reference"], _reference(notice)),
            (own["phone"], sender.phone),
            (own["email"], (*sender.reply_to, sender.email)[0]),
        ]
    )


def _rows(notice: Notice, own: Mapping[str, str], spoken: Any, locale: str) -> Iterator[Row]:
    """Yield the rows of the statement, from the amount to what is open."""
    number, count = notice.installment or (0, 0)
    what = own["installment" if notice.installment else "order"].format(
        order_id=notice.order_id,
        number=number,
        count=count,
        due_date=_day(notice.due_date, locale),
    )
    yield what, notice.subject, money(notice.amount, locale)
    nothing = Money.zero(notice.amount.currency)
    for cost in notice.costs:
        yield spoken.costs[cost.kind], None, money(cost.amount, locale)
    other_costs = notice.fees - total((cost.amount for cost in notice.costs), nothing.currency)
    if other_costs.is_positive:
        yield spoken.labels["fees"], None, money(other_costs, locale)
    for move in notice.payments:
        came = move.amount.is_positive
        entry = spoken.payment_of(move.on) if came else spoken.payment_returned_on(move.on)
        yield entry.replace(GLUE, NO_BREAK_SPACE).strip(), None, _less(move.amount, locale)
    listed = total((payment.amount for payment in notice.payments), nothing.currency)
    if (notice.paid - listed).is_positive:
        yield spoken.labels["paid"], None, _less(notice.paid - listed, locale)


def _less(paid: Money, locale: str) -> str:
    """Write a payment as a deduction; money that went back becomes an addition."""
    taken_off = Money.zero(paid.currency) - paid
    return money(taken_off, locale).replace("-", "\N{MINUS SIGN}")


def _payment(notice: Notice, spoken: Any, locale: str) -> list[tuple[str, str]]:
    sender, labels, pay_by = notice.sender, spoken.labels, notice.pay_by
    until = spoken.until(pay_by).replace(GLUE, NO_BREAK_SPACE).strip() if pay_by else None
    return filled(
        [
            (labels["payee"], sender.company_name if sender.iban else None),
            (labels["iban"], _glued(in_fours(sender.iban)) if sender.iban else None),
            (labels["bic"], sender.bic if sender.iban else None),
            (labels["amount"], money(notice.open_amount, locale)),
            (labels["payment_reference"], _reference(notice)),
            (labels["reach_us"], until),
        ]
    )


def _reference(notice: Notice) -> str:
    structured = structured_reference(notice.sender, notice.open_amount, notice.reference)
    return _glued(structured) if structured else notice.payment_reference


def _instructions(notice: Notice, spoken: Any) -> list[str]:
    given = (notice.sender.payment_instructions or "").splitlines()
    if not given and not notice.sender.iban:
        return [spoken.pay_as_agreed]
    return given


def _footer(notice: Notice, spoken: Any) -> list[list[str]]:
    """Return the footer about the seller, in columns."""
    sender = notice.sender
    columns = (
        (sender.company_name, *sender.address),
        (sender.phone, sender.email, sender.website),
        [
            *(f"{label}{spoken.colon} {number}" for label, number in numbers(sender, spoken)),
            *sender.legal_notice,
        ],
    )
    return [lines for column in columns if (lines := [line for line in column if line])]


def _logo(logo: Logo) -> dict[str, object]:
    """Return the logo as an SVG, because the layout takes only text, and its size in mm."""
    encoded = base64.b64encode(logo.content).decode()
    scale = min(_WIDEST_LOGO / logo.width, _TALLEST_LOGO / logo.height)
    size = f'width="{logo.width}" height="{logo.height}"'
    return {
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
        f'<image {size} href="data:image/png;base64,{encoded}"/></svg>',
        "width": logo.width * scale,
        "height": logo.height * scale,
    }


def _day(value: date, locale: str) -> str:
    return _glued(day(value, locale))


def _glued(words: str) -> str:
    """Replace spaces so that no line break separates a date or a code in groups."""
    return words.replace(" ", NO_BREAK_SPACE)
