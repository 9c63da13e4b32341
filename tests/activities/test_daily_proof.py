"""The daily proof: each difference is reported once, and nothing is mended (R15)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select
from temporalio.testing import ActivityEnvironment

from activities.daily_proof import ProofActivities
from adapters.partner.port import ClaimHandle, CollectionPartner
from dunning.claims import ClaimPhase
from models.payloads import DailyProof, ProofFound
from models.queries import events_of
from models.tables import ClaimDifferenceRow, ClaimRow
from runtime.database import Database
from tests.adapters.claims import a_submission
from tests.adapters.houses import sandbox_house
from tests.agency import TalkingAgency
from tests.books import open_books, utc

OPENED = utc("2026-03-02T09:00:00")
HANDED_OVER = utc("2026-04-01T10:00:00")
NEXT_NIGHT = utc("2026-04-02T02:30:00")


@pytest.fixture
def agency() -> TalkingAgency:
    return TalkingAgency()


@pytest.fixture
async def case_id(database: Database, agency: TalkingAgency) -> str:
    """A case with a claim, of which both sides think the same."""
    case_id = await open_books(database, OPENED)
    agency.has(f"{case_id}-1", amount="119.00")
    async with database.writing() as session:
        session.add(
            ClaimRow(
                reference=f"{case_id}-1",
                case_id=case_id,
                partner_id=f"cp-{case_id}-1",
                status=ClaimPhase.SUBMITTED,
                currency="EUR",
                amount=Decimal("119.00"),
                submitted_at=HANDED_OVER,
            )
        )
    return case_id


async def prove(database: Database, agency: CollectionPartner) -> ProofFound:
    proof = ProofActivities(database, agency)
    task = DailyProof(clock_shift=timedelta(0))
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=NEXT_NIGHT)
    found: ProofFound = await environment.run(proof.compare_claims, task)
    return found


async def differences(database: Database) -> list[tuple[str, str, str, bool]]:
    async with database.reading() as session:
        rows = await session.exec(select(ClaimDifferenceRow))
        return [(row.field, row.ours, row.theirs, row.gone_at is not None) for row in rows]


async def test_r15_where_both_think_the_same_there_is_nothing_to_report(
    database: Database, agency: TalkingAgency, case_id: str
) -> None:
    assert await prove(database, agency) == ProofFound(compared=1, differences=[])


@pytest.mark.parametrize(
    ("theirs", "difference"),
    [
        ({"amount": "120.00"}, ("amount", "119.00", "120.00")),
        ({"phase": ClaimPhase.ACCEPTED}, ("status", "submitted", "accepted")),
        ({"collected": "19.00"}, ("collected", "0.00", "19.00")),
        ({"phase": ClaimPhase.CLOSED}, ("status", "submitted", "closed")),
        (None, ("status", "submitted", "unknown")),
    ],
)
async def test_r15_a_difference_is_reported_once_and_nothing_is_mended(
    database: Database,
    agency: TalkingAgency,
    case_id: str,
    theirs: dict[str, Any] | None,
    difference: tuple[str, str, str],
) -> None:
    reference = f"{case_id}-1"
    if theirs is None:
        agency.forget(reference)
    else:
        agency.has(reference, **({"amount": "119.00"} | theirs))

    first, second = await prove(database, agency), await prove(database, agency)

    assert first.differences == [f"{reference}: {difference[0]}"]
    assert second.differences == []
    assert await differences(database) == [(*difference, False)]
    async with database.reading() as session:
        events = await events_of(session, [case_id])
    told = [event["detail"] for event in events if event["event"] == "claim.updated"]
    assert [(d["difference"], d["ours"], d["theirs"]) for d in told] == [difference]
    async with database.reading() as session:
        row = await session.get_one(ClaimRow, reference)
        assert (row.status, row.collected) == ("submitted", 0)


async def test_r15_a_difference_that_is_gone_and_comes_again_is_reported_again(
    database: Database, agency: TalkingAgency, case_id: str
) -> None:
    reference = f"{case_id}-1"
    counts = []
    for amount in ("120.00", "119.00", "120.00"):
        agency.has(reference, amount=amount)
        counts.append(len((await prove(database, agency)).differences))

    assert counts == [1, 0, 1]
    assert [gone for *_, gone in await differences(database)] == [True, False]


async def test_r15_a_claim_is_compared_on_whatever_page_the_partner_lists_it(
    database: Database,
) -> None:
    """By the partner's API, among the claims of 100 others and one that was made by hand."""
    case_id = await open_books(database, OPENED)
    async with sandbox_house() as house:
        partner = house.partner()
        for number in range(100):
            await partner.submit(a_submission(reference=f"other{number}-1"))
        await house.agency.submit(creditorReference=..., dueDate=...)
        taken = await partner.submit(a_submission(reference=f"{case_id}-1"))
        handle = ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)
        async with database.writing() as session:
            session.add(
                ClaimRow(
                    reference=taken.reference,
                    case_id=case_id,
                    partner_id=taken.partner_id,
                    status=ClaimPhase.SUBMITTED,
                    currency="EUR",
                    amount=Decimal("119.00"),
                    submitted_at=HANDED_OVER,
                )
            )

        assert handle in [claim.handle async for claim in partner.open_claims()]
        same = await prove(database, partner)
        await house.do(handle, "accepted", "19.00")
        other = await prove(database, partner)

    assert same == ProofFound(compared=1, differences=[])
    assert other.differences == [f"{case_id}-1: status", f"{case_id}-1: collected"]
