"""Orders and their customer as backends send them: one vocabulary for all tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BERLIN_ADDRESS: Final[Mapping[str, Any]] = {
    "street": "Hauptstr. 5",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
ADA: Final[dict[str, Any]] = {
    "customer_id": "c-1",
    "first_name": "Ada",
    "last_name": "Muster",
    "email": "ada@example.org",
    "language": "de",
    "address": dict(BERLIN_ADDRESS),
}


def an_order(order_id: str = "A-1", **given: Any) -> dict[str, Any]:
    """The body of an order of 119.00 EUR by Ada."""
    body = {
        "seller_id": "s-1",
        "order_id": order_id,
        "invoice_date": "2026-03-02",
        "currency": "EUR",
        "total": "119.00",
        "customer": ADA,
    }
    return body | given
