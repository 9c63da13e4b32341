from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from traceback import format_exception
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import ClaimRefused, ClaimTaken, MoneyMoved, NoticeGiven, PartnerError
from adapters.retry_after import LONGEST_PAUSE
from dunning.notices import NoticeKind
from tests.adapters.claims import (
    PERSONAL,
    a_debtor,
    a_known_creditor,
    a_submission,
    an_address,
)

URL = "https://partner.example/v1"
KEY = "the-key"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CASE = {
    "id": "case-1",
    "creditorReference": "abcd2345-1",
    "dateCreated": "2026-03-02T09:30:00Z",
}


@pytest.fixture
def api() -> Iterator[respx.Router]:
    """A partner that knows no case and takes every claim, until a test says otherwise."""
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.get(path__startswith="/cases/by-creditor-reference/", name="find").respond(404)
        router.post("/cases", name="create").respond(json=CASE)
        router.get("/divisions", name="divisions").respond(json={"divisions": []})
        router.post("/divisions", name="division").respond(201, json={"id": "division-1"})
        yield router


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """One for all tests: its certificates are read for 60 ms."""
    async with connect_partner(URL, KEY) as http:
        yield http


@pytest.fixture
def partner(client: httpx.AsyncClient) -> DebituraPartner:
    return DebituraPartner(client)


def body_of(route: respx.Route) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(route.calls.last.request.content, parse_float=Decimal)
    return body


