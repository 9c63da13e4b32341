"""The kinds of file that can be imported: their fields, and the function that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Generic

from starter.input.ndjson import Body
from starter.input.schemas import OrderBody, PaymentBody
from starter.intake.batch_writes import BatchChange
from starter.intake.open_orders import open_orders
from starter.intake.record_payments import record_payments


class Kind(StrEnum):
    ORDERS = "orders"
    PAYMENTS = "payments"


@dataclass(frozen=True)
class Importable(Generic[Body]):
    """One kind of line: its fields, and the change that writes many of them.

    `fields_of` names the field that a refusal is about if the refusal names none. `at_once` is the
    number of lines in one transaction: small if others wait for the rows that it locks.
    """

    model: type[Body]
    change: BatchChange[Body]
    fields_of: dict[HTTPStatus, str]
    at_once: int


IMPORTABLE: Final[dict[Kind, Importable[Any]]] = {
    Kind.ORDERS: Importable(
        model=OrderBody,
        change=open_orders,
        fields_of={HTTPStatus.NOT_FOUND: "seller_id", HTTPStatus.CONFLICT: "order_id"},
        at_once=100,
    ),
    Kind.PAYMENTS: Importable(
        model=PaymentBody,
        change=record_payments,
        fields_of={HTTPStatus.NOT_FOUND: "order_id", HTTPStatus.CONFLICT: "payment_id"},
        at_once=10,
    ),
}


def kind_of(names: Any) -> Kind:
    """Return the kind of a line, by the names of its fields."""
    return Kind.PAYMENTS if "payment_id" in names else Kind.ORDERS
