"""The examples of the documentation: one order of one customer, used in every call."""

from __future__ import annotations

import json
from typing import Any, Final

Document = dict[str, Any]

_CASE_ID: Final = "k3v7q2mxw5ana4pd"
_ADDRESS: Final[Document] = {
    "street": "Hauptstr. 5",
    "postal_code": "10115",
    "city": "Berlin",
    "region": None,
    "country": "DE",
}
_PERSON: Final[Document] = {
    "customer_id": "c-1",
    "first_name": "Ada",
    "last_name": "Muster",
    "company": None,
    "email": "ada@example.org",
    "language": "de",
    "phone": None,
    "tax_id": None,
    "registration_number": None,
    "address": _ADDRESS,
}

SELLER_BODY: Final[Document] = {
    "company_name": "Kurse GmbH",
    "email": "money@kurse.example",
    "address": {**_ADDRESS, "street": "Seestr. 1"},
    "language": "de",
    "time_zone": "Europe/Berlin",
    "reply_to": ["help@kurse.example"],
    "iban": "DE89370400440532013000",
    "legal_notice": ["Managing directors: Ada Muster, Grace Beispiel", "Seat: Berlin"],
    "may_deduct_input_tax": True,
    "payment_instructions": "Please name the order.",
}
SETTINGS_BODY: Final[Document] = {
    "dunning_option": "court",
    "auto_handoff": False,
    "payment_term_days": 14,
    "sending_window": {"from": "09:00", "to": "18:00"},
}
SETTINGS: Final[Document] = {
    "dunning_option": "court",
    "auto_handoff": False,
    "auto_chargeback_handoff": True,
    "payment_term_days": 14,
    "collect_past_from": None,
    "collect_new_from": None,
    "business_days_only": False,
    "sending_window": {"from": "09:00", "to": "18:00"},
    "debt_summary": "off",
    "waive_below": {"EUR": "0.50"},
    "hold_when_stale_days": None,
    "book_certain": False,
    "brand": {
        "logo": None,
        "logo_alignment": "left",
        "primary_color": None,
        "accent_color": None,
    },
}
SELLER: Final[Document] = {
    "seller_id": "s-100",
    **SELLER_BODY,
    "phone": None,
    "website": None,
    "bic": None,
    "tax_id": None,
    "registration_number": None,
    "settings": SETTINGS,
}
CUSTOMER_BODY: Final[Document] = {"address": {"street": "Hauptstr. 5"}, "payment_term_days": 14}
CUSTOMER: Final[Document] = {"seller_id": "s-100", **_PERSON, "payment_term_days": 14}