class TestWhatIsSent:
    async def test_r15_a_claim_carries_debtor_dates_and_amount(self, api, partner):
        await partner.submit(
            a_submission(
                creditor=a_known_creditor(),
                debtor=a_debtor(
                    name="Weber Druck GmbH",
                    contact_person="Jonas Weber",
                    is_company=True,
                    registration_number="HRB 1234",
                ),
            )
        )

        body = body_of(api["create"])
        texts = (body.pop("claimDescription"), body.pop("comments"))
        assert "Online course" in texts[0]
        assert "Notices" in texts[1]
        assert body == {
            "currencyCode": "EUR",
            "amountToRecover": Decimal("119.00"),
            "date": "2026-01-02T00:00:00Z",
            "dueDate": "2026-01-16T00:00:00Z",
            "creditorReference": "abcd2345-1",
            "creditorDivisionId": "division-1",
            "isTest": False,
            "debtor": {
                "type": "Company",
                "name": "Weber Druck GmbH",
                "contactPerson": "Jonas Weber",
                "companyRegistrationNumber": "HRB 1234",
                "address": "Lindenweg 4",
                "zipCode": "10115",
                "city": "Berlin",
                "countryAlpha2": "DE",
                "email": "jonas.weber@example.com",
                "phone": "+49 30 1234567",
            },
        }

    async def test_r15_what_no_field_is_for_stands_in_the_texts(self, api, partner):
        await partner.submit(
            a_submission(
                ordered_on=date(2025, 12, 30),
                creditor=a_known_creditor(
                    may_deduct_input_tax=True, legal_notice=("Managing director: Ada Muster",)
                ),
            )
        )

        body = body_of(api["create"])
        assert body["date"] == "2026-01-02T00:00:00Z"
        assert "Contract date: 2025-12-30" in body["claimDescription"].splitlines()
        assert body["comments"].splitlines()[-3:] == [
            "The creditor may deduct input tax.",
            "Legal notice of the creditor:",
            "- Managing director: Ada Muster",
        ]

    async def test_a_partner_that_quotes_the_legal_notice_is_not_repeated(self, api, partner):
        notice = "Managing director: Ada Muster"
        api["create"].respond(400, json={"comments": [f"odd: {notice}"]})

        with pytest.raises(ClaimRefused) as refused:
            await partner.submit(a_submission(creditor=a_known_creditor(legal_notice=(notice,))))

        assert str(refused.value) == "comments: odd: …"

    async def test_what_is_not_known_is_left_out(self, api, partner):
        await partner.submit(
            a_submission(subject="", debtor=a_debtor(phone="", address=an_address(street=None)))
        )

        body = body_of(api["create"])
        assert "creditorDivisionId" not in body
        assert not {"phone", "address", "state", "stateAlpha2"} & body["debtor"].keys()

    async def test_every_request_carries_the_key_and_a_creation_the_reference(self, api, partner):
        await partner.submit(a_submission())

        assert [call.request.headers["XApiKey"] for call in api.calls] == [KEY, KEY]
        assert api["create"].calls.last.request.headers["Idempotency-Key"] == "abcd2345-1"

    async def test_a_test_claim_says_so(self, api):
        async with connect_partner(URL, KEY) as http:
            await DebituraPartner(http, is_test=True).submit(a_submission())

        assert body_of(api["create"])["isTest"] is True

    async def test_long_texts_are_cut_at_what_the_partner_takes(self, api, partner):
        moved = MoneyMoved(on=date(2026, 2, 1), amount=Decimal("1.00"))
        notice = NoticeGiven(kind=NoticeKind.PAYMENT_REMINDER, on=date(2026, 2, 2))
        await partner.submit(
            a_submission(
                principal=Decimal("319.00"),
                amount=Decimal("119.00"),
                payments=(moved,) * 200,
                notices=(notice,) * 200,
            )
        )

        body = body_of(api["create"])
        for text in (body["claimDescription"], body["comments"]):
            assert 3800 < len(text) <= 4000
            assert re.search(r"\n\[\d+ more lines have no room here\]$", text)
            assert all(line == "" or line[0] in "-[" for line in text.splitlines()[20:])

    @pytest.mark.parametrize(
        ("amount", "digits"),
        [
            (Decimal("119.00"), "119.00"),
            (Decimal("0.1") + Decimal("0.2"), "0.3"),
            (Decimal("0.10"), "0.10"),
            (Decimal("1.005"), "1.005"),  # KWD has three digits
            (Decimal("119000"), "119000"),  # CLP has none
            (Decimal("1.19E+5"), "119000"),  # no exponent goes out
            (Decimal("9007199254740993"), "9007199254740993"),  # no binary float has this one
            (Decimal("99999999999999.99"), "99999999999999.99"),
        ],
    )
    async def test_an_amount_goes_out_with_exactly_its_digits(self, api, partner, amount, digits):
        await partner.submit(a_submission(amount=amount))

        sent = api["create"].calls.last.request.content.decode()
        assert f'"amountToRecover": {digits},' in sent

    @pytest.mark.parametrize("amount", [119.0, 0, Decimal(0), Decimal(-1), Decimal("NaN"), "1"])
    def test_a_claim_has_a_positive_decimal_amount(self, amount):
        with pytest.raises(ValidationError):
            a_submission(amount=amount)

    @pytest.mark.parametrize("reference", ["", "x" * 51, "a b", "ä-1", ".."])
    def test_a_claim_has_a_reference_that_the_partner_can_keep(self, reference):
        with pytest.raises(ValidationError) as wrong:
            a_submission(reference=reference)

        assert "Weber" not in str(wrong.value)

    @pytest.mark.parametrize(
        ("region", "expected"),
        [
            ("CA", {"state": "CA", "stateAlpha2": "CA"}),
            ("ca", {"state": "ca", "stateAlpha2": "CA"}),
            ("US-CA", {"state": "US-CA", "stateAlpha2": "CA"}),
            ("New  York", {"state": "New  York", "stateAlpha2": "NY"}),
            ("D.C.", {"state": "D.C.", "stateAlpha2": "DC"}),
            ("Washington, D.C.", {"state": "Washington, D.C.", "stateAlpha2": "DC"}),
            ("Washington", {"state": "Washington", "stateAlpha2": "WA"}),
            ("Atlantis", {"state": "Atlantis"}),  # the partner says that it is missing
            (None, {}),
        ],
    )
    async def test_a_debtor_in_the_us_has_the_letters_of_the_state(
        self, api, partner, region, expected
    ):
        await partner.submit(
            a_submission(debtor=a_debtor(address=an_address(country="us", region=region)))
        )

        debtor = body_of(api["create"])["debtor"]
        assert debtor["countryAlpha2"] == "US"
        assert {k: v for k, v in debtor.items() if k.startswith("state")} == expected

    async def test_elsewhere_the_region_is_only_named(self, api, partner):
        await partner.submit(a_submission(debtor=a_debtor(address=an_address(region="CA"))))

        assert body_of(api["create"])["debtor"]["state"] == "CA"
        assert "stateAlpha2" not in body_of(api["create"])["debtor"]


