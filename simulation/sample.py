"""Sample sellers and orders of the last weeks, so that a case stands in every stage today."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any, Final

from simulation.scenario import Call, ClaimAction, Line, PartnerAction

Document = dict[str, Any]

BERLIN, MADRID, PARIS, DUBLIN = "lindenhof", "retiro", "canal", "harbour"
_OPENED_AT: Final = timedelta(minutes=7)
# A linden leaf beside a lens.
_LOGO: Final = (
    "data:image/svg+xml;base64,"
    + b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="220" height="64" viewBox="0 0 220 64">'
        b'<circle cx="32" cy="32" r="28" fill="#0f5132"/>'
        b'<circle cx="32" cy="32" r="17" fill="#fff"/>'
        b'<circle cx="32" cy="32" r="9" fill="#b02a37"/>'
        b'<path d="M90 54C84 30 100 12 128 10C132 36 116 52 90 54Z" fill="#198754"/>'
        b'<path d="M86 60L120 20" stroke="#0f5132" stroke-width="3"/></svg>'
    ).decode()
)
_SELLERS: Final[dict[str, tuple[Document, Document]]] = {
    BERLIN: (
        {
            "company_name": "Fotoschule Lindenhof GmbH",
            "email": "buero@lindenhof.example.org",
            "address": {
                "street": "Lindenhofstr. 12",
                "postal_code": "10247",
                "city": "Berlin",
                "country": "DE",
            },
            "language": "de",
            "time_zone": "Europe/Berlin",
            "iban": "DE89370400440532013000",
            "payment_instructions": "Bitte geben Sie die Bestellnummer an.",
        },
        {
            "dunning_option": "court",
            "auto_handoff": True,
            "debt_summary": "weekly",
            "brand": {"logo": _LOGO, "primary_color": "#0f5132", "accent_color": "#b02a37"},
        },
    ),
    MADRID: (
        {
            "company_name": "Cursos Retiro S.L.",
            "email": "administracion@retiro.example.org",
            "language": "es",
            "time_zone": "Europe/Madrid",
        },
        {"dunning_option": "no_collection"},
    ),
    PARIS: (
        {
            "company_name": "Atelier du Canal SARL",
            "email": "bonjour@canal.example.org",
            "language": "fr",
            "time_zone": "Europe/Paris",
        },
        {"dunning_option": "court", "auto_handoff": False},
    ),
    DUBLIN: (
        {
            "company_name": "Harbour Courses Ltd",
            "email": "accounts@harbour.example.org",
            "language": "en",
            "time_zone": "Europe/Dublin",
        },
        {
            "dunning_option": "cancellation",
            "auto_handoff": True,
            "brand": {"primary_color": "#ffc107", "accent_color": "#0b5394"},
        },
    ),
}
_ADDRESSES: Final[dict[str, Document]] = {
    BERLIN: {"street": "Hauptstr. 5", "postal_code": "10115", "city": "Berlin", "country": "DE"},
    MADRID: {
        "street": "Calle de Alcalá 95",
        "postal_code": "28009",
        "city": "Madrid",
        "region": "Madrid",
        "country": "ES",
    },
    PARIS: {
        "street": "18 quai de Valmy",
        "postal_code": "75010",
        "city": "Paris",
        "country": "FR",
    },
    DUBLIN: {
        "street": "12 Quay Street",
        "city": "Dublin",
        "postal_code": "D01 F5P2",
        "region": "Co. Dublin",
        "country": "IE",
    },
}
_LANGUAGES: Final = {BERLIN: "de", MADRID: "es", PARIS: "fr", DUBLIN: "en"}


class Sample:
    """The calls of a platform in the last weeks; now, at any hour, every step is days away."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.calls: list[Line] = []

    def call(self, days_ago: int, method: str, path: str, body: Document | None = None) -> None:
        at, line = self._at(days_ago), len(self.calls) + 1
        self.calls.append(Call(at=at, method=method, path=f"/v1{path}", body=body, line=line))

    def action(self, seller: str, order_id: str, days_ago: int, to: str, **given: Any) -> None:
        """Add an action of the collection partner about the claim of an order."""
        claim = ClaimAction(seller_id=seller, order_id=order_id, to=to, **given)
        at, line = self._at(days_ago), len(self.calls) + 1
        self.calls.append(PartnerAction(at=at, partner=claim, line=line))

    def _at(self, days_ago: int) -> datetime:
        at = self._now - timedelta(days=days_ago) - _OPENED_AT
        return at + timedelta(seconds=len(self.calls))

    def day(self, days_ago: int) -> str:
        return (self._now - timedelta(days=days_ago)).date().isoformat()

    def moment(self, days_ago: int) -> str:
        return (self._now - timedelta(days=days_ago)).isoformat()

    def order(
        self,
        seller: str,
        order_id: str,
        days_ago: int,
        total: str,
        name: str,
        *,
        customer: Document | None = None,
        **given: Any,
    ) -> None:
        """Add an order that is due at once, by a customer of this name."""
        first, _, last = name.partition(" ")
        person = {
            "customer_id": f"c-{order_id}",
            "first_name": first,
            "last_name": last,
            "email": f"{order_id.lower()}@customers.example.org",
            "language": _LANGUAGES[seller],
            "address": _ADDRESSES[seller],
        }
        body = {
            "seller_id": seller,
            "order_id": order_id,
            "invoice_date": self.day(days_ago),
            "currency": "EUR",
            "total": total,
            "cancellation_costs": "15.00",
            "customer": person | (customer or {}),
        }
        self.call(days_ago, "POST", "/orders", body | given)

    def payment(self, seller: str, order_id: str, days_ago: int, amount: str) -> None:
        body = {
            "payment_id": f"p-{order_id}-{days_ago}",
            "seller_id": seller,
            "order_id": order_id,
            "amount": amount,
            "currency": "EUR",
            "paid_at": self.moment(days_ago),
        }
        self.call(days_ago, "POST", "/payments", body)

    def verb(
        self, seller: str, order_id: str, days_ago: int, verb: str, body: Document | None = None
    ) -> None:
        self.call(days_ago, "POST", f"/cases/{{case:{seller}/{order_id}}}/{verb}", body)

    def installments(self, *parts: tuple[int, str]) -> list[Document]:
        """Installments of parts: days since the due date (negative: until it), and the amount."""
        return [
            {"number": number, "due_date": self.day(days_ago), "amount": amount}
            for number, (days_ago, amount) in enumerate(parts, 1)
        ]


