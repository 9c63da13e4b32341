"""Sellers, documents and messages at the agency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.partner.limits import LARGEST_FILE
from tests.partners.sandbox import UNKNOWN, Caller, calling

PDF = ("Mahnung 1.pdf", b"%PDF-1.7", "application/pdf")
SELLER = {"companyName": "Kurse GmbH", "countryCode": "DE"}


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def attach(agency: Caller, case_id: str, file: Any, **fields: Any) -> httpx.Response:
    return await agency.http.post(f"/cases/{case_id}/files", files={"file": file}, data=fields)


def _written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


class TestFiles:
    async def test_r15_a_letter_is_attached(self, agency):
        case_id = await agency.submit()

        answer = await attach(
            agency, case_id, PDF, description="Final notice", documentType="DemandLetter"
        )

        assert answer.status_code == 200
        assert answer.json() == {
            "id": answer.json()["id"],
            "dateCreated": "2026-03-02T09:30:00Z",
            "dateUpdated": "2026-03-02T09:30:00Z",
            "caseId": case_id,
            "fileName": "Mahnung 1.pdf",
            "description": "Final notice",
            "documentType": "DemandLetter",
        }
        assert await agency.get(f"/cases/{case_id}/files") == [answer.json()]

    async def test_the_names_of_fields_may_be_in_any_case(self, agency):
        path = f"/cases/{await agency.submit()}/files"

        answer = await agency.http.post(
            path, files={"File": PDF}, data={"Description": "x", "DocumentType": "Miscellaneous"}
        )

        assert answer.status_code == 200
        assert (answer.json()["description"], answer.json()["documentType"]) == (
            "x",
            "Miscellaneous",
        )

    async def test_without_a_type_it_is_the_invoice(self, agency):
        answer = await attach(agency, await agency.submit(), PDF)

        assert answer.json()["documentType"] == "OriginalInvoice"
        assert "description" not in answer.json()

    @pytest.mark.parametrize(
        ("size", "status"), [(LARGEST_FILE, 200), (LARGEST_FILE + 1, 413), (LARGEST_FILE * 2, 413)]
    )
    async def test_a_file_has_at_most_25_megabytes(self, agency, size, status):
        case_id = await agency.submit()

        answer = await attach(agency, case_id, ("a.pdf", b"x" * size))

        assert answer.status_code == status
        assert len(await agency.get(f"/cases/{case_id}/files")) == (status == 200)

    @pytest.mark.parametrize("name", ["a.html", "a.exe", "a.pdf.js", "pdf", ".pdf", "a.svg"])
    async def test_other_types_are_not_taken(self, agency, name):
        answer = await attach(agency, await agency.submit(), (name, b"x"))

        assert answer.status_code == 415

    @pytest.mark.parametrize("name", ["a.PDF", "a.xlsx", "a.csv", "a.txt", "a.jpeg", "ü b.png"])
    async def test_these_types_are_taken(self, agency, name):
        answer = await attach(agency, await agency.submit(), (name, b"x"))

        assert answer.json()["fileName"] == name

    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
    async def test_what_is_no_form_is_not_taken(self, agency, content_type):
        path = f"/cases/{await agency.submit()}/files"

        answer = await agency.http.post(path, content=b"x", headers={"Content-Type": content_type})

        assert answer.status_code == 415

    @pytest.mark.parametrize(
        ("files", "data", "field"),
        [
            ({"file": (None, "text")}, {}, "file"),
            ({"documentType": (None, "DemandLetter")}, {}, "file"),
            ({"other": PDF}, {}, "other"),
            ({"file": ("a.pdf", b"")}, {}, "file"),
            ({"file": PDF}, {"documentType": "Letter"}, "documentType"),
            ({"file": PDF}, {"documentType": ["DemandLetter", "DemandLetter"]}, "documentType"),
            ({"file": PDF}, {"description": "x" * 4001}, "description"),
            ({"file": PDF}, {"unknown": "x"}, "unknown"),
            ({"file": PDF, "description": PDF}, {}, "description"),
            ({"file": ("x" * 252 + ".pdf", b"x")}, {}, "file"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, files, data, field):
        case_id = await agency.submit()

        answer = await agency.http.post(f"/cases/{case_id}/files", files=files, data=data)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert await agency.get(f"/cases/{case_id}/files") == []

    async def test_a_form_that_is_none_is_refused(self, agency):
        headers = {"Content-Type": "multipart/form-data"}
        path = f"/cases/{await agency.submit()}/files"

        assert (await agency.http.post(path, content=b"x", headers=headers)).status_code == 400

    @pytest.mark.parametrize("name", ["../../a.pdf", "C:\\letters\\a.pdf", "/etc/a.pdf"])
    async def test_r15_a_file_stays_in_its_folder(self, tmp_path: Path, name):
        async with calling(claims_file=tmp_path / "partner" / "claims.jsonl") as agency:
            answer = (await attach(agency, await agency.submit(), (name, b"%PDF"))).json()

        assert answer["fileName"] == "a.pdf"
        assert _written(tmp_path) == {
            "partner",
            "partner/claims.jsonl",
            "partner/claims.files",
            f"partner/claims.files/{answer['id']}",
        }

    async def test_files_of_the_same_moment_are_told_apart(self, agency):
        case_id = await agency.submit()
        answers = await asyncio.gather(*(attach(agency, case_id, PDF) for _ in range(3)))

        assert len({answer.json()["id"] for answer in answers}) == 3

    async def test_files_of_deleted_cases_are_gone_from_the_disk(self, tmp_path):
        async with calling(claims_file=tmp_path / "claims.jsonl") as agency:
            for tag in ("gone", "kept"):
                case_id = await agency.submit(isTest=True, tag=tag)
                await attach(agency, case_id, PDF)
            await agency.http.delete("/test/cases?tag=gone")
            (kept,) = await agency.get(f"/cases/{case_id}/files")

        assert _written(tmp_path / "claims.files") == {kept["id"]}


class TestChats:
    async def test_r15_a_payment_to_the_seller_is_reported(self, agency):
        case_id = await agency.submit()

        said = await agency.post(
            f"/cases/{case_id}/chats",
            {"message": "19.00 EUR reached the seller", "userEmail": "office@example.org"},
        )

        assert said == {
            "id": said["id"],
            "dateCreated": "2026-03-02T09:30:00Z",
            "role": 1,
            "roleLabel": "Creditor",
            "message": "19.00 EUR reached the seller",
            "isSeen": False,
            "user": {"email": "office@example.org"},
        }
        assert await agency.get(f"/cases/{case_id}/chats") == [said]

    async def test_who_writes_is_a_user_of_the_account(self, agency):
        listed = await agency.get("/users")
        (user,) = listed["users"]
        case_id = await agency.submit()

        said = await agency.post(
            f"/cases/{case_id}/chats", {"message": "hello", "userId": user["id"]}
        )

        assert listed["page"] == {
            "totalResults": 1,
            "pageSize": 10,
            "currentPage": 1,
            "responseCount": 1,
            "totalPages": 1,
        }
        assert user.keys() == {"id", "name", "email"}
        assert said["user"] == {"email": user["email"]}

    async def test_messages_come_in_their_order_also_to_a_closed_case(self, agency):
        case_id = await agency.submit()
        await agency.advance(case_id, "Closed:Other")
        for words in ("one", "other", "one"):
            await agency.post(f"/cases/{case_id}/chats", {"message": words})

        chats = await agency.get(f"/cases/{case_id}/chats")

        assert [chat["message"] for chat in chats] == ["one", "other", "one"]
        assert len({chat["id"] for chat in chats}) == 3

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "message"),
            ({"message": ""}, "message"),
            ({"message": 1}, "message"),
            ({"message": "x" * 10_001}, "message"),
            ({"message": "x", "userId": UNKNOWN}, "userId"),
            ({"message": "x", "to": "you"}, "to"),
            ("x", "body"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, body, field):
        answer = await agency.http.post(f"/cases/{await agency.submit()}/chats", json=body)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]


class TestDivisions:
    async def test_r15_a_seller_is_made_known(self, agency):
        whole = {
            "companyName": "Kurse GmbH",
            "registrationNumber": "HRB 1",
            "address": "Hauptstr. 5",
            "zipCode": "10115",
            "city": "Berlin",
            "state": "Berlin",
            "countryCode": "DE",
            "officeEmail": "office@example.org",
            "officePhone": "+49 30 1",
        }
        answer = await agency.http.post("/divisions", json=whole)

        assert answer.status_code == 201
        division = answer.json()
        assert division.pop("country") == {"alpha2": whole.pop("countryCode")}
        assert division == whole | {
            "id": division["id"],
            "isArchived": False,
            "createdUtc": "2026-03-02T09:30:00Z",
            "updatedUtc": "2026-03-02T09:30:00Z",
        }

    async def test_r15_a_claim_says_whose_it_is(self, agency):
        division = await agency.post("/divisions", SELLER)

        case_id = await agency.submit(creditorDivisionId=division["id"])

        assert (await agency.get(f"/cases/{case_id}"))["creditorDivisionId"] == division["id"]

    async def test_sellers_come_in_pages(self, agency):
        made = [await agency.post("/divisions", SELLER) for _ in range(3)]

        answer = await agency.get("/divisions?page=2&pageSize=2")

        assert answer["divisions"] == made[2:]
        assert answer["page"] == {
            "totalResults": 3,
            "pageSize": 2,
            "currentPage": 2,
            "responseCount": 1,
            "totalPages": 2,
        }

    async def test_r16_the_same_key_and_body_make_one_seller(self, agency):
        headers = {"Idempotency-Key": "s-1"}
        first, second = [
            await agency.http.post("/divisions", json=SELLER, headers=headers) for _ in range(2)
        ]
        other = await agency.http.post(
            "/divisions", json=SELLER | {"city": "Bonn"}, headers=headers
        )

        assert (first.status_code, first.content) == (second.status_code, second.content)
        assert other.json()["businessErrors"][0]["type"] == "IdempotencyConflict"
        assert len((await agency.get("/divisions"))["divisions"]) == 1

    async def test_a_key_of_a_seller_is_no_key_of_a_case(self, agency):
        headers = {"Idempotency-Key": "k"}
        await agency.http.post("/divisions", json=SELLER, headers=headers)

        answer = await agency.http.post("/cases", json={}, headers=headers)

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"companyName": ""}, "companyName"),
            ({"companyName": None}, "companyName"),
            ({"countryCode": "de"}, "countryCode"),
            ({"countryCode": None}, "countryCode"),
            ({"zipCode": 10115}, "zipCode"),
            ({"company_name": "K"}, "company_name"),
        ],
    )
    async def test_what_is_wrong_is_refused_by_its_field(self, agency, changes, field):
        answer = await agency.http.post("/divisions", json=SELLER | changes)

        assert answer.status_code == 400
        assert list(answer.json()) == [field]
        assert (await agency.get("/divisions"))["divisions"] == []
