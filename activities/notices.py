"""Writing to customers, and telling sellers what keeps a case from going on."""

from __future__ import annotations

import asyncio
import zlib

from temporalio import activity

from activities.casework import Casework
from activities.tries import take
from activities.writing import (
    customer_mail,
    fallback_language,
    message_id_of,
    notice_kind,
    open_amount,
    seller_mail,
)
from adapters.mail import Mailer, RecipientRefused, wire_format
from dunning.deeds import DeedKind, Outcome, Result
from dunning.history import Event, EventName
from dunning.money import Money
from dunning.notices import NoticeKind, SellerTold
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from models.messages import TakeDeed
from models.tables import MessageRow
from runtime.database import Database


class SellerDesk:
    """Tells the seller by mail."""

    def __init__(self, mailer: Mailer, *, mail_from: str) -> None:
        self._mailer = mailer
        self._mail_from = mail_from

    async def tell(
        self,
        work: Casework,
        about: SellerTold,
        *,
        effect: str | None = None,
        blocked: bool = False,
        notice: NoticeKind | None = None,
        reason: str | None = None,
        outcome: Stage | None = None,
        amount: Money | None = None,
        claim_reference: str | None = None,
    ) -> list[Event]:
        """Send the mail; the entry of the history, or none if the seller's address is refused.

        The same `effect` is the same mail; without one it is that of the deed under way.
        """
        effect = effect or f"{work.task.deed}/{about}/{work.case.results}"
        message = seller_mail(
            work,
            about,
            message_id=message_id_of(work, effect, self._mail_from),
            mail_from=self._mail_from,
            blocked=blocked,
            notice=notice,
            reason=reason,
            outcome=outcome,
            amount=amount,
            claim_reference=claim_reference,
        )
        try:
            await self._mailer.send(message)
        except RecipientRefused as refused:
            activity.logger.warning("seller_not_told", extra={"code": refused.code})
            return []
        detail = {"about": about.value}
        key = work.case.key(effect)
        return [Event(key=key, at=work.at, name=EventName.SELLER_TOLD, detail=detail)]


class NoticeActivities:
    """Sends the notices of a case and writes them down, each once."""

    def __init__(self, database: Database, mailer: Mailer, *, mail_from: str) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._seller = SellerDesk(mailer, mail_from=mail_from)

    @activity.defn(name="open_case")
    async def open_case(self, task: TakeDeed) -> Result:
        """R2's invoice notice, and R14's early word to the seller."""
        return await take(self._database, task, self._open)

    @activity.defn(name="send_notice")
    async def send_notice(self, task: TakeDeed) -> Result:
        """A notice of R3 to R6, if it is owed, deliverable and its moment."""
        return await take(self._database, task, self._notice)

    async def _open(self, work: Casework) -> Result:
        if work.case.is_over:
            return await work.finish(work.result(Outcome.NOTHING_OWED))
        opening = work.dossier.case.opening
        events: list[Event] = []
        rows: list[MessageRow] = []
        if opening and opening.address_incomplete and not work.dossier.address_complete:
            events += await self._seller.tell(work, SellerTold.ADDRESS_INCOMPLETE)
        if opening and opening.invoice_notice and open_amount(work).is_positive:
            try:
                event, row = await self._send(work, work.dossier.settings.dunning_option)
                events.append(event)
                rows.append(row)
            except RecipientRefused as refused:
                events += await self._undeliverable(work, refused, blocked=False)
        return await work.finish(work.result(Outcome.DONE), events=events, rows=rows)

    async def _notice(self, work: Casework) -> Result:
        deed = work.task.deed
        hindrance = work.hindrance()
        if hindrance is Outcome.BLOCKED:
            return await blocked_by_address(self._seller, work)
        if hindrance is not None:
            return await work.finish(work.result(hindrance))
        option = work.dossier.settings.dunning_option
        try:
            event, row = await self._send(work, option)
        except RecipientRefused as refused:
            return await self._refused(work, refused)
        announced = option if deed is DeedKind.FINAL_NOTICE else None
        result = work.result(Outcome.DONE, option=announced)
        return await work.finish(result, events=[event], rows=[row])

    async def _send(self, work: Casework, option: DunningOption) -> tuple[Event, MessageRow]:
        kind = notice_kind(work)
        message_id = message_id_of(work, kind, self._mail_from)
        # A letter is some 20 ms of work, for which no other case should wait.
        message = await asyncio.to_thread(
            customer_mail, work, option=option, message_id=message_id, mail_from=self._mail_from
        )
        await self._mailer.send(message)
        owed = open_amount(work)
        key = work.case.key(kind)
        detail = {"kind": kind.value, "message_id": message_id, "open_amount": str(owed)}
        detail |= fallback_language(work, message)
        return Event(key=key, at=work.at, name=EventName.NOTICE_SENT, detail=detail), MessageRow(
            key=key,
            case_id=work.case.case_id,
            kind=kind,
            message_id=message_id,
            sent_at=work.at,
            currency=owed.currency,
            open_amount=owed.amount,
            content=zlib.compress(wire_format(message)),
        )

    async def _refused(self, work: Casework, refused: RecipientRefused) -> Result:
        """R14: a notice blocks the case; an advance notice is only passed over."""
        blocks = work.task.deed is not DeedKind.ADVANCE_NOTICE
        events = await self._undeliverable(work, refused, blocked=blocks)
        if blocks:
            result = work.result(Outcome.BLOCKED, blocked_by=BlockedBy.EMAIL)
        else:
            result = work.result(Outcome.PASSED_OVER)
        return await work.finish(result, events=events)

    async def _undeliverable(
        self, work: Casework, refused: RecipientRefused, *, blocked: bool
    ) -> list[Event]:
        kind = notice_kind(work)
        event = Event(
            key=work.case.key(f"{kind}/undeliverable/{work.case.results}"),
            at=work.at,
            name=EventName.NOTICE_UNDELIVERABLE,
            detail={"kind": kind.value, "reason": f"{refused.code} {refused.words}".strip()},
        )
        told = await self._seller.tell(
            work, SellerTold.MAIL_UNDELIVERABLE, blocked=blocked, notice=kind
        )
        return [event, *told]


async def blocked_by_address(seller: SellerDesk, work: Casework) -> Result:
    """R14: what is missing, for the history and for the seller; the case waits."""
    incomplete = Event(
        key=work.case.key(f"{work.task.deed}/address/{work.case.results}"),
        at=work.at,
        name=EventName.ADDRESS_INCOMPLETE,
        detail={"missing": list(work.dossier.customer.missing)},
    )
    told = await seller.tell(work, SellerTold.ADDRESS_INCOMPLETE, blocked=True)
    result = work.result(Outcome.BLOCKED, blocked_by=BlockedBy.ADDRESS)
    return await work.finish(result, events=[incomplete, *told])
