"""What becomes of a case at the agency: the state that `GET` tells, test mode, the restart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from sandbox.partner.claims import CloseCode
from tests.clocks import FixedClock
from tests.partners.sandbox import NOW, UNKNOWN, Caller, a_body, calling, connect, create

NOT_YET = {"dateCollectionStarted", "dateFinished", "closeCode", "disputeStatus"}


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def _state(agency: Caller, case_id: str) -> dict[str, Any]:
    """What changes in a case."""
    case = await agency.get(f"/cases/{case_id}")
    names = ("lifecycle", "closeCode", "remainder")
    return {name: case[name] for name in names if name in case}


class TestAdvance:
    async def test_r15_a_case_that_was_just_submitted_has_no_later_dates(self, agency):
        case = await agency.get(f"/cases/{await agency.submit()}")

        assert not NOT_YET & case.keys()
        assert case["lifecycle"] == "PendingVerification"
        assert case["collectionFees"] == 0

    async def test_r15_collection_begins(self, agency):
        case_id = await agency.submit()
        agency.clock.forward(days=1)

        assert await agency.advance(case_id, "Active") == {"advanced": True, "state": "Active"}

        case = await agency.get(f"/cases/{case_id}")
        assert case["dateCollectionStarted"] == "2026-03-03T09:30:00Z"
        assert case["dateUpdated"] == "2026-03-03T09:30:00Z"
        timeline = await agency.get(f"/cases/{case_id}/timeline")
        assert timeline["currentEngagementPhase"] == "Pre-legal"
        assert case.keys() & NOT_YET == {"dateCollectionStarted"}

    async def test_r15_the_claim_goes_to_court(self, agency):
        case_id = await agency.submit()

        assert await agency.advance(case_id, "Legal") == {"advanced": True, "state": "Legal"}

        timeline = await agency.get(f"/cases/{case_id}/timeline")
        assert timeline["currentEngagementPhase"] == "Legal"
        assert (await agency.get(f"/cases/{case_id}"))["dateCollectionStarted"]

    async def test_r15_the_partner_got_all_of_it(self, agency):
        case_id = await agency.submit()
        agency.clock.forward(days=2)

        answer = await agency.advance(case_id, "Closed:Paid", "119.00")

        assert answer == {"advanced": True, "state": "Closed:Paid"}
        case = await agency.get(f"/cases/{case_id}")
        assert (case["closeCode"], case["dateFinished"]) == ("Paid", "2026-03-04T09:30:00Z")
        assert case["remainder"] == 0

    async def test_r15_the_partner_gave_up(self, agency):
        case_id = await agency.submit()

        answer = await agency.advance(case_id, "Closed:NoPayment")

        assert answer == {"advanced": True, "state": "Closed:NoPayment"}
        case = await agency.get(f"/cases/{case_id}")
        assert case["closeCode"] == "PreLegalExhaustedNoPayment"
        assert case["dateCollectionStarted"]

    async def test_r15_a_rejected_case_is_closed_before_collection_begins(self, agency):
        case_id = await agency.submit()

        answer = await agency.advance(case_id, "Closed:Other")

        assert answer == {"advanced": True, "state": "Closed:Other"}
        case = await agency.get(f"/cases/{case_id}")
        assert case["closeCode"] == "Other"
        assert "dateCollectionStarted" not in case

    @pytest.mark.parametrize("code", [code for code in CloseCode if code is not CloseCode.PAID])
    async def test_a_case_is_closed_with_any_code(self, agency, code):
        case_id = await agency.submit()

        await agency.advance(case_id, f"Closed:{code}")

        assert (await agency.get(f"/cases/{case_id}"))["closeCode"] == code

    async def test_r15_money_comes_in_parts(self, agency):
        case_id = await agency.submit()

        await agency.advance(case_id, "Active", "19.5")
        agency.clock.forward(days=1)
        await agency.advance(case_id, "Active", 20)
        await agency.advance(case_id, "Closed:PartiallyPaid", "30.00")

        payments = await agency.get(f"/cases/{case_id}/payments")
        assert [str(payment["grossAmount"]) for payment in payments] == ["19.50", "20.00", "30.00"]
        assert payments[0] == {
            "id": payments[0]["id"],
            "dateCreated": "2026-03-02T09:30:00Z",
            "dateUpdated": "2026-03-02T09:30:00Z",
            "date": "2026-03-02T09:30:00Z",
            "grossAmount": Decimal("19.50"),
            "recipient": "CollectionPartner",
            "method": "BankTransfer",
            "currency": "EUR",
            "invoice": {
                "status": "Closed",
                "reference": case_id[:8].upper(),
                "invoiceId": case_id,
            },
        }
        assert len({payment["id"] for payment in payments}) == 3
        assert await _state(agency, case_id) == {
            "lifecycle": "Closed",
            "closeCode": "PartiallyPaid",
            "remainder": Decimal("49.50"),
        }

    @pytest.mark.parametrize(
        ("first", "again"),
        [
            (("Active",), ("Active",)),
            (("Legal",), ("Active",)),
            (("Legal",), ("Legal",)),
            (("Closed:Other",), ("Active",)),
            (("Closed:Other",), ("Legal",)),
            (("Closed:Other",), ("Closed:Other",)),
            (("Closed:Paid", 119), ("Closed:Paid", 119)),
            (("Closed:NoPayment",), ("Closed:PreLegalExhaustedNoPayment",)),
        ],
    )
    async def test_what_is_there_already_is_not_done_again(self, agency, first, again):
        case_id = await agency.submit()
        state = (await agency.advance(case_id, *first))["state"]
        before = await agency.get(f"/cases/{case_id}/timeline")
        agency.clock.forward(days=1)

        assert await agency.advance(case_id, *again) == {"advanced": False, "state": state}
        assert await agency.get(f"/cases/{case_id}/timeline") == before

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "to"),
            ({"to": "Paid"}, "to"),
            ({"to": "Closed"}, "to"),
            ({"to": "Closed:"}, "to"),
            ({"to": "Closed:Lost"}, "to"),
            ({"to": "Closed:Legal"}, "to"),
            ({"to": "active"}, "to"),
            ({"to": None}, "to"),
            ({"to": "Closed:Paid"}, "amount"),
            ({"to": "Closed:Paid", "amount": None}, "amount"),
            ({"to": "Closed:Paid", "amount": 0}, "amount"),
            ({"to": "Closed:Paid", "amount": -1}, "amount"),
            ({"to": "Closed:Paid", "amount": "119.00"}, "amount"),
            ({"to": "Closed:Paid", "amount": 1.005}, "amount"),
            ({"to": "Active", "amount": 10**13}, "amount"),
            ({"to": "Active", "by": "me"}, "by"),
            ([], "body"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, body, field):
        case_id = await agency.submit()
        answer = await agency.http.post(f"/test/cases/{case_id}/advance", json=body)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert (await _state(agency, case_id))["lifecycle"] == "PendingVerification"

    @pytest.mark.parametrize(
        ("to", "amount"),
        [("Closed:NoPayment", None), ("Closed:Paid", 1), ("Active", 1), ("Legal", 1)],
    )
    async def test_a_closed_case_stays_as_it_is(self, agency, to, amount):
        case_id = await agency.submit()
        await agency.advance(case_id, "Closed:Other")
        before = await agency.get(f"/cases/{case_id}")

        answer = await agency.try_to_advance(case_id, to, amount)

        assert answer.status_code == 400
        assert answer.json() == {"to": ["the case is closed: Other"]}
        assert await agency.get(f"/cases/{case_id}") == before
        assert await agency.get(f"/cases/{case_id}/payments") == []

    async def test_the_debtor_disputes_and_stops_disputing(self, agency):
        case_id = await agency.submit()
        told = [
            (await agency.post(f"/test/cases/{case_id}/dispute", {"disputed": yes}))[
                "disputeStatus"
            ]
            for yes in (True, False)
        ]

        assert told == ["Yes, the claim is disputed", "No, the claim is not disputed"]

    async def test_the_timeline_tells_what_happened_in_its_order(self, agency):
        case_id = await agency.submit()
        for step in (("Active",), ("Active", 19), ("Legal",), ("Closed:Paid", 100)):
            agency.clock.forward(hours=1)
            await agency.advance(case_id, *step)

        timeline = await agency.get(f"/cases/{case_id}/timeline")

        assert [(item["type"], item["date"][11:16]) for item in timeline["items"]] == [
            ("CaseCreated", "09:30"),
            ("CollectionStarted", "10:30"),
            ("PaymentRegistered", "11:30"),
            ("PhaseChanged", "12:30"),
            ("PaymentRegistered", "13:30"),
            ("CaseClosed", "13:30"),
        ]
        assert timeline["items"][2] == {
            "date": "2026-03-02T11:30:00Z",
            "type": "PaymentRegistered",
            "title": "Payment received",
            "description": "19.00 EUR",
            "actor": {"type": "Partner user"},
        }

    async def test_before_collection_there_is_no_phase(self, agency):
        timeline = await agency.get(f"/cases/{await agency.submit()}/timeline")

        assert timeline["currentEngagementPhase"] is None

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/cases/{}/timeline"),
            ("GET", "/cases/{}/payments"),
            ("GET", "/cases/{}/files"),
            ("GET", "/cases/{}/chats"),
            ("POST", "/cases/{}/chats"),
            ("POST", "/cases/{}/files"),
            ("POST", "/test/cases/{}/advance"),
            ("POST", "/test/cases/{}/dispute"),
            ("GET", "/webhooks/events?caseId={}"),
        ],
    )
    async def test_of_a_case_that_is_not_there_nothing_is_found(self, agency, method, path):
        bodies = {"advance": {"to": "Active"}, "dispute": {"disputed": True}}
        body = bodies.get(path.rpartition("/")[2], {"message": "hello"})

        answer = await agency.http.request(method, path.format(UNKNOWN), json=body)

        assert answer.status_code == 404

    async def test_a_scenario_gives_every_call_its_own_time(self, agency):
        case_id = await agency.submit()
        agency.clock.forward(days=30)
        await agency.advance(case_id, "Active")
        agency.clock.forward(days=-10)
        await agency.post(f"/cases/{case_id}/chats", {"message": "an older one"})

        (chat,) = await agency.get(f"/cases/{case_id}/chats")
        assert chat["dateCreated"] == "2026-03-22T09:30:00Z"


class TestDelete:
    async def test_the_test_cases_of_a_tag_go_and_nothing_else(self, agency):
        kept = [
            await agency.submit(creditorReference="a", isTest=True, tag="other"),
            await agency.submit(creditorReference="b", isTest=True),
            await agency.submit(creditorReference="c", isTest=False),
        ]
        gone = await agency.submit(creditorReference="d", isTest=True, tag="run")

        answer = await agency.http.delete("/test/cases?tag=run")

        assert (answer.status_code, answer.content) == (204, b"")
        assert [case["id"] for case in (await agency.get("/cases"))["cases"]] == kept
        for path in (gone, "by-creditor-reference/d"):
            assert (await agency.http.get(f"/cases/{path}")).status_code == 404

    async def test_if_one_of_them_is_no_test_none_is_deleted(self, agency):
        cases = [
            await agency.submit(creditorReference="a", isTest=True, tag="run"),
            await agency.submit(creditorReference="b", tag="run"),
        ]

        answer = await agency.http.delete("/test/cases?tag=run")

        assert (answer.status_code, list(answer.json())) == (400, ["tag"])
        assert [case["id"] for case in (await agency.get("/cases"))["cases"]] == cases

    @pytest.mark.parametrize("query", ["", "?tag=", "?tag=%20"])
    async def test_without_a_tag_nothing_is_deleted(self, agency, query):
        await agency.submit(isTest=True)

        answer = await agency.http.delete(f"/test/cases{query}")

        assert answer.status_code == 400
        assert list(answer.json()) == ["tag"]

    async def test_what_is_deleted_can_be_handed_over_anew(self, agency):
        body = a_body(isTest=True, tag="run")
        first = await create(agency.http, body, key="k")
        await agency.http.delete("/test/cases?tag=run")

        second = await create(agency.http, body, key="k")

        assert second.status_code == 200
        assert second.json()["id"] != first.json()["id"]
        found = await agency.get("/cases/by-creditor-reference/abcd2345-1")
        assert found["id"] == second.json()["id"]

    async def test_a_tag_that_nobody_has_deletes_nothing(self, agency):
        assert (await agency.http.delete("/test/cases?tag=run")).status_code == 204


class TestRestart:
    async def test_everything_is_as_it_was(self, tmp_path: Path):
        file, clock = tmp_path / "claims.jsonl", FixedClock(NOW)
        async with calling(clock, claims_file=file) as agency:
            division = await agency.post("/divisions", {"companyName": "K", "countryCode": "DE"})
            cases = [
                await agency.submit(creditorReference=f"r-{n}", creditorDivisionId=division["id"])
                for n in range(5)
            ]
            for case_id, step in zip(
                cases,
                [("Active", "0.10"), ("Legal",), ("Closed:Paid", 119), ("Closed:Other",)],
                strict=False,
            ):
                clock.forward(seconds=1)
                await agency.advance(case_id, *step)
            await agency.post(f"/test/cases/{cases[1]}/dispute", {"disputed": True})
            await agency.post(f"/cases/{cases[1]}/chats", {"message": "paid to us: 5.00"})
            await agency.http.post(f"/cases/{cases[1]}/files", files={"file": ("a.pdf", b"%PDF")})
            before = await _everything(agency, cases)

        async with calling(clock, claims_file=file) as agency:
            assert await _everything(agency, cases) == before
            await agency.advance(cases[0], "Closed:PartiallyPaid", 1)

        async with calling(clock, claims_file=file) as agency:
            assert (await agency.get(f"/cases/{cases[0]}"))["remainder"] == Decimal("117.90")

    @pytest.mark.parametrize("bytes_lost", [1, 2, 40, 150])
    async def test_an_action_torn_by_a_crash_is_not_applied(self, tmp_path, bytes_lost):
        file = tmp_path / "claims.jsonl"
        async with calling(claims_file=file) as agency:
            case_id = await agency.submit()
            await agency.advance(case_id, "Closed:Paid", 119)
        file.write_bytes(file.read_bytes()[:-bytes_lost])

        async with calling(claims_file=file) as agency:
            assert "closeCode" not in await agency.get(f"/cases/{case_id}")
            assert await agency.get(f"/cases/{case_id}/payments") == []
            await agency.advance(case_id, "Active")

        async with calling(claims_file=file) as agency:
            assert (await agency.get(f"/cases/{case_id}"))["lifecycle"] == "Active"

    async def test_every_line_is_json_with_exact_numbers(self, tmp_path):
        file = tmp_path / "claims.jsonl"
        async with connect(claims_file=file) as http:
            case = (await create(http, a_body())).json()
            body = '{"to": "Active", "amount": 0.10}'
            await http.post(f"/test/cases/{case['id']}/advance", content=body)

        lines = [json.loads(line, parse_float=Decimal) for line in file.read_text().splitlines()]
        assert [[fact["kind"] for fact in action] for action in lines] == [
            ["decided"],
            ["began", "got_paid"],
        ]
        assert lines[1][1]["amount"] == Decimal("0.10")
        assert lines[1][1]["at"] == "2026-03-02T09:30:00Z"


async def _everything(agency: Caller, cases: list[str]) -> list[Any]:
    whats = ("", "/timeline", "/payments", "/files", "/chats")
    paths = [f"/cases/{case_id}{what}" for case_id, what in product(cases, whats)]
    return [await agency.get(path) for path in ("/cases", "/divisions", *paths)]


async def test_ids_and_times_are_the_same_in_every_run():
    runs = []
    for _ in range(2):
        async with calling() as agency:
            case_id = await agency.submit()
            agency.clock.forward(days=1)
            await agency.advance(case_id, "Closed:Paid", 119)
            runs.append(await _everything(agency, [case_id]))

    assert runs[0] == runs[1]
