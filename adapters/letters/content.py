"""What a letter says, in the words of its language: all that its layout has to print."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from adapters.branding.look import Logo
from adapters.letters.paycode import payment_code
from adapters.letters.words import letter_words
from adapters.messages.content import structured_reference
from adapters.messages.values import NextStep, Notice
from adapters.messages.wording import day, money
from dunning.colors import WHITE, legible_on
from dunning.money import Money, total
from dunning.references import in_fours

_WIDEST_LOGO: Final = 80.0
_TALLEST_LOGO: Final = 20.0
# Between two of them stands what is printed bold; cleaned values never have it.
_BOLD: Final = "\N{INFORMATION SEPARATOR TWO}"

Row = tuple[str, str | None, str]
"""What an amount is for, a remark, the amount."""


def letter_content(notice: Notice, language: str) -> dict[str, Any]:
    """The parts of the letter by the names that the layout has for them."""
    words = letter_words(language)
    sender, look = notice.sender, notice.look
    name = notice.recipient.name
    code = payment_code(notice)
    fixed = ("statement", "how_to_pay", "scan", "farewell", "unsigned", "page")
    return {part: words[part] for part in fixed} | {
        "title": words[notice.kind]["title"],
        "subject": words[notice.kind]["subject"].format(order_id=notice.order_id),
        "company": sender.company_name,
        "back_to": " · ".join([sender.company_name, *sender.address]),
        "envelope": notice.recipient.envelope or (name,),
        "about": _about(notice, words["labels"], language),
        "greeting": words["greeting" if name else "greeting_without_name"].format(name=name),
        **_sentences(notice, words, language),
        "amount": words["rows"]["amount"],
        "rows": list(_rows(notice, words["rows"], language)),
        "total": (words["rows"]["open_amount"], money(notice.open_amount, language)),
        "payment": _payment(notice, words["labels"], language),
        "instructions": _instructions(notice, words),
        "footer": _footer(notice, words["labels"]),
        "language": language,
        "written": (notice.written_on.year, notice.written_on.month, notice.written_on.day),
        "primary": legible_on(WHITE, look.primary),
        "accent": legible_on(WHITE, look.accent),
        "alignment": look.logo_alignment,
        "logo": _logo(look.logo) if look.logo else None,
        "code": code.svg.decode() if code else None,
    }


def _about(notice: Notice, labels: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """The block beside the address: what the letter is about, and whom to ask."""
    sender = notice.sender
    return _filled(
        [
            (labels["date"], _day(notice.written_on, language)),
            (labels["order"], notice.order_id),
            (labels["invoice"], notice.invoice_number),
            (labels["invoice_date"], _day(notice.invoice_date, language)),
            (labels["payment_reference"], _reference(notice)),
            (labels["phone"], sender.phone),
            (labels["email"], (*sender.reply_to, sender.email)[0]),
        ]
    )


def _sentences(notice: Notice, words: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What is said before and after the statement."""
    own = words[notice.kind]
    number, _ = notice.installment or (0, 0)
    next_step_on = notice.next_step_on
    values = {
        "order_id": notice.order_id,
        "number": number,
        "due_date": _day(notice.due_date, language),
        "state": words["state"]["paid_in_part" if notice.paid.is_positive else "open"],
        "amount": _bold(money(notice.open_amount, language)),
    }
    if next_step_on:
        # The whole day is the customer's: the next step comes when it is over.
        values["pay_by"] = _bold(_day(next_step_on - timedelta(days=1), language))
        values["next_step_on"] = _bold(_day(next_step_on, language))
    debt = words["debt"]["installment" if notice.installment else "order"].format(**values)
    demand = own["pay" if next_step_on else "pay_now"].format(**values)
    return {
        "opening": own["opening"].format(debt=debt, **values),
        "closing": [
            " ".join([demand, *_next_step(notice, words, values)]),
            own["contact"],
            words["paid_meanwhile"],
        ],
    }


