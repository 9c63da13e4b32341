"""A collection partner without an API, which fetches tables from a folder.

Every UTC day has a table, such as `claims-2026-04-01.csv`, with a line for each claim, payment,
reversal, cost, withdrawal and document. The documents are in `documents/`. The agency answers with
tables of its own (`adapters.partner.csv.answers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar
from urllib.parse import quote

from adapters.partner.claim_text import money_moved
from adapters.partner.csv.answers import PREFIX, latest_answers, status_in
from adapters.partner.csv.folder import ForeignFile, Row, TableFolder
from adapters.partner.port import (
    Claim,
    ClaimDocument,
    ClaimHandle,
    ClaimReport,
    ClaimTaken,
    ClaimUnknown,
    OpenClaim,
    PartnerError,
    PaymentToReport,
)
from dunning.addresses.address import Address
from dunning.claims import ClaimPhase, ClaimStatus
from dunning.money import Money
from models.csv_safety import defused

_ADDRESS: Final = ("street", "postal_code", "city", "region", "country")
_CREDITOR: Final = (
    *("creditor_id", "creditor_name", *(f"creditor_{part}" for part in _ADDRESS)),
    *("creditor_registration_number", "creditor_tax_id", "creditor_email", "creditor_phone"),
)
_DEBTOR: Final = (
    *("debtor_type", "debtor_name", "debtor_contact_person", "debtor_registration_number"),
    *(*(f"debtor_{part}" for part in _ADDRESS), "debtor_email", "debtor_phone"),
)
_FIRST_COLUMNS: Final = (
    *("kind", "reference", "key", "at", "currency", "amount", "on", "open_amount"),
    *("words", "file", "round", *_CREDITOR, *_DEBTOR, "subject", "invoice_number"),
    *("invoice_date", "due_date", "installment", "principal", "fees", "payments"),
    *("notices", "interest", "is_disputed", "may_go_to_court"),
)
# Columns of later versions; tables that an earlier version began lack them.
_ADDED_COLUMNS: Final = ("ordered_on", "may_deduct_input_tax", "legal_notice")
COLUMNS: Final = (*_FIRST_COLUMNS, *_ADDED_COLUMNS)
_YES_OR_NO: Final = {True: "yes", False: "no", None: None}
_CLAIM, _WITHDRAWAL, _DOCUMENT = "claim", "withdrawal", "document"
# Kinds that are told apart for the same key. All others, which report money, count as one kind.
_APART: Final = frozenset({_CLAIM, _WITHDRAWAL, _DOCUMENT})

Answer = TypeVar("Answer")
Cell = str | int | date | Decimal | None


class Clock(Protocol):
    def now(self) -> datetime: ...


class CsvPartner:
    """A partner that gets claims and their changes as lines of tables. The folder must exist."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = TableFolder(
            folder, prefix="claims-", columns=_FIRST_COLUMNS, added=_ADDED_COLUMNS
        )
        self._clock = clock

    async def submit(self, claim: Claim) -> ClaimTaken:
        if taken := await self.find(claim.reference):
            return taken
        row = await self._in_thread(partial(self._once, _claim_row(claim)))
        return _taken(row).model_copy(update={"is_new": True})

    async def find(self, reference: str) -> ClaimTaken | None:
        row = await self._in_thread(partial(self._claim, reference))
        return _taken(row) if row else None

    async def status(self, handle: ClaimHandle) -> ClaimReport:
        return await self._in_thread(partial(self._report, handle.reference))

    async def report(self, handle: ClaimHandle, report: PaymentToReport) -> None:
        row = _row(
            kind=report.kind,
            reference=handle.reference,
            key=report.key,
            currency=report.currency,
            amount=report.amount,
            on=report.on,
            open_amount=report.open_amount,
        )
        await self._in_thread(partial(self._about_a_claim, row))

    async def withdraw(self, handle: ClaimHandle, *, key: str, reason: str) -> None:
        row = _row(kind=_WITHDRAWAL, reference=handle.reference, key=key, words=reason)
        await self._in_thread(partial(self._about_a_claim, row))

    async def attach(self, handle: ClaimHandle, document: ClaimDocument) -> None:
        row = _row(
            kind=_DOCUMENT,
            reference=handle.reference,
            key=document.name,
            words=document.description,
        )
        await self._in_thread(partial(self._about_a_claim, row, document.content))

    async def open_claims(self) -> AsyncIterator[OpenClaim]:
        for claim in await self._in_thread(self._open_claims):
            yield claim

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        """Run work in a thread, because files and locks block. Raises `PartnerError`."""
        try:
            return await asyncio.to_thread(work)
        except ForeignFile as error:
            raise PartnerError(f"the partner's folder: {error}") from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise PartnerError(f"the partner's folder cannot be used: {reason}") from None

    def _once(self, row: Row) -> Row:
        """Write a line, unless it was written before; return it as it was first written."""
        with self._folder.locked():
            return self._written(row) or self._write(row)

    def _about_a_claim(self, row: Row, content: bytes | None = None) -> None:
        with self._folder.locked():
            if self._claim(row["reference"]) is None:
                raise ClaimUnknown("the partner was never given such a claim")
            if self._written(row):
                return
            if content is not None:
                folder = f"documents/{quote(row['reference'], safe='')}"
                row = {**row, "file": self._folder.keep(folder, row["key"], content)}
            self._write(row)

    def _written(self, row: Row) -> Row | None:
        """Return the same line of an earlier attempt, after making sure that it is on the disk."""
        found = next((known for known in self._folder.rows() if _of(known) == _of(row)), None)
        if found is not None:
            self._folder.settle()
        return found

    def _write(self, row: Row) -> Row:
        at = self._clock.now().astimezone(UTC)
        row = {**row, "at": at.isoformat(timespec="seconds")}
        self._folder.add(at.date().isoformat(), row)
        return row

    def _claim(self, reference: str) -> Row | None:
        wanted = (_CLAIM, reference, "")
        return next((row for row in self._folder.rows() if _of(row) == wanted), None)

    def _report(self, reference: str) -> ClaimReport:
        row = self._claim(reference)
        if row is None:
            raise ClaimUnknown("the partner was never given such a claim")
        return _report_of(row, self._answers())

    def _open_claims(self) -> list[OpenClaim]:
        answers = self._answers()
        claims = [row for row in self._folder.rows() if row["kind"] == _CLAIM]
        found = [
            OpenClaim(
                handle=ClaimHandle(reference=row["reference"], partner_id=row["reference"]),
                report=_report_of(row, answers),
            )
            for row in claims
        ]
        return [one for one in found if one.report.status.phase is not ClaimPhase.CLOSED]

    def _answers(self) -> dict[str, tuple[str, Row]]:
        return latest_answers(self._folder.files(PREFIX))


