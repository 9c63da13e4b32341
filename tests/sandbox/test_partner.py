from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.partner import BUSINESS_ERRORS, UnreadableEventLog
from tests.partners.sandbox import NOW, UNKNOWN, a_body, a_debtor, connect, count, create


class TestCreate:
    async def test_r15_a_case_answers_with_what_is_known_of_it(self):
        async with connect() as http:
            answer = await create(http, a_body(claimDescription="Books", comments="By post"))

        assert answer.status_code == 200
        case_id = answer.json()["id"]
        assert answer.json() == {
            "id": case_id,
            "reference": case_id[:8].upper(),
            "creditorReference": "abcd2345-1",
            "claimDescription": "Books",
            "creditorComments": "By post",
            "dateCreated": "2026-03-02T09:30:00Z",
            "date": "2026-01-02T00:00:00Z",
            "dueDate": "2026-01-16T00:00:00Z",
            "grossAmount": 119,
            "remainder": 119,
            "interestFees": 0,
            "reminderFees": 0,
            "collectionFees": 0,
            "totalAddedFees": 0,
            "currency": "EUR",
            "isTestCase": False,
            "lifecycle": "PendingVerification",
            "debtor": a_debtor(),
        }

    async def test_ids_are_the_same_in_every_run(self):
        async with connect() as one, connect() as other:
            first, second = await create(one, a_body()), await create(other, a_body())

        assert first.json()["id"] == second.json()["id"]

    async def test_the_date_is_told_in_utc(self):
        local = NOW.astimezone(timezone(timedelta(hours=-3)))
        async with connect(clock=lambda: local) as http:
            answer = await create(http, a_body())

        assert answer.json()["dateCreated"] == "2026-03-02T09:30:00Z"

    async def test_every_field_of_the_partner_is_taken(self):
        everything = a_body(
            claimDescription="x" * 4000,
            comments="y",
            isTest=True,
            tag="demo",
            skipDebituraVerification=True,
            skipCreationEmails=False,
            allowPendingContracts=True,
            collectionPartnerId=UNKNOWN,
            assignedUserEmail="office@example.org",
            returnUrl="https://shop.example.org/back",
            amountToRecoverOver6Months=None,
            amountToRecoverOver12Months=0,
            amountToRecoverOver24Months=0,
            creditorReference="r" * 50,
            debtor={
                "type": "Company",
                "name": "Weber Inc.",
                "contactPerson": "Jonas Weber",
                "companyRegistrationNumber": "1234",
                "address": "4 Main Street",
                "zipCode": "94105",
                "city": "San Francisco",
                "state": "California",
                "stateAlpha2": "CA",
                "countryAlpha2": "US",
                "country": "United States",
                "email": "weber@example.com",
                "phone": "+1 415 555 0100",
            },
        )
        async with connect() as http:
            assert (await create(http, everything)).status_code == 200

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("2026-01-02", "2026-01-02T00:00:00Z"),
            ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
            ("2026-01-02T00:00:00", "2026-01-02T00:00:00Z"),
            ("2026-01-02T00:00Z", "2026-01-02T00:00:00Z"),
            ("2026-01-02T00:00:00.000Z", "2026-01-02T00:00:00Z"),
            ("2026-01-02T23:59:59.9999999Z", "2026-01-02T23:59:59.999999Z"),
            ("2026-01-02T00:00:00+00:00", "2026-01-02T00:00:00Z"),
            ("2026-01-02T12:30:00-03:00", "2026-01-02T15:30:00Z"),
            ("2026-01-02T12:30:00.000000+0000", "2026-01-02T12:30:00Z"),
        ],
    )
    async def test_a_date_is_a_date_time_or_a_plain_date(self, written, shown):
        async with connect() as http:
            answer = await create(http, a_body(date=written, dueDate=written))

        assert answer.status_code == 200
        assert (answer.json()["date"], answer.json()["dueDate"]) == (shown, shown)

    @pytest.mark.parametrize(
        "digits", ["119.00", "0.1", "99999999999999.99", "9007199254740993", "1.005"]
    )
    async def test_an_amount_comes_back_with_its_digits(self, digits):
        body = json.dumps(a_body(amountToRecover=0)).replace(": 0", f": {digits}")
        async with connect() as http:
            answer = await create(http, body)

        assert f'"grossAmount":{digits}' in answer.text

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (a_body(unknown=1), "unknown"),
            (a_body(currency_code="EUR"), "currency_code"),
            (a_body(debtor=a_debtor(unknown=1)), "debtor.unknown"),
            (a_body(currencyCode=...), "currencyCode"),
            (a_body(currencyCode="eur"), "currencyCode"),
            (a_body(currencyCode="XXX"), "currencyCode"),
            (a_body(amountToRecover=...), "amountToRecover"),
            (a_body(amountToRecover=0), "amountToRecover"),
            (a_body(amountToRecover=-1.5), "amountToRecover"),
            (a_body(amountToRecover="119.00"), "amountToRecover"),
            (a_body(amountToRecover=True), "amountToRecover"),
            (a_body(amountToRecover=10**400), "amountToRecover"),
            (json.dumps(a_body(amountToRecover=1)).replace(": 1", ": 1E999999"), "amountToRecover"),
            (a_body(date=...), "date"),
            (a_body(date="2026-02-30"), "date"),
            (a_body(date="2026-02-30T00:00:00Z"), "date"),
            (a_body(date="2026-01-02T24:30:00Z"), "date"),
            (a_body(date="2026-01-02T00:00:00+99:00"), "date"),
            (a_body(date="0001-01-01T00:00:00+14:00"), "date"),
            (a_body(date="2026-01-02 00:00:00Z"), "date"),
            (a_body(date="2026-01-02T00:00:00UTC"), "date"),
            (a_body(date="2026-W01-5"), "date"),
            (a_body(date=""), "date"),
            (a_body(date="٢٠٢٦-01-02"), "date"),
            (a_body(date="20260102"), "date"),
            (a_body(date=20260102), "date"),
            (a_body(dueDate="soon"), "dueDate"),
            (a_body(creditorReference=""), "creditorReference"),
            (a_body(creditorReference="x" * 51), "creditorReference"),
            (a_body(claimDescription="x" * 4001), "claimDescription"),
            (a_body(comments="x" * 4001), "comments"),
            (a_body(isTest="yes"), "isTest"),
            (a_body(creditorDivisionId="unknown"), "creditorDivisionId"),
            (a_body(debtor=...), "debtor"),
            (a_body(debtor="Jonas Weber"), "debtor"),
            (a_body(debtor=a_debtor(type="Person")), "debtor.type"),
            (a_body(debtor=a_debtor(name=...)), "debtor.name"),
            (a_body(debtor=a_debtor(name="")), "debtor.name"),
            (a_body(debtor=a_debtor(name="\ud800")), "debtor.name"),
            (a_body(debtor=a_debtor(countryAlpha2=...)), "debtor.countryAlpha2"),
            (a_body(debtor=a_debtor(countryAlpha2="de")), "debtor.countryAlpha2"),
            (a_body(debtor=a_debtor(countryAlpha2="ZZ")), "debtor.countryAlpha2"),
            (a_body(debtor=a_debtor(countryAlpha2="US")), "debtor.stateAlpha2"),
            (a_body(debtor=a_debtor(stateAlpha2="Ruritania")), "debtor.stateAlpha2"),
            (a_body(debtor=a_debtor(stateAlpha2="ca")), "debtor.stateAlpha2"),
            (a_body(tag="x" * 101), "tag"),
            ("", "body"),
            ("{", "body"),
            ("[]", "body"),
            ("[" * 100_000, "body"),
            ('{"amountToRecover": NaN}', "body"),
            ('{"amountToRecover": ' + "9" * 5000 + "}", "body"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, body, field):
        async with connect() as http:
            answer = await create(http, body)

            assert answer.status_code == 400
            assert list(answer.json()) == [field]
            assert answer.json()[field][0]
            assert await count(http) == 0

    async def test_all_that_is_wrong_is_told_at_once(self):
        async with connect() as http:
            answer = await create(http, {"debtor": {}})

        assert answer.json().keys() == {
            "currencyCode",
            "amountToRecover",
            "date",
            "debtor.type",
            "debtor.name",
            "debtor.countryAlpha2",
        }

    async def test_a_case_may_come_with_what_is_required_and_nothing_more(self):
        async with connect() as http:
            answer = await create(http, a_body(dueDate=..., creditorReference=...))
            again = await create(http, a_body(dueDate=..., creditorReference=...))

            assert (answer.status_code, again.status_code) == (200, 200)
            assert not answer.json().keys() & {"creditorReference", "dueDate"}
            assert answer.json()["id"] != again.json()["id"]
            assert (await http.get("/cases/by-creditor-reference/")).status_code == 404
            assert (await http.get(f"/claims/{again.json()['id']}")).status_code == 200
            assert await count(http) == 2

    @pytest.mark.parametrize("state", ["CA", "US-CA", "California"])
    async def test_a_state_is_named_by_its_letters_or_its_name(self, state):
        debtor = a_debtor(countryAlpha2="US", stateAlpha2=state)
        async with connect() as http:
            assert (await create(http, a_body(debtor=debtor))).status_code == 200

    @pytest.mark.parametrize("kind", BUSINESS_ERRORS)
    async def test_some_names_are_refused_for_good(self, kind):
        async with connect() as http:
            answer = await create(http, a_body(debtor=a_debtor(name=f"The {kind} Company")))

            assert answer.status_code == 422
            assert answer.json() == {
                "businessErrors": [{"type": kind, "message": BUSINESS_ERRORS[kind]}]
            }
            assert await count(http) == 0