def sample_calls(now: datetime) -> list[Line]:
    """All calls of the sample, in the order of time."""
    sample = Sample(now)
    for seller, (profile, settings) in _SELLERS.items():
        sample.call(60, "PUT", f"/sellers/{seller}", profile)
        sample.call(60, "PATCH", f"/sellers/{seller}/settings", settings)
    _on_their_way(sample)
    _waiting_for_somebody(sample)
    _at_an_end(sample)
    _with_money(sample)
    _at_the_partner(sample)
    return sorted(sample.calls, key=lambda call: (call.at, call.line))


def _on_their_way(sample: Sample) -> None:
    sample.order(BERLIN, "L-1001", 1, "119.00", "Ada Muster", subject="Kurs Porträtfotografie")
    sample.order(BERLIN, "L-1002", 7, "249.00", "Emmy Noether", subject="Kurs Studiolicht")
    sample.order(BERLIN, "L-1003", 13, "89.90", "Lise Meitner")
    sample.order(BERLIN, "L-1004", 23, "1499.00", "Karl Weierstraß", subject="Jahreskurs")
    sample.order(BERLIN, "L-1005", 36, "319.00", "Felix Klein")
    sample.order(MADRID, "R-2001", 7, "150.00", "María Zambrano")
    sample.order(MADRID, "R-2002", 24, "75.50", "Ramón Cajal")
    sample.order(PARIS, "C-3001", 13, "210.00", "Sophie Germain")
    sample.order(DUBLIN, "H-4001", 24, "99.00", "Kathleen Lonsdale")
    parts = sample.installments((31, "100.00"), (1, "100.00"), (-29, "100.00"), (-59, "100.00"))
    sample.order(PARIS, "C-3002", 31, "400.00", "Marie Curie", installments=parts)
    later = sample.installments((-3, "60.00"), (-33, "60.00"))
    sample.order(DUBLIN, "H-4002", 8, "120.00", "Mary Ward", installments=later)