class TestWhatComesBack:
    async def test_a_claim_that_was_taken_has_the_partners_id(self, api, partner):
        taken = await partner.submit(a_submission())

        assert taken == ClaimTaken(
            partner_id="case-1", reference="abcd2345-1", taken_at=NOW, is_new=True
        )

    async def test_r16_a_claim_that_is_already_there_is_not_created_again(self, api, partner):
        api["find"].respond(json=CASE)

        taken = await partner.submit(a_submission())

        assert taken.partner_id == "case-1"
        assert not api["create"].called

    async def test_a_reference_is_looked_up_with_its_signs_encoded(self, api, partner):
        reference = "a/b?c#d%2F-1"
        api["create"].respond(json={**CASE, "creditorReference": reference})

        await partner.submit(a_submission(reference=reference))

        looked_up = api["find"].calls.last.request.url.raw_path
        assert looked_up == b"/v1/cases/by-creditor-reference/a%2Fb%3Fc%23d%252F-1"

    @pytest.mark.parametrize(
        ("created", "taken_at"),
        [
            ("2026-03-02T10:30:00+01:00", NOW),
            ("2026-03-02T09:30:00.1234567Z", NOW + timedelta(microseconds=123456)),
            ("2026-03-02T09:30:00", NOW),  # without a zone it is UTC
            (None, None),
        ],
    )
    async def test_the_moment_of_taking_has_a_zone(self, api, partner, created, taken_at):
        api["create"].respond(json={**CASE, "dateCreated": created})

        assert (await partner.submit(a_submission())).taken_at == taken_at


class TestWhatTheRefusalSays:
    @pytest.mark.parametrize(
        ("status", "answer", "words"),
        [
            (
                400,
                {"errors": {"debtor.zipCode": ["is no postcode"], "date": ["is missing"]}},
                "debtor.zipCode: is no postcode; date: is missing",
            ),
            (
                400,
                {"errors": [{"field": "date", "message": "is missing"}]},
                "field: date; message: is missing",
            ),
            (
                400,
                {"debtor.zipCode": ["is no postcode", "is too long"], "date": ["is missing"]},
                "debtor.zipCode: is no postcode; debtor.zipCode: is too long; date: is missing",
            ),
            (
                400,
                {
                    "error": "Only EUR",
                    "message": "Only EUR",
                    "businessErrors": [{"type": "UnknownCurrency", "message": "Only EUR"}],
                },
                "UnknownCurrency: Only EUR",
            ),
            (400, {"title": "Bad claim", "status": 400}, "title: Bad claim"),
            (400, {}, "refused without a reason"),
            (
                422,
                {"businessErrors": [{"type": "NoPartnerAvailable", "message": "Not in Fiji"}]},
                "NoPartnerAvailable: Not in Fiji",
            ),
            (
                422,
                {
                    "businessErrors": [
                        {"type": "MissingDebtCollectionContract", "message": "Sign it"},
                        {"type": "NoPartnerAvailable", "solutionUrl": "https://x.example"},
                    ]
                },
                "MissingDebtCollectionContract: Sign it; NoPartnerAvailable",
            ),
            (422, {"title": "Not so"}, "title: Not so"),
            (422, {"businessErrors": "odd"}, "businessErrors: odd"),
            (422, {"businessErrors": [None]}, "refused without a reason"),
        ],
    )
    async def test_r15_a_refusal_for_good_is_told_in_the_partners_words(
        self, api, partner, status, answer, words
    ):
        api["create"].respond(status, json=answer)

        with pytest.raises(ClaimRefused) as refused:
            await partner.submit(a_submission())

        assert str(refused.value) == words
        assert api["create"].call_count == 1

    async def test_a_partner_that_quotes_the_debtor_is_not_repeated(self, api, partner):
        quoted = ", ".join(PERSONAL).upper()
        api["create"].respond(400, json={"errors": {"debtor": [f"unknown: {quoted}"]}})

        with pytest.raises(ClaimRefused) as refused:
            await partner.submit(a_submission())

        assert str(refused.value) == "debtor: unknown: …, …, …, …"

    async def test_a_refusal_without_end_is_cut(self, api, partner):
        api["create"].respond(400, json={"errors": {"date": ["no"] * 9999}})

        with pytest.raises(ClaimRefused) as refused:
            await partner.submit(a_submission())

        assert len(str(refused.value)) == 1000

    async def test_r16_a_conflict_with_a_lost_answer_finds_the_claim(self, api, partner):
        api["find"].side_effect = [httpx.Response(404), httpx.Response(200, json=CASE)]
        api["create"].respond(422, json={"businessErrors": [{"type": "IdempotencyConflict"}]})

        assert (await partner.submit(a_submission())).partner_id == "case-1"

    async def test_a_conflict_without_a_claim_is_a_refusal(self, api, partner):
        api["create"].respond(422, json={"businessErrors": [{"type": "IdempotencyConflict"}]})

        with pytest.raises(ClaimRefused, match=r"^IdempotencyConflict$"):
            await partner.submit(a_submission())

        assert api["find"].call_count == 2


