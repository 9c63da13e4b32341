"""What backends send, for all tests: sellers, orders and their customer, payments, chargebacks."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def a_seller(**given: Any) -> Document:
    """The profile of a seller in Berlin."""
    body = {
        "company_name": "Kurse GmbH",
        "email": "seller@example.org",
        "time_zone": "Europe/Berlin",
    }
    return body | given


def an_address(**given: Any) -> Document:
    """An address in Berlin, complete."""
    body = {"street": "Hauptstr. 5", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    return body | given


def ada(**given: Any) -> Document:
    """A customer whose address is complete."""
    body = {
        "customer_id": "c-1",
        "first_name": "Ada",
        "last_name": "Muster",
        "email": "ada@example.org",
        "language": "de",
        "address": an_address(),
    }
    return body | given


def an_order(order_id: str = "A-1", **given: Any) -> Document:
    """An order of 119.00 EUR by Ada."""
    body = {
        "seller_id": "s-1",
        "order_id": order_id,
        "invoice_date": "2026-03-02",
        "currency": "EUR",
        "total": "119.00",
        "customer": ada(),
    }
    return body | given


def installments(*amounts: str) -> list[Document]:
    """One a month, from the first of April on."""
    return [
        {"number": number, "due_date": f"2026-{3 + number:02}-01", "amount": amount}
        for number, amount in enumerate(amounts, 1)
    ]


def a_payment(amount: str = "119.00", order_id: str = "A-1", **given: Any) -> Document:
    """A payment of an order by Ada."""
    body = {
        "payment_id": "p-1",
        "seller_id": "s-1",
        "order_id": order_id,
        "amount": amount,
        "currency": "EUR",
        "paid_at": "2026-03-02T10:00:00+01:00",
    }
    return body | given


def a_chargeback(**given: Any) -> Document:
    """A payment goes back: all of it, unless an amount is given."""
    return {"chargeback_id": "r-1", "occurred_at": "2026-03-02T10:05:00+01:00"} | given