def _waiting_for_somebody(sample: Sample) -> None:
    sample.order(PARIS, "C-3003", 34, "540.00", "Émilie Châtelet")
    sample.order(PARIS, "C-3004", 38, "65.00", "Joseph Fourier")
    no_number = {"address": _ADDRESSES[BERLIN] | {"street": "Hauptstr."}}
    sample.order(BERLIN, "L-1006", 14, "45.00", "Otto Hahn", customer=no_number)
    refused = {"email": "bounce+550@customers.example.org"}
    sample.order(BERLIN, "L-1007", 8, "79.00", "Max Born", customer=refused)
    sample.order(BERLIN, "L-1008", 12, "130.00", "Hans Bethe")
    promise = {"until": sample.day(-9), "reason": "promised to pay"}
    sample.verb(BERLIN, "L-1008", 4, "hold", promise)
    nobody = {"last_name": "Weyl NoPartnerAvailable"}
    sample.order(BERLIN, "L-1009", 36, "95.00", "Hermann Weyl", customer=nobody)


def _at_an_end(sample: Sample) -> None:
    sample.order(BERLIN, "L-1010", 9, "60.00", "Clara Immerwahr")
    sample.payment(BERLIN, "L-1010", 3, "60.00")
    sample.order(BERLIN, "L-1011", 12, "110.00", "David Hilbert")
    sample.verb(BERLIN, "L-1011", 4, "stop")
    sample.order(BERLIN, "L-1012", 12, "35.00", "Georg Cantor")
    sample.call(2, "POST", f"/orders/{BERLIN}/L-1012/cancel")
    sample.order(BERLIN, "L-1013", 42, "480.00", "Bernhard Riemann")
    sample.payment(BERLIN, "L-1013", 2, "480.00")
    sample.order(MADRID, "R-2003", 36, "90.00", "Severo Ochoa")
    sample.order(DUBLIN, "H-4003", 36, "260.00", "George Boole")


def _with_money(sample: Sample) -> None:
    sample.order(BERLIN, "L-1014", 14, "200.00", "Carl Gauß")
    sample.payment(BERLIN, "L-1014", 6, "80.00")
    sample.order(DUBLIN, "H-4004", 5, "50.00", "Edna O'Brien")
    sample.payment(DUBLIN, "H-4004", 1, "65.00")
    sample.order(PARIS, "C-3005", 12, "145.00", "Évariste Galois")
    sample.payment(PARIS, "C-3005", 8, "145.00")
    chargeback = {
        "chargeback_id": "b-C-3005",
        "occurred_at": sample.moment(2),
        "fee": "4.50",
    }
    sample.call(2, "POST", "/payments/p-C-3005-8/chargebacks", chargeback)


def _at_the_partner(sample: Sample) -> None:
    sample.order(BERLIN, "L-1015", 50, "640.00", "Max Planck", subject="Meisterkurs")
    sample.action(BERLIN, "L-1015", 16, "accepted")
    sample.action(BERLIN, "L-1015", 6, "legal")
    sample.order(BERLIN, "L-1016", 52, "210.00", "Maria Mayer")
    sample.action(BERLIN, "L-1016", 18, "accepted", amount="60.00")
    sample.action(BERLIN, "L-1016", 5, "Closed:Paid", amount="150.00")
    sample.order(BERLIN, "L-1017", 52, "75.00", "Ernst Zermelo")
    sample.action(BERLIN, "L-1017", 4, "Closed:NoPayment")
    sample.order(BERLIN, "L-1018", 44, "330.00", "Otto Stern")
    sample.action(BERLIN, "L-1018", 10, "rejected")
    sample.order(BERLIN, "L-1019", 40, "185.00", "Rita Süssmuth")
    sample.verb(BERLIN, "L-1019", 3, "withdraw")