def _next_step(
    notice: Notice, words: Mapping[str, Any], values: Mapping[str, object]
) -> Iterator[str]:
    """What follows if nothing is paid; the handoff in the words of its option (R11)."""
    if notice.next_step is None:
        return
    step = notice.next_step.value
    if notice.next_step is NextStep.HANDOFF:
        step = f"{step}_{notice.dunning_option}"
    yield words["next_step"][step].format(**values)


def _rows(notice: Notice, words: Mapping[str, str], language: str) -> Iterator[Row]:
    """The statement: every entry that leads from the amount to what is open of it."""
    number, count = notice.installment or (0, 0)
    what = words["installment" if notice.installment else "order"].format(
        order_id=notice.order_id,
        number=number,
        count=count,
        due_date=_day(notice.due_date, language),
    )
    yield what, notice.subject, money(notice.amount, language)
    nothing = Money.zero(notice.amount.currency)
    for cost in notice.costs:
        yield words[f"cost_{cost.kind}"], None, money(cost.amount, language)
    other_costs = notice.fees - total((cost.amount for cost in notice.costs), nothing.currency)
    if other_costs.is_positive:
        yield words["cost"], None, money(other_costs, language)
    for payment in notice.payments:
        entry = words["payment" if payment.amount.is_positive else "payment_returned"]
        on = _day(payment.on, language)
        yield entry.format(on=on), None, _less(payment.amount, language)
    listed = total((payment.amount for payment in notice.payments), nothing.currency)
    if (notice.paid - listed).is_positive:
        yield words["paid"], None, _less(notice.paid - listed, language)


def _less(paid: Money, language: str) -> str:
    """A payment as what it takes off; money that went back adds to what is owed."""
    taken_off = Money.zero(paid.currency) - paid
    return money(taken_off, language).replace("-", "\N{MINUS SIGN}")


def _payment(notice: Notice, labels: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    sender, next_step_on = notice.sender, notice.next_step_on
    pay_by = _day(next_step_on - timedelta(days=1), language) if next_step_on else None
    return _filled(
        [
            (labels["payee"], sender.company_name if sender.iban else None),
            (labels["iban"], _glued(in_fours(sender.iban)) if sender.iban else None),
            (labels["bic"], sender.bic if sender.iban else None),
            (labels["amount"], money(notice.open_amount, language)),
            (labels["payment_reference"], _reference(notice)),
            (labels["pay_by"], pay_by),
        ]
    )


def _reference(notice: Notice) -> str:
    structured = structured_reference(notice.sender, notice.open_amount, notice.reference)
    return _glued(structured) if structured else notice.payment_reference


def _instructions(notice: Notice, words: Mapping[str, Any]) -> list[str]:
    given = (notice.sender.payment_instructions or "").splitlines()
    if not given and not notice.sender.iban:
        return [words["pay_as_agreed"]]
    return given


def _footer(notice: Notice, labels: Mapping[str, str]) -> list[list[str]]:
    """Who the seller is, in columns."""
    sender = notice.sender
    numbers = _filled(
        [
            (labels["tax_id"], sender.tax_id),
            (labels["registration_number"], sender.registration_number),
        ]
    )
    columns = (
        (sender.company_name, *sender.address),
        (sender.phone, sender.email, sender.website),
        [f"{label}: {number}" for label, number in numbers],
    )
    return [lines for column in columns if (lines := [line for line in column if line])]


def _logo(logo: Logo) -> dict[str, object]:
    """As an SVG, for the layout takes text only, and in its size on paper."""
    encoded = base64.b64encode(logo.content).decode()
    scale = min(_WIDEST_LOGO / logo.width, _TALLEST_LOGO / logo.height)
    size = f'width="{logo.width}" height="{logo.height}"'
    return {
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
        f'<image {size} href="data:image/png;base64,{encoded}"/></svg>',
        "width": logo.width * scale,
        "height": logo.height * scale,
    }


def _day(value: date, language: str) -> str:
    return _glued(day(value, language))


def _glued(words: str) -> str:
    """What no line break parts: a date, a code in groups."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _bold(words: str) -> str:
    return f"{_BOLD}{words}{_BOLD}"


def _filled(rows: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in rows if value]
