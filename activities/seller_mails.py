"""Sending the mails of a case to its seller."""

from __future__ import annotations

from datetime import date
from functools import partial

from temporalio import activity

from activities.context import ActionContext
from activities.message_values import posting_of, seller_mail
from activities.run_action import run_action
from adapters.mail import Mailer, RecipientRefused
from adapters.messages.platform import Platform
from dunning.case.plan import Plan
from dunning.case.seller_mails import is_still_true, mail_done_with, seller_mailed
from dunning.case.state import SellerMailDue
from dunning.notices import SellerMailKind
from models.address_mails import take_on_address_mail
from models.payloads import DoAction
from models.statement_mails import take_on_statement_mail
from models.tables import ClaimRow
from runtime.database import Database


class SellerMailActivities:
    """The activity that sends a case's mails to its seller, each once."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        *,
        mail_from: str,
        platform: Platform | None = None,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._platform = platform or Platform()

    @activity.defn(name="tell_seller")
    async def tell_seller(self, task: DoAction) -> Plan:
        """Send the first mail that waits; the next one is an action of its own."""
        return await run_action(self._database, task, self._mail)

    async def _mail(self, context: ActionContext) -> Plan:
        due = context.case.seller_mails[0]
        if not is_still_true(due, context.inputs):
            return await context.change_case(partial(mail_done_with, mail=due))
        if due.about is SellerMailKind.ADDRESS_INCOMPLETE and not await self._takes_on_address_mail(
            context, due
        ):
            return await context.change_case(partial(mail_done_with, mail=due))
        if due.day is not None and not await self._may_tell_of_statement(context, due.day):
            return await context.change_case(partial(mail_done_with, mail=due))
        claim = context.case.claim
        reference = claim.reference if claim else context.case.last_claim
        message = seller_mail(
            context,
            due,
            posting_of(context, due.key, self._mail_from),
            platform=self._platform,
            claim_reference=reference,
            reason=await self._partners_words(reference),
        )
        try:
            await self._mailer.send(message)
        except RecipientRefused as refused:
            activity.logger.warning("seller_not_told", extra={"code": refused.code})
            return await context.change_case(partial(mail_done_with, mail=due))
        return await context.change_case(partial(seller_mailed, mail=due, at=context.at))

    async def _takes_on_address_mail(self, context: ActionContext, due: SellerMailDue) -> bool:
        """R14: whether this mail is the one that tells of an address, for all cases with it."""
        async with self._database.writing() as session:
            return await take_on_address_mail(
                session,
                context.snapshot.customer,
                key=context.case.key(due.key),
                is_waiting=due.is_waiting,
                at=context.at,
            )

    async def _may_tell_of_statement(self, context: ActionContext, day: date) -> bool:
        """R20: whether this case tells of an old statement; for each statement one case does."""
        row = context.snapshot.row
        async with self._database.writing() as session:
            return await take_on_statement_mail(session, row.seller_id, day, case_id=row.case_id)

    async def _partners_words(self, reference: str | None) -> str | None:
        if reference is None:
            return None
        async with self._database.reading() as session:
            row = await session.get(ClaimRow, reference)
        return row.reason if row else None