def _report_of(row: Row, answers: dict[str, tuple[str, Row]]) -> ClaimReport:
    """Return the report on a claim: as it was written, with the last answer about it."""
    currency = row["currency"]
    answer = answers.get(row["reference"])
    status = (
        status_in(*answer, currency)
        if answer
        else ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=Money.zero(currency))
    )
    return ClaimReport(status=status, amount=Decimal(row["amount"]), currency=currency)


def _of(row: Row) -> tuple[str, str, str]:
    """Return the identity of a line: of a claim its reference, of all else kind, claim and key."""
    kind = row["kind"]
    return (kind if kind in _APART else "money", row["reference"], row["key"])


def _taken(row: Row) -> ClaimTaken:
    reference = row["reference"]
    taken_at = datetime.fromisoformat(row["at"])
    return ClaimTaken(partner_id=reference, reference=reference, taken_at=taken_at)


def _claim_row(claim: Claim) -> Row:
    creditor, debtor, currency = claim.creditor, claim.debtor, claim.currency
    part = claim.installment
    return _row(
        kind=_CLAIM,
        reference=claim.reference,
        currency=currency,
        amount=claim.amount,
        round=claim.round,
        creditor_id=creditor.seller_id,
        creditor_name=creditor.name,
        creditor_registration_number=creditor.registration_number,
        creditor_tax_id=creditor.tax_id,
        creditor_email=creditor.email,
        creditor_phone=creditor.phone,
        **_address("creditor", creditor.address),
        debtor_type="company" if debtor.is_company else "private",
        debtor_name=debtor.name,
        debtor_contact_person=debtor.contact_person,
        debtor_registration_number=debtor.registration_number,
        debtor_email=debtor.email,
        debtor_phone=debtor.phone,
        **_address("debtor", debtor.address),
        subject=claim.subject,
        invoice_number=claim.invoice_number,
        invoice_date=claim.invoice_date,
        due_date=claim.due_date,
        installment=None if part is None else f"{part[0]} of {part[1]}",
        principal=claim.principal,
        fees="; ".join(f"{fee.amount:f}: {fee.ground}" for fee in claim.fees),
        payments="; ".join(money_moved(moved, currency) for moved in claim.payments),
        notices="; ".join(f"{given.on}: {given.kind}" for given in claim.notices),
        interest="none claimed",
        is_disputed=_YES_OR_NO[claim.is_disputed],
        may_go_to_court=_YES_OR_NO[claim.may_go_to_court],
        ordered_on=claim.ordered_on,
        may_deduct_input_tax=_YES_OR_NO[creditor.may_deduct_input_tax],
        legal_notice="; ".join(creditor.legal_notice),
    )


def _address(whose: str, address: Address | None) -> dict[str, Cell]:
    given = address or Address()
    return {f"{whose}_{part}": getattr(given, part) for part in _ADDRESS}


def _row(**cells: Cell) -> Row:
    """Return a line without formulas that a spreadsheet would run."""
    return {"key": "", "file": ""} | {name: _cell(value) for name, value in cells.items()}


def _cell(value: Cell) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else defused(" ".join(str(value).split()))