ORDER_BODY: Final[Document] = {
    "seller_id": "s-100",
    "order_id": "A-4711",
    "invoice_number": "2026-0815",
    "invoice_date": "2026-03-02",
    "ordered_on": "2026-02-27",
    "currency": "EUR",
    "total": "119.00",
    "cancellation_costs": "15.00",
    "subject": "Online course photography",
    "customer": _PERSON,
    "installments": [
        {"number": 1, "due_date": "2026-04-01", "amount": "59.50"},
        {"number": 2, "due_date": "2026-05-01", "amount": "59.50"},
    ],
    "notices_sent": [{"installment": 1, "kind": "payment_reminder", "sent_on": "2026-04-06"}],
}
OPENED_ORDER: Final[Document] = {
    "seller_id": "s-100",
    "order_id": "A-4711",
    "cases": [
        {
            "case_id": _CASE_ID,
            "installment": 1,
            "due_date": "2026-04-01",
            "amount": "59.50",
            "stage": "reminded",
        },
        {
            "case_id": "p6w2c4kq7x5bnz3d",
            "installment": 2,
            "due_date": "2026-05-01",
            "amount": "59.50",
            "stage": "scheduled",
        },
    ],
}
PAYMENT_BODY: Final[Document] = {
    "payment_id": "p-1",
    "seller_id": "s-100",
    "order_id": "A-4711",
    "installment": 1,
    "amount": "19.50",
    "currency": "EUR",
    "paid_at": "2026-04-07T10:15:00+02:00",
}
PAYMENT: Final[Document] = {
    **PAYMENT_BODY,
    "allocations": [{"case_id": _CASE_ID, "installment": 1, "amount": "19.50"}],
    "credit": "0.00",
}
CHARGEBACK_BODY: Final[Document] = {
    "chargeback_id": "b-1",
    "amount": "19.50",
    "occurred_at": "2026-04-09T08:00:00+02:00",
    "fee": "4.50",
}
CHARGEBACK: Final[Document] = {
    "chargeback_id": "b-1",
    "payment_id": "p-1",
    "amount": "19.50",
    "currency": "EUR",
    "fee": "4.50",
    "occurred_at": "2026-04-09T06:00:00+00:00",
    "allocations": [{"case_id": _CASE_ID, "installment": 1, "amount": "19.50"}],
    "credit": "0.00",
}
CASE_LISTED: Final[Document] = {
    "case_id": _CASE_ID,
    "seller_id": "s-100",
    "order_id": "A-4711",
    "installment": 1,
    "stage": "reminded",
    "blocked_by": None,
    "missing": [],
    "due_date": "2026-04-01",
    "days_overdue": 6,
    "currency": "EUR",
    "amount": "59.50",
    "order_amount": "119.00",
    "open_amount": "40.00",
    "paid": "19.50",
    "credit": "0.00",
    "fees": "0.00",
    "cancellation_costs": "15.00",
    "dunning_option": "court",
    "dunning_option_kept": False,
    "payment_plan": "installment 1 of 2",
    "customer": _PERSON,
    "hold": None,
    "claim": None,
    "actions": ["stop", "hold"],
    "next_step": {"kind": "first_notice", "at": "2026-04-11T07:12:00+00:00"},
    "updated_at": "2026-04-07T08:15:00+00:00",
}
_OF_CASE: Final[Document] = {
    "case_id": _CASE_ID,
    "seller_id": "s-100",
    "order_id": "A-4711",
    "installment": 1,
}
EVENT: Final[Document] = {
    "at": "2026-04-06T07:12:00+00:00",
    **_OF_CASE,
    "event": "stage.changed",
    "detail": {"from": "scheduled", "stage": "reminded"},
}
CASE: Final[Document] = {
    **CASE_LISTED,
    "history": [
        {"at": "2026-03-02T09:15:00+00:00", **_OF_CASE, "event": "case.opened", "detail": {}},
        EVENT,
        {
            "at": "2026-04-07T08:15:00+00:00",
            **_OF_CASE,
            "event": "payment.recorded",
            "detail": {"payment_id": "p-1", "amount": "19.50", "currency": "EUR"},
        },
    ],
}
CASE_PAGE: Final[Document] = {
    "items": [CASE_LISTED],
    "next_cursor": None,
    "updated_at": "2026-04-07T08:15:00+00:00",
}
ORDER: Final[Document] = {
    **ORDER_BODY,
    "canceled_at": None,
    "cases": [CASE_LISTED],
    "payments": [{**PAYMENT, "reported_by": "backend"}],
}
CANCELED_ORDER: Final[Document] = {
    "seller_id": "s-100",
    "order_id": "A-4711",
    "canceled_at": "2026-04-10T09:00:00+00:00",
}
FORECAST: Final[Document] = {
    "waits_for": None,
    "items": [
        {
            "kind": "first_notice",
            "at": "2026-04-13T07:12:00+00:00",
            "reasons": [
                {
                    "rule": "R8",
                    "day": "2026-04-11",
                    "text": "5 days after the step before, which was taken on 2026-04-06.",
                },
                {
                    "rule": "R9",
                    "day": "2026-04-13",
                    "text": "No notices go out between 2026-04-11 and 2026-04-13: weekend, "
                    "holiday, or no window.",
                },
            ],
        }
    ],
}
CONSOLE_LINK_BODY: Final[Document] = {"path": "/console/settings"}
CONSOLE_LINK: Final[Document] = {
    "url": "https://dunning.example/console/in/2m0Tn1oXq7mGQ3f6dQ0kXvQm0cYb1p9Zs8uR5tWvE4A",
    "expires_at": "2026-04-07T08:20:00+00:00",
}
VERB_BODIES: Final[dict[str, Document]] = {
    "stop": {"reason": "paid in cash"},
    "start": {"reason": "the promised payment did not come"},
    "escalate": {"reason": "the customer is insolvent", "despite_term": True},
    "hold": {"until": "2026-04-20", "reason": "promised to pay"},
    "resume": {"reason": "the dispute is settled"},
    "withdraw": {"reason": "we have agreed with the customer"},
}
READY: Final[Document] = {"status": "ok", "database": "ok", "temporal": "ok"}
ALIVE: Final[Document] = {"status": "ok"}
CSV: Final = "case_id,seller_id,order_id,installment\r\nk3v7q2mxw5ana4pd,s-100,A-4711,1\r\n"
MESSAGE: Final = "Subject: Reminder: order A-4711\r\n\r\nDear Ada Muster, …\r\n"
PREVIEW: Final = "<!DOCTYPE html><html><body><p>Dear Ada Muster, …</p></body></html>"
_LETTER: Final = {"text/plain": "Dear Ada Muster, …", "application/pdf": "%PDF-1.7 …"}
PARTS: Final = {"text/html": PREVIEW, **_LETTER}
OTHER_PARTS: Final = {**_LETTER, "message/rfc822": MESSAGE}
METRICS: Final = "# TYPE dunning_cases_untold gauge\ndunning_cases_untold 0.0\n"
_WRONG_LINE: Final[Document] = {
    "line": 2,
    "status": 422,
    "detail": "Some fields are wrong.",
    "errors": [{"field": "invoice_date", "message": "is required"}],
}
BATCH_BODY: Final = f'{json.dumps(ORDER_BODY)}\n{{"seller_id": "s-100", "order_id": "A-4712"}}\n'
BATCH: Final = "".join(
    json.dumps(line) + "\n" for line in ({"line": 1, "status": 201, **OPENED_ORDER}, _WRONG_LINE)
)
ENDPOINT_BODY: Final[Document] = {"url": "https://backend.example/webhooks"}
_ENDPOINT: Final[Document] = {
    "id": "endpoint-9f2c1d7a40b35e86",
    **ENDPOINT_BODY,
    "created_at": "2026-03-02T08:00:00+00:00",
}
NEW_ENDPOINT: Final[Document] = {
    **_ENDPOINT,
    "secret": "whsec_c2hvd24gb25jZSwga2VwdCBieSB0aGUgYmFja2VuZCE=",
}
ENDPOINTS: Final[Document] = {
    "items": [
        {
            **_ENDPOINT,
            "waiting": 3,
            "last_answer": "500",
            "last_answer_at": "2026-04-06T07:12:05+00:00",
            "gone_at": None,
        }
    ]
}
REPLAY_BODY: Final[Document] = {"since": "2026-04-01T00:00:00+02:00"}
REPLAYED: Final[Document] = {"replayed": 17}
PARTNER_EVENT_TAKEN: Final[Document] = {"status": "taken"}
KEY: Final[Document] = {
    "kind": "seller",
    "seller_id": "s-100",
    "label": "the shop's own page",
    "expires_at": "2027-03-02T09:15:00+00:00",
}