class TestIdempotencyKey:
    async def test_r16_the_same_key_and_body_get_the_first_answer_again(self):
        moments = iter([NOW, NOW + timedelta(hours=1)])
        async with connect(clock=lambda: next(moments)) as http:
            first = await create(http, a_body(), key="k")
            second = await create(http, a_body(), key="k")

            assert (first.status_code, first.content) == (second.status_code, second.content)
            assert await count(http) == 1

    @pytest.mark.parametrize("other", [a_body(amountToRecover=99), "{", ""])
    async def test_r16_the_same_key_with_another_body_is_a_conflict(self, other):
        async with connect() as http:
            await create(http, a_body(), key="k")
            answer = await create(http, other, key="k")

            assert answer.status_code == 422
            (error,) = answer.json()["businessErrors"]
            assert error["type"] == "IdempotencyConflict"
            assert await count(http) == 1

    async def test_a_request_with_wrong_fields_leaves_its_key_free(self):
        async with connect() as http:
            refused = await create(http, a_body(date="soon"), key="k")
            taken = await create(http, a_body(), key="k")

        assert (refused.status_code, taken.status_code) == (400, 200)

    async def test_a_refusal_for_good_is_the_answer_from_then_on(self):
        body = a_body(debtor=a_debtor(name="NoPartnerAvailable"))
        async with connect() as http:
            first = await create(http, body, key="k")
            second = await create(http, body, key="k")
            corrected = await create(http, a_body(), key="k")

        assert first.content == second.content
        assert corrected.json()["businessErrors"][0]["type"] == "IdempotencyConflict"

    @pytest.mark.parametrize(("length", "status"), [(255, 200), (256, 400)])
    async def test_a_key_has_at_most_255_characters(self, length, status):
        async with connect() as http:
            answer = await create(http, a_body(), key="k" * length)

        assert answer.status_code == status

    @pytest.mark.parametrize("keys", [("one", "other"), (None, None), ("", "")])
    async def test_under_another_key_the_same_reference_makes_a_second_case(self, keys):
        async with connect() as http:
            first, second = [await create(http, a_body(), key=key) for key in keys]
            found = await http.get("/cases/by-creditor-reference/abcd2345-1")

            assert first.json()["id"] != second.json()["id"]
            assert found.json() == first.json()
            assert await count(http) == 2


