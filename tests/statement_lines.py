"""Lines of bank statements and a seller's orders for tests, the rest filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dunning.ledger import OpenItem
from dunning.money import Money
from dunning.statements.lines import StatementLine
from dunning.statements.matches import Match, Verdict
from dunning.statements.order_index import IndexedOrder, OrderIndex, ReportedPayment

ACCOUNT = "DE89370400440532013000"
ADAS_IBAN = "DE02120300000000202051"
EVAS_IBAN = "DE44500105175407324931"
DAY = date(2026, 11, 20)


def a_line(text: str = "", amount: str = "10.00", payer: str | None = None, **given: Any) -> Any:
    """Money that came in on `DAY`, in euros."""
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "booked_on": DAY,
        "amount": Decimal(amount),
        "currency": "EUR",
        "counterparty": payer,
        "text": text,
        "origin": "camt",
    }
    return StatementLine.model_validate({**values, **given})


def indexed(
    order_id: str = "A-4711",
    invoice_number: str | None = None,
    name: str = "Ada Muster",
    amounts: Iterable[str] = ("59.50",),
    **given: Any,
) -> IndexedOrder:
    """An order with one receivable, or with one for each of several amounts."""
    currency = given.pop("currency", "EUR")
    case = "case" + "".join(sign for sign in order_id.lower() if sign.isalnum())
    parts = list(amounts)
    items = tuple(
        OpenItem(
            case_id=f"{case}{number}",
            installment=number if len(parts) > 1 else None,
            due_date=date(2026, 10, 1) + timedelta(days=30 * number),
            open_amount=Money(amount=Decimal(amount), currency=currency),
        )
        for number, amount in enumerate(parts, 1)
    )
    values: dict[str, Any] = {
        "order_id": order_id,
        "invoice_number": invoice_number,
        "names": (name,),
        "currency": currency,
        "items": items,
    }
    return IndexedOrder(**{**values, **given})


def a_payment(order_id: str = "A-4711", amount: str = "59.50", **given: Any) -> ReportedPayment:
    """A payment that is in the ledger, three days before `DAY`."""
    money = Money(amount=Decimal(amount), currency=given.pop("currency", "EUR"))
    values: dict[str, Any] = {
        "payment_id": f"p-{order_id}",
        "order_id": order_id,
        "amount": money,
        "left": money,
        "paid_on": DAY - timedelta(days=3),
    }
    return ReportedPayment(**{**values, **given})


def index_of(*orders: IndexedOrder, **given: Any) -> OrderIndex:
    return OrderIndex(orders, **given)


def certain_order(answer: Match) -> str | None:
    """The order that a certain line pays; None if it is not certain."""
    if answer.verdict is not Verdict.CERTAIN:
        return None
    assert len(answer.candidates) == 1
    assert not answer.doubts
    return answer.candidates[0].shares[0].order_id


def offered(answer: Match) -> list[list[str]]:
    return [[share.order_id for share in one.shares] for one in answer.candidates]


def reasons(answer: Match) -> set[str]:
    return {reason.kind.value for reason in answer.candidates[0].reasons}
