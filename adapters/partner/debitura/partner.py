"""The port of collection partners, by Debitura's API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import httpx

from adapters.partner.claim_text import about_the_change
from adapters.partner.debitura.api import (
    Api,
    is_about,
    is_page,
    known,
    masked,
    parsed,
    parsed_list,
    parsed_object,
    read,
    refusals,
    rendered,
    unexpected,
    unreadable,
)
from adapters.partner.debitura.divisions import Divisions
from adapters.partner.debitura.lists import listed
from adapters.partner.debitura.new_case import LONGEST_TEXT, case_body, people_in
from adapters.partner.debitura.reading import (
    Case,
    Payment,
    Timeline,
    WholeCase,
    report_of,
    tells_of,
)
from adapters.partner.debitura.team import NOT_SERVED, Team
from adapters.partner.port import (
    Claim,
    ClaimDocument,
    ClaimHandle,
    ClaimRefused,
    ClaimReport,
    ClaimTaken,
    DocumentKind,
    DocumentRefused,
    OpenClaim,
    PartnerError,
    PaymentToReport,
)

_REFUSALS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
_DOCUMENT_TYPES: Final = {
    DocumentKind.INVOICE: "OriginalInvoice",
    DocumentKind.NOTICE: "DemandLetter",
}


class DebituraPartner:
    """The partner Debitura, or the sandbox with the same API.

    With `is_test` claims are marked as tests, which nobody collects.
    """

    def __init__(self, http: httpx.AsyncClient, *, is_test: bool = False) -> None:
        self._api = Api(http)
        self._divisions = Divisions(self._api)
        self._team = Team(self._api)
        self._is_test = is_test

    async def submit(self, claim: Claim) -> ClaimTaken:
        """Hand a claim over once: look it up by our reference, then create it with that."""
        if taken := await self.find(claim.reference):
            return taken
        division_id = await self._divisions.ensure(claim.creditor)
        body = case_body(claim, division_id=division_id, is_test=self._is_test)
        answer = await self._api.post("/cases", body, once=claim.reference)
        match answer.status_code:
            case HTTPStatus.OK | HTTPStatus.CREATED:
                return _taken(answer, claim.reference).model_copy(update={"is_new": True})
            case HTTPStatus.BAD_REQUEST:
                refused = refusals(answer)
                if division_id and is_about(refused, "division"):
                    self._divisions.forget(division_id)
                    raise PartnerError("the partner does not know the seller any more")
                raise ClaimRefused(masked(refused, people_in(claim)))
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                refused = refusals(answer)
                # The amount may have changed since a first attempt whose answer was lost.
                if is_about(refused, "idempotencyconflict") and (
                    taken := await self.find(claim.reference)
                ):
                    return taken
                raise ClaimRefused(masked(refused, people_in(claim)))
            case _:
                raise unexpected(answer)

    async def find(self, reference: str) -> ClaimTaken | None:
        answer = await self._api.get(f"/cases/by-creditor-reference/{quote(reference, safe='')}")
        match answer.status_code:
            case HTTPStatus.OK:
                return _taken(answer, reference)
            case HTTPStatus.NOT_FOUND:
                return None
            case _:
                raise unexpected(answer)

    async def status(self, handle: ClaimHandle) -> ClaimReport:
        answer = known(await self._api.get(_path(handle)))
        case = read(answer, WholeCase, parsed_object(answer))
        _must_be_of(case, handle.reference)
        return await self._report(handle, case)

    async def report(self, handle: ClaimHandle, report: PaymentToReport) -> None:
        await self._write_once(handle, report.key, about_the_change(report))

    async def withdraw(self, handle: ClaimHandle, *, key: str, reason: str) -> None:
        words = " ".join(reason.split())
        text = f"We withdraw this claim: please stop the collection and close it. Reason: {words}"
        await self._write_once(handle, key, text, words)

    async def attach(self, handle: ClaimHandle, document: ClaimDocument) -> None:
        if await self._has(handle, document.name, "files"):
            return
        answer = await self._api.upload(
            f"{_path(handle)}/files",
            {
                "description": document.description[:LONGEST_TEXT],
                "documentType": _DOCUMENT_TYPES[document.kind],
            },
            (document.name, document.content, document.media_type),
        )
        match answer.status_code:
            case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise DocumentRefused("the partner finds the document too large")
            case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
                raise DocumentRefused("the partner does not take documents of this type")
            case HTTPStatus.BAD_REQUEST | HTTPStatus.UNPROCESSABLE_ENTITY:
                raise DocumentRefused(masked(refusals(answer)))
            case _:
                _done(answer)

    async def open_claims(self) -> AsyncIterator[OpenClaim]:
        async for in_list in listed(self._api, "/cases", "cases"):
            if in_list.get("closeCode") or in_list.get("dateFinished"):
                continue
            answer = await self._api.get(f"/cases/{quote(str(in_list.get('id')), safe='')}")
            if answer.status_code == HTTPStatus.NOT_FOUND and not is_page(answer):
                continue  # deleted after the list was read
            found = parsed_object(known(answer))
            reference = found.get("creditorReference")
            if not reference:
                continue  # somebody made it by hand at the partner
            case = read(answer, WholeCase, found)
            if not case.is_closed:
                handle = ClaimHandle(reference=reference, partner_id=case.id)
                yield OpenClaim(handle=handle, report=await self._report(handle, case))

    async def _report(self, handle: ClaimHandle, case: WholeCase) -> ClaimReport:
        timeline = await self._timeline(handle)
        answer = known(await self._api.get(f"{_path(handle)}/payments"))
        payments = [read(answer, Payment, payment) for payment in parsed_list(answer)]
        return report_of(case, timeline, payments)

    async def _timeline(self, handle: ClaimHandle) -> Timeline:
        answer = known(await self._api.get(f"{_path(handle)}/timeline"))
        return read(answer, Timeline, parsed_object(answer))

    async def _write_once(
        self, handle: ClaimHandle, key: str, text: str, words: str | None = None
    ) -> None:
        """Write to the agency, unless a message with this key was written before.

        The key is at the head of the text, so that the message can be found. `words` is the part of
        the text that a person typed; it is masked in a refusal, because it may name people.
        """
        mark = f"[{key}]"
        if await self._has(handle, mark, "chats"):
            return
        sender = await self._team.sender()
        body = rendered({"message": f"{mark} {text}"[:LONGEST_TEXT], **sender}).encode()
        answer = await self._api.post(f"{_path(handle)}/chats", body, once=key)
        if answer.status_code in _REFUSALS:
            refused = refusals(answer)
            if is_about(refused, "user"):
                self._team.forget()
                raise PartnerError("the partner knows no user as whom we could write")
            raise ClaimRefused(masked(refused, [words, *sender.values()]))
        _done(answer)

    async def _has(self, handle: ClaimHandle, mark: str, kept_in: str) -> bool:
        """Whether an earlier attempt arrived, though its answer was lost."""
        if (await self._timeline(handle)).tells_of(mark):
            return True
        answer = await self._api.get(f"{_path(handle)}/{kept_in}")
        if answer.status_code in NOT_SERVED:
            return False  # only the timeline can tell
        return tells_of([parsed(known(answer))], mark)


def _path(handle: ClaimHandle) -> str:
    return f"/cases/{quote(handle.partner_id, safe='')}"


def _done(answer: httpx.Response) -> None:
    """Check that something was written; any 2xx says so."""
    if not answer.is_success:
        known(answer)
    if is_page(answer):
        raise unreadable(answer)


def _taken(answer: httpx.Response, reference: str) -> ClaimTaken:
    case = read(answer, Case, parsed_object(answer))
    _must_be_of(case, reference)
    return ClaimTaken(partner_id=case.id, reference=reference, taken_at=case.created_at)


def _must_be_of(case: Case, reference: str) -> None:
    """Check that an answer is about the right claim; an answer without a reference passes."""
    if case.creditor_reference not in (None, reference):
        raise PartnerError("the partner answered with another claim than was asked for")
