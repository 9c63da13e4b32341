"""Sending the notices of a case to its customer (R2 to R6, R29)."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from functools import partial

from temporalio import activity

from activities.context import ActionContext
from activities.message_values import (
    customer_mail,
    fallback_language,
    notice_kind,
    open_amount,
    posting_of,
)
from activities.run_action import run_action
from adapters.mail import Mailer, MailError, OutcomeUnknown, RecipientRefused, wire_format
from adapters.messages.values import Partner
from dunning.actions import ActionKind
from dunning.case.handoff import blocked_by_address
from dunning.case.notices import (
    notice_attempted,
    notice_not_accepted,
    notice_not_needed,
    notice_refused,
    notice_sent,
)
from dunning.case.plan import Plan
from dunning.case.planning import announced_step
from dunning.case.state import Sending
from dunning.ladder import WRITTEN_NOTICES, DunningOption
from models.payloads import DoAction
from models.tables import MessageRow
from runtime.database import Database


@dataclass(frozen=True)
class _Notice:
    """A notice that is written and not yet sent; `row` is its record."""

    message: EmailMessage
    sending: Sending
    row: MessageRow


class NoticeActivities:
    """The activity that sends notices and records them, each once."""

    def __init__(
        self, database: Database, mailer: Mailer, *, mail_from: str, partner: Partner | None = None
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._partner = partner or Partner()

    @activity.defn(name="send_notice")
    async def send_notice(self, task: DoAction) -> Plan:
        """Send a notice, if it is still planned, owed and deliverable."""
        return await run_action(self._database, task, self._send)

    async def _send(self, context: ActionContext) -> Plan:
        if notice_kind(context) in WRITTEN_NOTICES and not context.inputs.address_complete:
            return await context.change_by_inputs(partial(blocked_by_address, at=context.at))
        asks_for_money = context.task.kind is not ActionKind.CANCELLATION_NOTICE
        if asks_for_money and not open_amount(context).is_positive:
            return await context.change_case(notice_not_needed)
        notice = await self._written(context)
        sending = notice.sending
        leaving = partial(
            context.write_attempt, partial(notice_attempted, sending=sending), notice.row
        )
        try:
            await self._mailer.send(notice.message, leaving=leaving)
        except RecipientRefused as refused:
            refusal = partial(
                notice_refused,
                sending=sending,
                words=f"{refused.code} {refused.words}".strip(),
                email_version=context.inputs.email_version,
            )
            return await context.change_by_inputs(refusal)
        except OutcomeUnknown:
            raise  # the row has the attempt, which is tried again or counts
        except MailError as error:
            await context.change_case(
                partial(notice_not_accepted, sending=sending, words=str(error))
            )
            raise
        return await context.change_case(partial(notice_sent, sending=sending))

    async def _written(self, context: ActionContext) -> _Notice:
        kind, option = notice_kind(context), context.inputs.option
        is_final = context.task.kind is ActionKind.FINAL_NOTICE
        posting = posting_of(context, kind, self._mail_from)
        # A letter is some 20 ms of work, for which no other case should wait.
        message = await asyncio.to_thread(
            customer_mail,
            context,
            posting,
            option=option,
            partner=self._partner,
        )
        owed = open_amount(context)
        detail = {"kind": kind.value, "message_id": posting.message_id, "open_amount": str(owed)}
        detail |= fallback_language(context, message)
        sending = Sending(
            kind=kind,
            round=context.case.round,
            at=context.at,
            detail=dict(detail),
            option=option if is_final else None,
            handoff_on=_handoff_named(context, option) if is_final else None,
        )
        row = MessageRow(
            key=context.case.key(kind),
            case_id=context.case.case_id,
            kind=kind,
            message_id=posting.message_id,
            sent_at=context.at,
            currency=owed.currency,
            open_amount=owed.amount,
            content=zlib.compress(wire_format(message)),
        )
        return _Notice(message, sending, row)


def _handoff_named(context: ActionContext, option: DunningOption) -> date | None:
    """R18: return the day that a final notice names for the handoff."""
    following = announced_step(context.case, option, context.task.kind, context.at)
    return following[1] if following else None