class TestFind:
    async def test_a_case_is_found_by_id_and_by_reference(self):
        async with connect() as http:
            case = (await create(http, a_body(creditorReference="a/b c"))).json()
            by_id = await http.get(f"/cases/{case['id']}")
            by_reference = await http.get("/cases/by-creditor-reference/a%2Fb%20c")

        assert by_id.json() == by_reference.json() == case

    @pytest.mark.parametrize("path", [UNKNOWN, "by-creditor-reference/abcd2345-1"])
    async def test_what_is_not_there_is_not_found(self, path):
        async with connect() as http:
            assert (await http.get(f"/cases/{path}")).status_code == 404

    @pytest.mark.parametrize(
        ("query", "references", "page"),
        [
            ("", range(10), (10, 1, 10, 2)),
            ("?Page=2", [10, 11], (10, 2, 2, 2)),
            ("?Page=2&PageSize=5", range(5, 10), (5, 2, 5, 3)),
            ("?page=3&pageSize=5", [10, 11], (5, 3, 2, 3)),
            ("?PAGE=1&pagesize=100", range(12), (100, 1, 12, 1)),
            ("?page=4&pageSize=5", [], (5, 4, 0, 3)),
        ],
    )
    async def test_the_cases_come_in_pages_the_oldest_first(self, query, references, page):
        async with connect() as http:
            for number in range(12):
                await create(http, a_body(creditorReference=f"r-{number}"))
            answer = (await http.get(f"/cases{query}")).json()

        names = ("pageSize", "currentPage", "responseCount", "totalPages")
        assert answer.keys() == {"page", "cases"}
        assert [case["creditorReference"] for case in answer["cases"]] == [
            f"r-{number}" for number in references
        ]
        assert answer["page"] == dict(zip(names, page, strict=True)) | {"totalResults": 12}

    async def test_without_cases_there_is_no_page(self):
        async with connect() as http:
            answer = (await http.get("/cases")).json()

        assert answer["cases"] == []
        assert (answer["page"]["totalResults"], answer["page"]["totalPages"]) == (0, 0)

    @pytest.mark.parametrize(
        ("query", "field"),
        [("Page=0", "page"), ("page=x", "page"), ("PageSize=101", "pageSize")],
    )
    async def test_a_page_that_cannot_be_is_refused(self, query, field):
        async with connect() as http:
            answer = await http.get(f"/cases?{query}")

        assert answer.status_code == 400
        assert list(answer.json()) == [field]


