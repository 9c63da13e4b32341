"""Orders that nobody pays, or not as agreed: between them every message is really sent.

For each language three sellers, as `dunning simulate` plays them. The first letter of an order's
id is its seller's look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gallery.brands import BLUE, DARING, PLAIN, PROFILES, brands

LANGUAGES: Final = ("de", "en", "es", "fr")
UNTIL: Final = "2026-06-30"

Document = dict[str, Any]

_OPTIONS: Final = {PLAIN: "no_collection", BLUE: "court", DARING: "cancellation"}
_SETTINGS: Final[dict[str, Document]] = {
    PLAIN: {},
    BLUE: {"auto_handoff": False, "debt_summary": "weekly", "payment_term_days": 30},
    DARING: {},
}
_ADDRESSES: Final[dict[str, Document]] = {
    "de": {
        "street": "Lange Straße 12",
        "postal_code": "04109",
        "city": "Leipzig",
        "country": "DE",
    },
    "en": {
        "street": "221 Baker Street",
        "postal_code": "NW1 6XE",
        "city": "London",
        "country": "GB",
    },
    "es": {
        "street": "Av. Providencia 1234",
        "postal_code": "7500000",
        "city": "Providencia",
        "region": "Región Metropolitana",
        "country": "CL",
    },
    "fr": {
        "street": "12 rue de la Paix",
        "postal_code": "75002",
        "city": "Paris",
        "country": "FR",
    },
}
# In another country of the same language, so that its habits and its law can be compared.
_ELSEWHERE: Final[dict[str, Document]] = {
    "de": {"street": "Bahnhofstr. 1", "postal_code": "8001", "city": "Zürich", "country": "CH"},
    "en": {
        "street": "5 Main St",
        "postal_code": "10001",
        "city": "New York",
        "region": "NY",
        "country": "US",
    },
    "es": {
        "street": "Calle Mayor 5",
        "postal_code": "28013",
        "city": "Madrid",
        "region": "Madrid",
        "country": "ES",
    },
    "fr": {"street": "Rue Neuve 5", "postal_code": "1000", "city": "Bruxelles", "country": "BE"},
}
_LONG_NAME: Final = {
    "first_name": "Maximiliane-Friederike",
    "last_name": "Freifrau von und zu Rindfleischetikettierungsüberwachung",
}


def write_scenario(target: Path) -> None:
    """One call a line."""
    lines = [json.dumps(call, ensure_ascii=False) for call in _calls()]
    target.write_text("\n".join(lines) + "\n", "utf-8")


def _calls() -> Iterator[Document]:
    for language in LANGUAGES:
        for brand, look in brands().items():
            yield from _seller(brand, look, language)
        yield from _of_plain(language)
        yield from _of_blue(language)
        yield from _of_daring(language)


def _seller(brand: str, look: Document, language: str) -> Iterator[Document]:
    seller_id = f"{brand}-{language}"
    profile = PROFILES[brand] | {"language": language, "time_zone": "Europe/Berlin"}
    yield _call("2026-03-02T08:00", "PUT", f"/v1/sellers/{seller_id}", profile)
    settings = _SETTINGS[brand] | ({"brand": look} if look else {})
    # The plain seller is asked what it wants, and does not answer until later.
    if brand != PLAIN:
        settings["dunning_option"] = _OPTIONS[brand]
    if settings:
        path = f"/v1/sellers/{seller_id}/settings"
        yield _call("2026-03-02T08:01", "PATCH", path, settings)


def _of_plain(language: str) -> Iterator[Document]:
    """Defaults, then no collection: the order is canceled, after a payment that came back."""
    seller_id = f"{PLAIN}-{language}"
    amounts: Document = {"currency": "CLP", "total": "1219000"} if language == "es" else {}
    yield _order(seller_id, "P-7", language, address=_ADDRESSES[language], **amounts)
    path = f"/v1/sellers/{seller_id}/settings"
    answer = {"dunning_option": _OPTIONS[PLAIN], "debt_summary": "monthly"}
    yield _call("2026-03-12T08:01", "PATCH", path, answer)
    yield from _paid_and_returned(seller_id, "P-8", language)
    # Its written notices wait for a street.
    incomplete = {key: value for key, value in _ADDRESSES[language].items() if key != "street"}
    yield _order(seller_id, "P-9", language, address=incomplete)


def _paid_and_returned(seller_id: str, order_id: str, language: str) -> Iterator[Document]:
    yield _order(seller_id, order_id, language, address=_ADDRESSES[language])
    payment_id = f"{seller_id}.{order_id}"
    payment = {
        "payment_id": payment_id,
        "seller_id": seller_id,
        "order_id": order_id,
        "amount": "119.00",
        "currency": "EUR",
        "paid_at": "2026-03-10T11:00:00+01:00",
    }
    yield _call("2026-03-10T12:00", "POST", "/v1/payments", payment)
    back = {
        "chargeback_id": f"{payment_id}.back",
        "fee": "7.50",
        "occurred_at": "2026-04-20T11:00:00+02:00",
    }
    yield _call("2026-04-20T12:00", "POST", f"/v1/payments/{payment_id}/chargebacks", back)


def _of_blue(language: str) -> Iterator[Document]:
    """Installments, paid in part, to a company; the seller decides, and the partner rejects."""
    seller_id = f"{BLUE}-{language}"
    company = {"company": "Beispiel Werkzeugbau GmbH"}
    parts = [
        {"number": 1, "due_date": "2026-03-15", "amount": "1250.00"},
        {"number": 2, "due_date": "2026-04-01", "amount": "1219.00"},
        {"number": 3, "due_date": "2026-05-15", "amount": "1250.00"},
    ]
    address = _ELSEWHERE[language]
    given = {"total": "3719.00", "installments": parts, "invoice_number": "2026-0815"}
    yield _order(seller_id, "B-4711", language, address=address, customer=company, **given)
    payment = {
        "payment_id": f"{seller_id}.B-4711",
        "seller_id": seller_id,
        "order_id": "B-4711",
        "amount": "1450.00",
        "currency": "EUR",
        "paid_at": "2026-03-24T11:00:00+01:00",
    }
    yield _call("2026-03-24T12:00", "POST", "/v1/payments", payment)
    escalate = f"/v1/cases/{{case:{seller_id}/B-4711/2}}/escalate"
    yield _call("2026-05-04T12:00", "POST", escalate, {})
    yield {
        "at": "2026-05-06T12:00:00+02:00",
        "partner": _partner_action(seller_id, "B-4711", 2, "rejected"),
    }
    cancel = f"/v1/orders/{seller_id}/B-4711/cancel"
    yield _call("2026-06-08T12:00", "POST", cancel, {})
    back = {"chargeback_id": f"{seller_id}.back", "occurred_at": "2026-06-12T11:00:00+02:00"}
    path = f"/v1/payments/{seller_id}.B-4711/chargebacks"
    yield _call("2026-06-12T12:00", "POST", path, back)
    nobody = {"email": "bounce+550@example.org"}
    yield _order(seller_id, "B-9", language, address=address, customer=nobody)


def _of_daring(language: str) -> Iterator[Document]:
    """The longest words and a large sum; handed over and canceled, and paid to the partner."""
    seller_id, order_id = f"{DARING}-{language}", "D-Sommerschlussverkauf-2026-0000000000004711"
    given = {
        "total": "1234567.89",
        "cancellation_costs": "15.00",
        "invoice_number": "RE-2026-0000000000000000000000815-A",
        "subject": "Kraftfahrzeughaftpflichtversicherungsberatungsgesprächsprotokollführung",
    }
    address = _ADDRESSES[language]
    yield _order(seller_id, order_id, language, address=address, customer=_LONG_NAME, **given)
    closed = _partner_action(seller_id, order_id, None, "Closed:Paid")
    yield {"at": "2026-05-20T12:00:00+02:00", "partner": closed}


def _order(
    seller_id: str,
    order_id: str,
    language: str,
    *,
    address: Document,
    customer: Document | None = None,
    **given: Any,
) -> Document:
    person = {
        "customer_id": f"c-{order_id[:3]}",
        "first_name": "Ada",
        "last_name": "Muster",
        "email": "ada@example.org",
        "language": language,
        "address": address,
    }
    body = {
        "seller_id": seller_id,
        "order_id": order_id,
        "invoice_date": "2026-03-02",
        "currency": "EUR",
        "total": "119.00",
        "subject": "Online-Kurs Fotografie",
        "customer": person | (customer or {}),
    }
    return _call("2026-03-02T10:15", "POST", "/v1/orders", body | given)


def _partner_action(seller_id: str, order_id: str, installment: int | None, to: str) -> Document:
    return {
        "seller_id": seller_id,
        "order_id": order_id,
        "installment": installment,
        "to": to,
    }


def _call(at: str, method: str, path: str, body: Document) -> Document:
    offset = "+01:00" if at < "2026-03-29" else "+02:00"
    return {"at": f"{at}:00{offset}", "method": method, "path": path, "body": body}
