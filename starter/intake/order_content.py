"""The content of an order: its amounts, checked, and all its values in one spelling."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dunning.money import Money, NotAnAmount, checked_money, total
from dunning.notices import NoticeKind
from dunning.receivables import Part
from starter.input.schemas import OrderBody
from starter.input.tax_ids import checked_tax_id
from starter.refusals import FieldError, Invalid


@dataclass(frozen=True)
class Amounts:
    """The amounts of an order, checked and with its currency."""

    total: Money
    cancellation_costs: Money
    installments: tuple[tuple[int, date, Money], ...]

    def parts(self, due_date: date) -> tuple[Part, ...]:
        if not self.installments:
            return (Part(installment=None, due_date=due_date, amount=self.total),)
        return tuple(
            Part(installment=number, due_date=due, amount=amount)
            for number, due, amount in self.installments
        )


def checked_amounts(body: OrderBody, *, today: date) -> Amounts:
    """Check the amounts and notices of an order. Raises `Invalid` with all that is wrong."""
    errors: list[FieldError] = []

    def amount(field: str, given: Decimal, *, zero_allowed: bool = False) -> Money:
        try:
            return checked_money(given, body.currency, zero_allowed=zero_allowed)
        except NotAnAmount as error:
            errors.append(FieldError(field=field, message=str(error)))
            return Money.zero(body.currency)

    costs = body.cancellation_costs or Decimal(0)
    amounts = Amounts(
        total=amount("total", body.total),
        cancellation_costs=amount("cancellation_costs", costs, zero_allowed=True),
        installments=tuple(
            (part.number, part.due_date, amount(f"installments.{index}.amount", part.amount))
            for index, part in enumerate(body.installments or ())
        ),
    )
    numbers = [number for number, _, _ in amounts.installments]
    errors += [
        FieldError(field=f"installments.{index}.number", message="is there twice")
        for index, number in enumerate(numbers)
        if number in numbers[:index]
    ]
    parts = total((part for _, _, part in amounts.installments), body.currency)
    if amounts.installments and not errors and parts != amounts.total:
        message = f"add up to {parts}, not to the total {amounts.total}"
        errors.append(FieldError(field="installments", message=message))
    errors += _wrong_notices(body, today)
    if body.ordered_on is not None and body.ordered_on > today:
        errors.append(FieldError(field="ordered_on", message="lies in the future"))
    if errors:
        raise Invalid(*errors)
    return amounts


def normalized(body: OrderBody, amounts: Amounts) -> dict[str, Any]:
    """Return the order as it was given, each value in its one spelling, to compare and to show."""
    given = body.model_dump(mode="json")
    given["total"] = str(amounts.total)
    given["cancellation_costs"] = str(amounts.cancellation_costs)
    if given["installments"] is not None:
        for part, (_, _, amount) in zip(given["installments"], amounts.installments, strict=True):
            part["amount"] = str(amount)
    if address := body.customer.address:
        tax_id = checked_tax_id(body.customer.tax_id, address.country, field="customer.tax_id")
        given["customer"]["tax_id"] = tax_id
    return given


def is_same(known: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether two orders are the same, in whatever order their installments and notices stand."""
    return bool(_comparable(known) == _comparable(given))


def _comparable(value: Any) -> Any:
    """Return a value without null fields, and with its lists sorted."""
    if isinstance(value, dict):
        return {name: _comparable(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return sorted(map(_comparable, value), key=lambda entry: json.dumps(entry, sort_keys=True))
    return value


def _wrong_notices(body: OrderBody, today: date) -> list[FieldError]:
    numbers: set[int | None] = {part.number for part in body.installments or ()} or {None}
    errors = []
    for index, notice in enumerate(body.notices_sent):
        of_order = notice.kind is NoticeKind.INVOICE_NOTICE and notice.installment is None
        if notice.installment not in numbers and not of_order:
            field = f"notices_sent.{index}.installment"
            errors.append(FieldError(field=field, message="is no installment of this order"))
        if notice.sent_on > today:
            field = f"notices_sent.{index}.sent_on"
            errors.append(FieldError(field=field, message="lies in the future"))
    return errors
