"""Whatever a caller sends, the API grants it or refuses it in the form of the contract."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bodies import a_seller
from tests.examples import any_text
from tests.offline import OfflineApi
from tests.starter.backend import Backend, Document, changed
from tests.starter.input.bad_values import (
    NO_AMOUNTS,
    NO_COUNTRIES,
    NO_CURRENCIES,
    NO_DATES,
    NO_EMAILS,
    NO_IDS,
    NO_LANGUAGES,
    NO_LINES,
    NO_NUMBERS,
)

pytestmark = pytest.mark.one_database

EXAMPLES = 25
ADDRESS = {"street": "a 1", "postal_code": "10115", "city": "b", "region": "c", "country": "DE"}
PEOPLE: Document = {
    **{"email": "ada@example.org", "phone": "1", "tax_id": "2", "registration_number": "3"},
    **{"language": "de", "address": ADDRESS},
}
NAMES = {"first_name": "Ada", "last_name": "Muster", "company": "Engines"}
PARTS = [{"number": number, "due_date": "2026-04-01", "amount": "59.50"} for number in (1, 2)]
GOOD: dict[tuple[str, str], Document] = {
    ("PUT", "/v1/sellers/{s}"): a_seller()
    | PEOPLE
    | {
        **{"website": "w", "reply_to": ["a@example.org"], "payment_instructions": "p"},
        **{"iban": "DE89370400440532013000", "bic": "COBADEFF"},
    },
    ("PATCH", "/v1/sellers/{s}/settings"): {
        **{"dunning_option": "court", "auto_handoff": True, "auto_chargeback_handoff": True},
        **{"payment_term_days": 14, "collect_past_from": "2026-01-01", "collect_new_from": None},
        **{"business_days_only": True, "sending_window": {"from": "09:00", "to": "18:00"}},
    },
    ("POST", "/v1/orders"): {
        **{"seller_id": "{s}", "order_id": "{n}", "invoice_number": "1", "subject": "a course"},
        **{"invoice_date": "2026-03-02", "currency": "EUR", "total": "119.00"},
        **{"cancellation_costs": "1.00", "customer": {"customer_id": "{n}", **NAMES, **PEOPLE}},
        "installments": PARTS,
        "notices_sent": [{"installment": 1, "kind": "first_notice", "sent_on": "2026-03-01"}],
    },
    ("POST", "/v1/payments"): {
        **{"payment_id": "{n}", "seller_id": "{s}", "order_id": "A-1", "installment": None},
        **{"amount": "0.01", "currency": "EUR", "paid_at": "2026-03-02T10:00:00Z"},
    },
    ("POST", "/v1/payments/{p}/chargebacks"): {
        **{"chargeback_id": "{n}", "amount": "0.01", "fee": "0.01"},
        "occurred_at": "2026-03-02T10:00:00Z",
    },
    ("PATCH", "/v1/customers/{s}/c-1"): NAMES | PEOPLE | {"payment_term_days": 14},
    ("POST", "/v1/cases/{c}/hold"): {"until": "2026-03-09", "reason": "a dispute"},
}
USED = st.sampled_from(
    [
        *("A-1", "c-1", "EUR", "JPY", "119.00", "0.01", "999999999999.99", "de", "DE", "court"),
        *("2026-03-02", "1970-01-01", "2199-12-31", "2026-03-02T10:00:00Z", "Europe/Berlin"),
        *("09:00", "10:00", "ada@example.org", "payment_reminder", "final_notice", "Ada", 1, 2, 30),
    ]
)
WRONG = st.sampled_from(
    [
        *(value for value in NO_IDS if not isinstance(value, dict | list)),
        *(*NO_DATES, *NO_EMAILS, *NO_LINES, *NO_LANGUAGES, *NO_COUNTRIES, *NO_CURRENCIES),
        *(*NO_AMOUNTS, *NO_NUMBERS, 2**63, -(2**63), 10**400, 1e308, -0.0),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text(20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text(5), inner),
    max_leaves=5,
)


def _places(body: Any, way: str = "") -> Iterator[str]:
    """Every field of a body, dotted; a field that nobody knows too."""
    if isinstance(body, dict):
        yield f"{way}unknown"
        for name, inner in body.items():
            yield f"{way}{name}"
            yield from _places(inner, f"{way}{name}.")
    elif isinstance(body, list):
        for number, inner in enumerate(body):
            yield from _places(inner, f"{way}{number}.")


def _nearly(good: Document) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Some changes of a good body, the outer ones last."""
    change = st.tuples(st.sampled_from(sorted(_places(good))), USED | WRONG | ANYTHING)
    return st.lists(change, max_size=3).map(
        lambda changes: sorted(changes, key=lambda one: -one[0].count("."))
    )


@pytest.fixture(scope="module")
async def shop(offline: OfflineApi) -> Backend:
    """A seller with orders and a payment, so that some of it fits."""
    backend = Backend(offline, "a seller to whom anything is sent")
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    await backend.open_order(total="900000.00")
    await backend.open_order("A-2")
    await backend.granted("POST", "/v1/payments", backend.payment("9000.00"))
    return backend


@pytest.mark.parametrize(("method", "path"), GOOD)
async def test_bad_input_whatever_is_sent_is_granted_or_refused(
    shop: Backend, method: str, path: str
) -> None:
    good = GOOD[method, path]
    address = path.replace("{c}", shop.case_id("A-2")).replace("{p}", f"p-{shop.mark}")
    changes: list[list[tuple[str, Any]]] = [[]]
    _examples(_nearly(good), changes.append)

    answers = Counter[int]()
    for number, some in enumerate(changes):
        body = good
        for place, value in some:
            body = changed(body, place, value)
        text = json.dumps(body).replace("{s}", shop.seller_id).replace("{n}", f"n-{number}")
        answer = await shop.send(method, address, content=text.encode())
        answers[answer.status_code] += 1
        assert answer.status_code in (200, 201, 400, 404, 409, 422), text
        if answer.is_error:
            assert answer.headers["content-type"] == "application/problem+json"
            fields = [error["field"] for error in answer.json()["errors"]]
            assert all(fields), text
            assert answer.status_code != 422 or fields, text
    assert answers[200] + answers[201] > 1
    assert answers[422] > 1


def _examples(strategy: st.SearchStrategy[Any], keep: Callable[[Any], None]) -> None:
    """The same examples at every run."""

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(example: Any) -> None:
        keep(example)

    each()
