"""The daily proof: compares the partner's claims with ours, and changes nothing (R15)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.run_action import translated_errors
from adapters.partner.port import ClaimHandle, ClaimReport, ClaimUnknown, CollectionPartner
from dunning.claims import ClaimPhase
from dunning.history import Event, EventName
from dunning.money import Money
from models.histories import write_events
from models.payloads import DailyProof, ProofFound
from models.tables import ClaimDifferenceRow, ClaimRow
from runtime.database import Database

_OPEN: Final = (ClaimPhase.SUBMITTED, ClaimPhase.ACCEPTED, ClaimPhase.IN_COURT)
_UNKNOWN: Final = "unknown"


class Difference(NamedTuple):
    """A field of a claim that differs between the partner and us."""

    reference: str
    field: str
    ours: str
    theirs: str


class ProofActivities:
    """The activity that compares every open claim, and reports each difference once."""

    def __init__(self, database: Database, partner: CollectionPartner) -> None:
        self._database = database
        self._partner = partner

    @activity.defn(name="compare_claims")
    async def compare_claims(self, task: DailyProof) -> ProofFound:
        """Compare all open claims; return how many, and the new differences."""
        at = activity.info().started_time - task.clock_shift
        with translated_errors():
            claims = await self._open_claims(at)
            differences = [found async for found in self._compared(claims)]
            new = await self._note(differences, at)
        for found in new:
            activity.logger.warning(
                "claim_differs", extra={"reference": found.reference, "field": found.field}
            )
        return ProofFound(
            compared=len(claims), differences=[f"{f.reference}: {f.field}" for f in new]
        )

    async def _open_claims(self, at: datetime) -> dict[str, ClaimRow]:
        """Return our open claims, except those handed over within the last hour."""
        query = select(ClaimRow).where(
            col(ClaimRow.status).in_(_OPEN),
            col(ClaimRow.partner_id).is_not(None),
            ClaimRow.submitted_at < at - timedelta(hours=1),
        )
        async with self._database.reading() as session:
            return {row.reference: row for row in await session.exec(query)}

    async def _compared(self, claims: dict[str, ClaimRow]) -> AsyncIterator[Difference]:
        seen: set[str] = set()
        async for theirs in self._partner.open_claims():
            activity.heartbeat(len(seen))
            row = claims.get(theirs.handle.reference)
            if row is not None:
                seen.add(row.reference)
                for found in _differences(row, theirs.report):
                    yield found
        for reference, row in claims.items():
            if reference not in seen:
                activity.heartbeat(len(seen))
                for found in await self._no_longer_open(row):
                    yield found

    async def _no_longer_open(self, row: ClaimRow) -> list[Difference]:
        handle = ClaimHandle(reference=row.reference, partner_id=row.partner_id or "")
        try:
            report = await self._partner.status(handle)
        except ClaimUnknown:
            return [Difference(row.reference, "status", row.status, _UNKNOWN)]
        return list(_differences(row, report))

    async def _note(self, found: list[Difference], at: datetime) -> list[Difference]:
        """Store new differences and the end of earlier ones; return the new ones."""
        async with self._database.writing() as session:
            query = select(ClaimDifferenceRow).where(col(ClaimDifferenceRow.gone_at).is_(None))
            known = {_difference(row): row for row in await session.exec(query)}
            for difference, row in known.items():
                if difference not in found:
                    row.gone_at = at
                    session.add(row)
            new = [difference for difference in found if difference not in known]
            for difference in new:
                session.add(ClaimDifferenceRow(**difference._asdict(), found_at=at))
                await _tell_history(session, difference, at)
        return new


def _differences(row: ClaimRow, report: ClaimReport) -> Iterator[Difference]:
    def money(amount: object) -> str:
        return str(Money.model_validate({"amount": amount, "currency": row.currency}))

    compared = (
        ("status", row.status, report.status.phase),
        ("amount", money(row.amount), money(report.amount)),
        ("collected", money(row.collected), str(report.status.collected)),
    )
    for field, ours, theirs in compared:
        if ours != theirs:
            yield Difference(row.reference, field, str(ours), str(theirs))


def _difference(row: ClaimDifferenceRow) -> Difference:
    return Difference(row.reference, row.field, row.ours, row.theirs)


async def _tell_history(session: AsyncSession, difference: Difference, at: datetime) -> None:
    claim = await session.get_one(ClaimRow, difference.reference)
    reference, field, ours, theirs = difference
    detail = {"difference": field, "ours": ours, "theirs": theirs, "reference": reference}
    key = f"proof/{reference}/{field}/{at.isoformat()}"
    event = Event(key=key, at=at, name=EventName.CLAIM_UPDATED, detail=dict(detail))
    await write_events(session, claim.case_id, [event])