class TestWhatIsTriedAgain:
    @pytest.mark.parametrize("route", ["find", "create"])
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (httpx.ConnectError("no route"), "did not answer"),
            (httpx.ConnectTimeout("slow"), "did not answer"),
            (httpx.ReadTimeout("slow"), "did not answer"),
            (httpx.RemoteProtocolError("cut off"), "did not answer"),
            (httpx.Response(301), "answered 301"),
            (httpx.Response(401), "answered 401"),  # our key: an operator mends it
            (httpx.Response(403), "answered 403"),
            (httpx.Response(429), "answered 429"),
            (httpx.Response(500, text="Jonas Weber"), "answered 500"),
            (httpx.Response(502, html="<h1>Bad gateway</h1>"), "answered 502"),
            (httpx.Response(503), "answered 503"),
            (httpx.Response(200, html="<h1>Hello</h1>"), "unreadable"),
            (httpx.Response(200, content=b"\xff\xfe\x00"), "unreadable"),
            (httpx.Response(200, content=b"[" * 100_000), "unreadable"),
            (httpx.Response(200, json=[]), "unreadable"),
            (httpx.Response(200, json={**CASE, "id": None}), "unreadable"),
            (httpx.Response(200, json={**CASE, "id": ""}), "unreadable"),
            (httpx.Response(200, json={**CASE, "id": list(PERSONAL)}), "unreadable"),
            (httpx.Response(200, json={**CASE, "dateCreated": "soon"}), "unreadable"),
            (httpx.Response(200, json={**CASE, "creditorReference": "x"}), "another claim"),
        ],
    )
    async def test_what_may_pass_is_no_refusal(self, api, partner, route, answer, words):
        api[route].side_effect = [answer]

        with pytest.raises(PartnerError, match=words) as failed:
            await partner.submit(a_submission())

        assert not isinstance(failed.value, ClaimRefused)
        assert failed.value.retry_after is None
        assert api[route].call_count == 1
        logged = "".join(format_exception(failed.value))
        assert not any(personal in logged for personal in PERSONAL)

    @pytest.mark.parametrize("status", [400, 422])
    @pytest.mark.parametrize("content", [b"", b"<h1>Bad request</h1>", b"[]", b"{" * 9999])
    async def test_a_page_of_a_proxy_is_no_refusal(self, api, partner, status, content):
        api["create"].respond(status, content=content)

        with pytest.raises(PartnerError, match="unreadable") as failed:
            await partner.submit(a_submission())

        assert not isinstance(failed.value, ClaimRefused)

    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize(
        ("headers", "pause"),
        [
            ({"Retry-After": "120"}, timedelta(minutes=2)),
            ({"Retry-After": "0"}, timedelta(0)),
            (
                {
                    "Date": "Mon, 02 Mar 2026 09:30:00 GMT",
                    "Retry-After": "Mon, 02 Mar 2026 09:45:00 GMT",
                },
                timedelta(minutes=15),
            ),
            (
                {
                    "Date": "Mon, 02 Mar 2026 09:30:00 GMT",
                    "Retry-After": "Mon, 02 Mar 2026 09:00:00 -0000",
                },
                timedelta(0),
            ),
            ({"Retry-After": "Mon, 02 Mar 2026 09:45:00 GMT"}, None),  # measured by what clock?
            ({"Retry-After": "9" * 5000}, LONGEST_PAUSE),
            ({"Retry-After": "-5"}, None),
            ({"Retry-After": "soon"}, None),
            ({}, None),
        ],
    )
    async def test_the_pause_that_the_partner_asks_for_is_kept(
        self, api, partner, status, headers, pause
    ):
        api["create"].respond(status, headers=headers)

        with pytest.raises(PartnerError) as failed:
            await partner.submit(a_submission())

        assert failed.value.retry_after == pause

    @pytest.mark.parametrize(
        "refusal",
        [
            {"creditorDivisionId": ["is not known"]},
            {"CreditorDivisionId": ["is not known"]},
            {"errors": {"creditorDivisionId": ["is not known"]}},
            {"businessErrors": [{"type": "DivisionNotFound", "message": "No division"}]},
        ],
    )
    async def test_a_seller_that_the_partner_forgot_is_no_refusal(self, api, partner, refusal):
        api["create"].respond(400, json=refusal)

        with pytest.raises(PartnerError, match="does not know the seller any more") as failed:
            await partner.submit(a_submission(creditor=a_known_creditor()))

        assert not isinstance(failed.value, ClaimRefused)
