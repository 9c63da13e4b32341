"""The daily proof: each difference is reported once, and nothing is mended (R15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from activities.daily_proof import ProofActivities
from adapters.partner.port import ClaimHandle, CollectionPartner
from dunning.claims import ClaimPhase
from models.payloads import DailyProof, ProofFound
from models.queries import events_of
from models.tables import ClaimDifferenceRow, ClaimRow
from runtime.database import Database
from tests.activity_runs import started
from tests.adapters.claims import a_submission
from tests.factories import utc
from tests.partners.fake import FakePartner
from tests.partners.pairs import sandbox_pair
from tests.seeded import case_of_an_open_order, claim_row

OPENED = utc("2026-03-02T09:00:00")
HANDED_OVER = utc("2026-04-01T10:00:00")
NEXT_NIGHT = utc("2026-04-02T02:30:00")


@pytest.fixture
def agency() -> FakePartner:
    return FakePartner()


@pytest.fixture
async def case_id(database: Database, agency: FakePartner) -> str:
    """A case with a claim, of which both sides think the same."""
    case_id = await case_of_an_open_order(database, OPENED)
    agency.has(f"{case_id}-1", amount="119.00")
    async with database.writing() as session:
        session.add(claim_row(case_id, HANDED_OVER))
    return case_id


async def prove(database: Database, agency: CollectionPartner) -> ProofFound:
    proof = ProofActivities(database, agency)
    task = DailyProof(clock_shift=timedelta(0))
    environment = started(NEXT_NIGHT)
    found: ProofFound = await environment.run(proof.compare_claims, task)
    return found


async def differences(database: Database) -> list[tuple[str, str, str, bool]]:
    async with database.reading() as session:
        rows = await session.exec(select(ClaimDifferenceRow))
        return [(row.field, row.ours, row.theirs, row.gone_at is not None) for row in rows]


async def test_r15_where_both_think_the_same_there_is_nothing_to_report(
    database: Database, agency: FakePartner, case_id: str
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
    agency: FakePartner,
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
    database: Database, agency: FakePartner, case_id: str
) -> None:
    reference = f"{case_id}-1"
    counts = []
    for amount in ("120.00", "119.00", "120.00"):
        agency.has(reference, amount=amount)
        counts.append(len((await prove(database, agency)).differences))

    assert counts == [1, 0, 1]
    assert [gone for *_, gone in await differences(database)] == [True, False]


@pytest.mark.one_database
async def test_r15_a_claim_is_compared_on_whatever_page_the_partner_lists_it(
    database: Database,
) -> None:
    """By the partner's API, among the claims of 100 others and one that was made by hand."""
    case_id = await case_of_an_open_order(database, OPENED)
    async with sandbox_pair() as pair:
        partner = pair.partner()
        for number in range(100):
            await partner.submit(a_submission(reference=f"other{number}-1"))
        await pair.agency.submit(creditorReference=..., dueDate=...)
        taken = await partner.submit(a_submission(reference=f"{case_id}-1"))
        handle = ClaimHandle(reference=taken.reference, partner_id=taken.partner_id)
        async with database.writing() as session:
            ids = {"reference": taken.reference, "partner_id": taken.partner_id}
            session.add(claim_row(case_id, HANDED_OVER, **ids))

        assert handle in [claim.handle async for claim in partner.open_claims()]
        same = await prove(database, partner)
        await pair.do(handle, "accepted", "19.00")
        other = await prove(database, partner)

    assert same == ProofFound(compared=1, differences=[])
    assert other.differences == [f"{case_id}-1: status", f"{case_id}-1: collected"]
