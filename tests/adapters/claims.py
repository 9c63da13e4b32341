"""Claims, and what goes with them, as tests hand them over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from adapters.partner.port import (
    Claim,
    ClaimDocument,
    ClaimHandle,
    Creditor,
    Debtor,
    DocumentKind,
    PaymentToReport,
    ReportKind,
)
from dunning.addresses.address import Address

PERSONAL = ("Jonas Weber", "jonas.weber@example.com", "+49 30 1234567", "Lindenweg 4")


def an_address(**changes: Any) -> Address:
    given = {
        "street": "Lindenweg 4",
        "postal_code": "10115",
        "city": "Berlin",
        "region": None,
        "country": "DE",
    }
    return Address(**{**given, **changes})


def a_creditor(**changes: Any) -> Creditor:
    """A seller of whom no more is known than its name."""
    return Creditor(**{"seller_id": "s-1", "name": "Kurse GmbH", **changes})


def a_known_creditor(**changes: Any) -> Creditor:
    given = {
        "address": an_address(street="Marktplatz 1", postal_code="20095", city="Hamburg"),
        "registration_number": "HRB 4711",
        "tax_id": "DE123456789",
        "email": "buchhaltung@kurse.example.org",
        "phone": "+49 40 7654321",
    }
    return a_creditor(**{**given, **changes})


def a_debtor(**changes: Any) -> Debtor:
    given = {
        "name": "Jonas Weber",
        "is_company": False,
        "address": an_address(),
        "email": "jonas.weber@example.com",
        "phone": "+49 30 1234567",
    }
    return Debtor(**{**given, **changes})


def a_submission(**changes: Any) -> Claim:
    """A claim whose principal is its amount, unless a test says otherwise."""
    amount = changes.get("amount", Decimal("119.00"))
    given = {
        "reference": "abcd2345-1",
        "creditor": a_creditor(),
        "subject": "Online course",
        "invoice_number": "R-17",
        "invoice_date": date(2026, 1, 2),
        "due_date": date(2026, 1, 16),
        "currency": "EUR",
        "principal": amount,
        "amount": amount,
        "debtor": a_debtor(),
    }
    return Claim(**{**given, **changes})


def a_report(key: str = "case1/1/payment/p-1", **changes: Any) -> PaymentToReport:
    given = {
        "key": key,
        "kind": ReportKind.PAYMENT,
        "amount": Decimal("19.00"),
        "currency": "EUR",
        "on": date(2026, 4, 5),
        "open_amount": Decimal("100.00"),
    }
    return PaymentToReport(**{**given, **changes})


def a_document(name: str = "final_notice-2026-01-26.pdf", **changes: Any) -> ClaimDocument:
    given = {
        "name": name,
        "description": "final notice of 2026-01-26",
        "content": b"%PDF-1.7 letter",
        "kind": DocumentKind.NOTICE,
    }
    return ClaimDocument(**{**given, **changes})


def nobodys() -> ClaimHandle:
    """The handle of a claim that no partner has."""
    return ClaimHandle(reference="nobody-1", partner_id="00000000-0000-0000-0000-000000000000")
