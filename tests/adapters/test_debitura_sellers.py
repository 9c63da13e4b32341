"""Sellers at Debitura: a division each, made once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import respx

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import ClaimRefused, PartnerError
from tests.adapters.claims import a_creditor, a_known_creditor, a_submission, an_address
from tests.partners.pairs import SandboxPair, sandbox_pair


@pytest.fixture
async def pair() -> AsyncIterator[SandboxPair]:
    async with sandbox_pair() as opened:
        yield opened


async def divisions(pair: SandboxPair) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await pair.agency.get("/divisions?pageSize=100"))["divisions"]
    return listed


async def division_of(pair: SandboxPair, reference: str) -> str | None:
    case = await pair.agency.get(f"/cases/by-creditor-reference/{reference}")
    division_id: str | None = case.get("creditorDivisionId")
    return division_id


async def test_r15_the_seller_is_known_with_its_address(pair: SandboxPair) -> None:
    await pair.partner().submit(a_submission(creditor=a_known_creditor()))

    (division,) = await divisions(pair)
    assert await division_of(pair, "abcd2345-1") == division["id"]
    del division["createdUtc"], division["updatedUtc"]
    assert division == {
        "id": division["id"],
        "companyName": "Kurse GmbH",
        "registrationNumber": "HRB 4711",
        "address": "Marktplatz 1",
        "zipCode": "20095",
        "city": "Hamburg",
        "country": {"alpha2": "DE"},
        "isArchived": False,
        "officeEmail": "buchhaltung@kurse.example.org",
        "officePhone": "+49 40 7654321",
    }


async def test_r16_a_seller_is_made_once_however_many_claims_and_processes(
    pair: SandboxPair,
) -> None:
    one = pair.partner()
    tries = (
        partner.submit(a_submission(reference=f"case{number}-1", creditor=a_known_creditor()))
        for number, partner in enumerate([one, one, pair.partner(), pair.partner()])
    )

    await asyncio.gather(*tries)
    changed = a_known_creditor(email="other@kurse.example.org", name="KURSE  GmbH")
    await pair.partner().submit(a_submission(reference="later-1", creditor=changed))

    assert len(await divisions(pair)) == 1


async def test_r16_a_lost_answer_makes_no_second_one(pair: SandboxPair) -> None:
    pair.way.loses = 1
    with pytest.raises(PartnerError):
        await pair.partner().submit(a_submission(creditor=a_known_creditor()))
    assert await pair.claims() == []

    await pair.partner().submit(a_submission(creditor=a_known_creditor()))

    assert len(await divisions(pair)) == 1


async def test_the_division_is_found_on_any_page(pair: SandboxPair) -> None:
    for number in range(120):
        body = {"companyName": f"Shop {number}", "countryCode": "DE", "city": "Berlin"}
        await pair.agency.post("/divisions", body)
    seller = a_creditor(name="Shop 110", address=an_address(street=None, postal_code=""))

    await pair.partner().submit(a_submission(creditor=seller))

    assert len(await divisions(pair)) == 100
    found = await division_of(pair, "abcd2345-1")
    pages = (await pair.agency.get("/divisions?page=2&pageSize=100"))["divisions"]
    assert [one["companyName"] for one in pages if one["id"] == found] == ["Shop 110"]
    assert len(pages) == 20


async def test_a_seller_that_has_moved_is_another_division(pair: SandboxPair) -> None:
    await pair.partner().submit(a_submission(creditor=a_known_creditor()))
    moved = a_known_creditor(address=an_address(street="Neuer Weg 2"))
    await pair.partner().submit(a_submission(reference="later-1", creditor=moved))

    assert len(await divisions(pair)) == 2
    assert await division_of(pair, "later-1") != await division_of(pair, "abcd2345-1")


@pytest.mark.parametrize(
    "address",
    [
        None,
        an_address(country=None),
        an_address(country=" "),
        an_address(city=None),
        an_address(city=" "),
    ],
)
async def test_a_seller_without_what_the_form_requires_has_none(
    pair: SandboxPair, address: Any
) -> None:
    await pair.partner().submit(a_submission(creditor=a_known_creditor(address=address)))

    assert await divisions(pair) == []
    assert await division_of(pair, "abcd2345-1") is None


async def test_a_seller_that_is_refused_is_a_claim_that_is_refused(pair: SandboxPair) -> None:
    nowhere = a_known_creditor(address=an_address(country="XX"))

    with pytest.raises(ClaimRefused, match=r"countryCode: .*is not a country"):
        await pair.partner().submit(a_submission(creditor=nowhere))

    assert await pair.claims() == []


async def test_a_division_that_is_gone_is_looked_for_anew(pair: SandboxPair) -> None:
    partner = pair.partner()
    await partner.submit(a_submission(creditor=a_known_creditor()))
    memory = pair.agency.app.state.agency.memory
    memory.divisions.clear()
    memory.answers.clear()

    with pytest.raises(PartnerError, match="does not know the seller") as failed:
        await partner.submit(a_submission(reference="later-1", creditor=a_known_creditor()))
    await partner.submit(a_submission(reference="later-1", creditor=a_known_creditor()))

    assert not isinstance(failed.value, ClaimRefused)
    assert len(await divisions(pair)) == 1


@respx.mock(base_url="https://partner.example")
async def test_what_the_partner_quotes_of_the_seller_is_not_repeated(
    respx_mock: respx.Router,
) -> None:
    respx_mock.get(path__startswith="/cases/by-creditor-reference/").respond(404)
    respx_mock.get("/divisions").respond(json={"divisions": []})
    respx_mock.post("/divisions").respond(
        422, json={"businessErrors": [{"type": "Blocked", "message": "kurse gmbh, Marktplatz 1"}]}
    )
    async with connect_partner("https://partner.example", "the-key") as http:
        with pytest.raises(ClaimRefused, match=r"^Blocked: …, …$"):
            await DebituraPartner(http).submit(a_submission(creditor=a_known_creditor()))