STATEMENT_BODY: Final = (
    "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;IBAN;Betrag;Währung\n"
    "09.04.2026;09.04.2026;Ada Muster;A-4711;DE02120300000000202051;59,50;EUR\n"
)
LINE: Final[Document] = {
    "line_id": "q5n2v7k3x4mwa6tz",
    "account": None,
    "booked_on": "2026-04-09",
    "value_on": "2026-04-09",
    "amount": "59.50",
    "currency": "EUR",
    "counterparty": "Ada Muster",
    "counterparty_iban": "DE02120300000000202051",
    "text": "A-4711",
    "reference": None,
    "end_to_end_id": None,
    "bank_id": None,
    "is_booked": True,
    "is_return": False,
    "verdict": "certain",
    "matches": [
        {
            "order_id": "A-4711",
            "installment": 1,
            "case_id": _CASE_ID,
            "amount": "59.50",
            "reasons": [
                "the order id A-4711 is in the line",
                "the amount 59.50 is that of the receivable",
                "the payer has the customer's name",
            ],
        }
    ],
    "payment_id": None,
}
BOOK_BODY: Final = [{"order_id": "A-4711", "installment": 1, "amount": "59.50"}]
BOOKED_LINE: Final[Document] = {
    **LINE,
    "verdict": "booked",
    "matches": [{**LINE["matches"][0], "reasons": []}],
    "payment_id": "q5n2v7k3x4mwa6tz-1.1",
}
ASIDE_BODY: Final[Document] = {"reason": "rent"}
ASIDE_LINE: Final[Document] = {**LINE, "verdict": "aside", "matches": []}
STATEMENT_TAKEN: Final[Document] = {
    "statement_id": "st-5f0c2a7be91d43c680aa",
    "format": "csv",
    "lines": [LINE],
}
STATEMENT_LISTED: Final[Document] = {
    "statement_id": "st-5f0c2a7be91d43c680aa",
    "format": "csv",
    "filename": "april.csv",
    "covers_until": "2026-04-09",
    "imported_at": "2026-04-10T07:30:00+00:00",
}
STATEMENTS: Final[Document] = {"items": [STATEMENT_LISTED]}
STATEMENT: Final[Document] = {**STATEMENT_LISTED, "lines": [LINE]}
STATEMENT_BOOKED: Final[Document] = {**STATEMENT_LISTED, "lines": [BOOKED_LINE]}