class TestKey:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [({"XApiKey": "right"}, 200), ({"XApiKey": "wrong"}, 401), ({}, 401)],
    )
    @pytest.mark.parametrize(("method", "path"), [("GET", "/cases"), ("POST", "/cases")])
    async def test_every_request_needs_the_key_if_there_is_one(self, headers, status, method, path):
        async with connect(api_key="right") as http:
            answer = await http.request(method, path, headers=headers, json=a_body())

        assert answer.status_code == status

    async def test_a_wrong_key_learns_nothing_of_the_fields(self):
        async with connect(api_key="right") as http:
            assert (await create(http, "{", key="k" * 256)).status_code == 401


class TestFile:
    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Any]]:
        return lambda: connect(claims_file=tmp_path / "data" / "claims.jsonl")

    async def test_r16_a_restart_forgets_no_case_and_no_answer(self, reopen):
        refused = a_body(debtor=a_debtor(name="NoPartnerAvailable"))
        async with reopen() as http:
            await create(http, json.dumps(a_body()).replace("119", "119.00"), key="k")
            await create(http, a_body(creditorReference="abcd2345-2"))
            await create(http, refused, key="r")
            before = (await http.get("/cases")).content

        async with reopen() as http:
            again = await create(http, json.dumps(a_body()).replace("119", "119.00"), key="k")
            assert (await http.get("/cases")).content == before
            assert (await create(http, refused, key="r")).status_code == 422
            assert (await create(http, a_body(), key="k")).status_code == 422
            assert '"grossAmount":119.00' in again.text

    async def test_the_file_has_what_was_sent(self, reopen, tmp_path):
        async with reopen() as http:
            await create(http, json.dumps(a_body()).replace("119", "119.00"), key="k")

        (line,) = (tmp_path / "data" / "claims.jsonl").read_text().splitlines()
        (kept,) = json.loads(line, parse_float=Decimal)
        assert kept["sent"] == a_body(amountToRecover=Decimal("119.00"))
        assert kept["answer"]["creditorReference"] == "abcd2345-1"

    async def test_a_line_that_a_crash_tore_was_never_answered(self, reopen, tmp_path):
        file = tmp_path / "data" / "claims.jsonl"
        async with reopen() as http:
            await create(http, a_body(), key="k")
            await create(http, a_body(creditorReference="abcd2345-2"), key="torn")
        file.write_bytes(file.read_bytes()[:-20])

        async with reopen() as http:
            assert await count(http) == 1
            await create(http, a_body(creditorReference="abcd2345-2"), key="torn")

        async with reopen() as http:
            assert await count(http) == 2

    @pytest.mark.parametrize("line", ["{", "[]x", '[{"kind": "unheard of"}]', '{"kind": "began"}'])
    async def test_a_file_that_is_no_event_log_is_not_written_to(self, tmp_path, line):
        file = tmp_path / "claims.jsonl"
        file.write_text(f"[]\n{line}\n")

        with pytest.raises(UnreadableEventLog, match="line 2"):
            connect(claims_file=file)

        assert file.read_text() == f"[]\n{line}\n"

    async def test_a_claim_that_cannot_be_written_is_not_taken(self, tmp_path):
        file = tmp_path / "claims.jsonl"
        async with connect(claims_file=file) as http:
            file.unlink()
            file.mkdir()
            with pytest.raises(IsADirectoryError):
                await create(http, a_body())

            assert await count(http) == 0
