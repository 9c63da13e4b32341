"""Sample data for every message: ordinary, long, incomplete, with large sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from adapters.branding.look import Look
from adapters.messages.summaries import DebtSummary, OverdueItem
from adapters.messages.values import (
    Cost,
    CostKind,
    NextStep,
    Notice,
    PaymentMade,
    Recipient,
    SellerMail,
)
from dunning.days import DAY
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.notices import NoticeKind, SellerTold
from dunning.references import reference_of
from dunning.stages import Stage
from gallery.brands import BLUE, DARING, PLAIN, SENDERS

LANGUAGES: Final = ("de", "en", "es", "fr")

_INVOICED: Final = date(2026, 3, 2)
_DUE: Final = date(2026, 4, 1)
_MOMENTS: Final[dict[str, tuple[date, NextStep, date]]] = {
    NoticeKind.INVOICE_NOTICE: (_INVOICED, NextStep.PAYMENT_REMINDER, date(2026, 4, 6)),
    NoticeKind.ADVANCE_NOTICE: (date(2026, 3, 27), NextStep.PAYMENT_REMINDER, date(2026, 4, 6)),
    NoticeKind.PAYMENT_REMINDER: (date(2026, 4, 6), NextStep.FIRST_NOTICE, date(2026, 4, 11)),
    NoticeKind.FIRST_NOTICE: (date(2026, 4, 11), NextStep.FINAL_NOTICE, date(2026, 4, 21)),
    NoticeKind.FINAL_NOTICE: (date(2026, 4, 21), NextStep.HANDOFF, date(2026, 5, 1)),
}
_SUMMED_UP: Final = date(2026, 4, 20)
_NO_MOMENT: Final = (date(2026, 4, 21), None, None)


def notices(brand: str, look: Look, language: str) -> Iterator[tuple[str, Notice]]:
    """Every kind, the final notice with every option; each with a name for its files."""
    for kind in NoticeKind:
        options = DunningOption if kind is NoticeKind.FINAL_NOTICE else (DunningOption.COURT,)
        for option in options:
            name = f"{kind}-{option}" if len(options) > 1 else kind.value
            yield name, _notice(kind, option, brand, look, language)
    if brand == BLUE:
        yield "final_notice-long", _long(look, language)


def seller_mails(language: str) -> Iterator[tuple[str, SellerMail]]:
    """Every mail to a seller."""
    for about in SellerTold:
        yield (
            about.value,
            SellerMail(
                about=about,
                recipient=Recipient(
                    name="Nordlicht Kurse GmbH & Co. KG",
                    email="buchhaltung@nordlicht.example",
                    language=language,
                ),
                order_id="A-4711",
                installment=(2, 3),
                customer_name="Ada Muster",
                open_amount=_eur("1026.50"),
                missing=("street", "house_number", "postal_code"),
                blocked=True,
                notice=NoticeKind.FIRST_NOTICE,
                reason="550 5.1.1 no such user",
                link="https://dunning.example/settings/v1.eyJzZWxsZXIiOiJzLTEifQ",
                answer_by=date(2026, 4, 28),
                outcome=Stage.UNCOLLECTIBLE if about is SellerTold.CASE_CLOSED else None,
                amount=_eur("200.00") if about is SellerTold.CHARGEBACK else None,
                claim_reference="k4mz2w7qxh3t9abc-1",
                statement_day=date(2026, 4, 16) if about is SellerTold.STATEMENT_OLD else None,
            ),
        )


def summary(brand: str, look: Look, language: str) -> DebtSummary:
    """A summary of what a customer owes, in two currencies."""
    owed = (("A-4711", "1026.50", 20), ("A-4698", "1234567.89", 3))
    items = [
        OverdueItem(
            order_id=order_id,
            due_date=_SUMMED_UP - days * DAY,
            days_overdue=days,
            open_amount=_eur(amount),
            reference=reference_of("k4mz2w7qxh3t9abc"),
        )
        for order_id, amount, days in owed
    ]
    items.append(
        OverdueItem(
            order_id="7",
            installment=(2, 3),
            due_date=_SUMMED_UP - DAY,
            days_overdue=1,
            open_amount=_clp("1219000"),
        )
    )
    return DebtSummary(
        sender=SENDERS[brand],
        recipient=Recipient(name="Ada Muster", email="ada@example.org", language=language),
        items=tuple(items),
        written_on=_SUMMED_UP,
        look=look,
    )


def _notice(
    kind: NoticeKind, option: DunningOption, brand: str, look: Look, language: str
) -> Notice:
    written_on, next_step, next_step_on = _MOMENTS.get(kind, _NO_MOMENT)
    if option is DunningOption.NO_COLLECTION:
        next_step = NextStep.CANCELLATION
    values = {PLAIN: _incomplete, BLUE: _ordinary, DARING: _overlong}[brand](language)
    overdue = max(0, (written_on - _DUE).days)
    return Notice(
        kind=kind,
        sender=SENDERS[brand],
        invoice_date=_INVOICED,
        due_date=_DUE,
        days_overdue=overdue,
        next_step=next_step,
        next_step_on=next_step_on,
        dunning_option=option,
        written_on=written_on,
        look=look,
        **values,
    )


def _ordinary(language: str) -> dict[str, Any]:
    """The second of three installments, paid in part, once with money that went back."""
    return {
        "recipient": Recipient(
            name="Ada Muster",
            email="ada@example.org",
            language=language,
            envelope=(
                "Beispiel Werkzeugbau GmbH",
                "Ada Muster",
                "Lange Straße 12",
                "04109 Leipzig",
            ),
        ),
        "order_id": "A-4711",
        "invoice_number": "2026-0815",
        "subject": "Online-Kurs Fotografie",
        "total": _eur("3719.00"),
        "amount": _eur("1219.00"),
        "paid": _eur("200.00"),
        "fees": _eur("7.50"),
        "open_amount": _eur("1026.50"),
        "installment": (2, 3),
        "schedule": (
            (1, date(2026, 3, 15), _eur("1250.00")),
            (2, _DUE, _eur("1219.00")),
            (3, date(2026, 5, 15), _eur("1250.00")),
        ),
        "payments": (
            PaymentMade(on=date(2026, 4, 2), amount=_eur("400")),
            PaymentMade(on=date(2026, 4, 5), amount=_eur("-200")),
        ),
        "costs": (Cost(kind=CostKind.RETURNED_PAYMENT, amount=_eur("7.50")),),
        "payment_reference": "2026-0815",
        "reference": reference_of("k4mz2w7qxh3t9abc"),
    }


def _incomplete(language: str) -> dict[str, Any]:
    """A customer without a first name, an order without an invoice number or a subject; pesos."""
    return {
        "recipient": Recipient(
            name="Muster",
            email="muster@example.org",
            language=language,
            envelope=("Muster", "Av. Providencia 1234", "7500000 PROVIDENCIA", "CHILE"),
        ),
        "order_id": "7",
        "total": _clp("1219000"),
        "amount": _clp("1219000"),
        "paid": _clp("0"),
        "fees": _clp("0"),
        "open_amount": _clp("1219000"),
        "payment_reference": "7",
    }


def _overlong(language: str) -> dict[str, Any]:
    """The longest words of German, and a large sum."""
    name = "Maximiliane-Friederike Freifrau von und zu Rindfleischetikettierungsüberwachung"
    return {
        "recipient": Recipient(
            name=name,
            email="mfr@example.org",
            language=language,
            envelope=(
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
                name,
                "Grundstücksverkehrsgenehmigungszuständigkeitsstraße 123a",
                "38889 Blankenburg (Harz)",
                "GERMANY",
            ),
        ),
        "order_id": "Sommerschlussverkaufssonderbestellung-2026-0000000000004711",
        "invoice_number": "RE-2026-0000000000000000000000815-A",
        "subject": "Kraftfahrzeughaftpflichtversicherungsberatungsgesprächsprotokollführung",
        "total": _eur("1234567.89"),
        "amount": _eur("1234567.89"),
        "paid": _eur("0"),
        "fees": _eur("0"),
        "open_amount": _eur("1234567.89"),
        "payment_reference": "RE-2026-0000000000000000000000815-A",
        "reference": reference_of("zzzz2w7qxh3t9xyz"),
    }


def _long(look: Look, language: str) -> Notice:
    """Sixty payments, on three pages of paper."""
    notice = _notice(NoticeKind.FINAL_NOTICE, DunningOption.CANCELLATION, BLUE, look, language)
    payments = tuple(
        PaymentMade(on=date(2026, 4, 1 + number % 20), amount=_eur("10.00")) for number in range(60)
    )
    return notice.model_copy(
        update={"payments": payments, "paid": _eur("600.00"), "open_amount": _eur("626.50")}
    )


def _eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def _clp(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CLP")
