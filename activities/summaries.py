"""Sending summaries of debts, one to each customer in a period (R24)."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.attempt_time import attempt_moment
from activities.run_action import log_fields, may_pass, translated_errors
from adapters.branding.brand_look import brand_look_of
from adapters.mail import Mailer, RecipientRefused, wire_format
from adapters.messages.parties import customer_of, sender_of
from adapters.messages.summaries import DebtSummary, OverdueItem, write_debt_summary
from adapters.messages.values import Posting
from dunning.contact_limits import contact_limit
from dunning.days import DAY, Terms, first_instant
from dunning.money import Money
from dunning.references import reference_of
from dunning.summaries import (
    FEWEST,
    QUIET_DAYS,
    Period,
    Rhythm,
    is_crowded,
    period_of,
    summary_due_on,
)
from models.calendars import closed_days, is_closed
from models.contacts import Notices, last_messages, notices_around
from models.customers import address_of, country_of
from models.debt_summaries import (
    DebtSummaryRow,
    Overdue,
    countries_of,
    customers_not_mailed,
    customers_to_mail,
    overdue_of,
    write_down,
)
from models.payloads import SendSummaries, SummariesSent
from models.seller import SellerProfile, SellerSettings
from models.tables import CustomerRow, SellerRow
from models.terms import country_of_law, lawful_hours
from runtime.database import Database

OUTSIDE_WINDOW: Final = "OutsideWindow"
_A_PAGE: Final = 200
_SIDE_BY_SIDE: Final = 8


@dataclass(frozen=True)
class _Page:
    """The seller as it is now, the day whose summaries these are, and the present moment."""

    seller_id: str
    profile: SellerProfile
    settings: SellerSettings
    day: date
    period: Period
    at: datetime

    @property
    def today(self) -> date:
        return self.at.astimezone(self.profile.zone).date()

    def opens_in(self) -> timedelta:
        """Return how long it is until the seller's sending window opens.

        If the summaries are late, the seller's business days count.
        """
        country = self.profile.address.country if self.profile.address else None
        is_late = self.settings.business_days_only and self.today != self.day
        terms = Terms(
            time_zone=self.profile.time_zone,
            window=self.settings.sending_window,
            closed_days=closed_days(country, self.today) if is_late else (),
        )
        return terms.moment_from(self.today, timedelta(0), now=self.at) - self.at

    def is_crowded(self, notices: Notices) -> bool:
        """R24: whether the customer has just got a notice, or will get one soon."""
        moments = (*notices.sent, *notices.planned)
        return is_crowded(self.today, (at.astimezone(self.profile.zone).date() for at in moments))

    @property
    def quiet_since(self) -> datetime:
        return first_instant(self.today - QUIET_DAYS * DAY, time(0), self.profile.time_zone)

    def concerns(self, customer: CustomerRow) -> bool:
        country = (customer.address or {}).get("country")
        return _due_on(self.day, self.settings, country) is not None


class SummaryActivities:
    """The activity that mails customers with several overdue receivables, each once in a period."""

    def __init__(self, database: Database, mailer: Mailer, *, mail_from: str) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from

    @activity.defn(name="send_summaries")
    async def send_summaries(self, task: SendSummaries) -> SummariesSent:
        """Send the summaries of one page of a seller's customers, without those who got theirs."""
        with translated_errors():
            async with self._database.reading() as session:
                page = await _begun(session, task)
                if page is None:
                    return SummariesSent()
                customers = await customers_to_mail(
                    session,
                    page.seller_id,
                    period=page.period.name,
                    today=page.today,
                    after=task.after_customer,
                    limit=_A_PAGE,
                )
            if customers and (closed := page.opens_in()):
                raise ApplicationError(
                    "outside the sending window",
                    type=OUTSIDE_WINDOW,
                    next_retry_delay=closed,
                    category=ApplicationErrorCategory.BENIGN,
                )
            return await self._send_page(page, customers)

    async def _send_page(self, page: _Page, customers: Sequence[str]) -> SummariesSent:
        """Send to some customers at a time.

        If sending to one fails, the others of its group are completed before the error is raised.
        """
        sent = 0
        for start in range(0, len(customers), _SIDE_BY_SIDE):
            some = customers[start : start + _SIDE_BY_SIDE]
            outcomes = await asyncio.gather(
                *(self._send_one(page, *owing) for owing in await self._owing(page, some)),
                return_exceptions=True,
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
                sent += outcome
            activity.heartbeat(sent)
            if activity.is_worker_shutdown():
                return SummariesSent(sent=sent, after_customer=some[-1])
        is_last = len(customers) < _A_PAGE
        return SummariesSent(sent=sent, after_customer=None if is_last else customers[-1])

    async def _owing(
        self, page: _Page, customer_ids: Sequence[str]
    ) -> list[tuple[CustomerRow, list[Overdue]]]:
        """R10: read what customers owe right before they are told; keep those who get a summary."""
        async with self._database.reading() as session:
            customers = await customers_not_mailed(
                session, page.seller_id, customer_ids, period=page.period.name
            )
            overdue = await overdue_of(session, page.seller_id, customer_ids, today=page.today)
            around = await notices_around(
                session, page.seller_id, customer_ids, since=page.quiet_since, now=page.at
            )
            return [
                (customer, found)
                for customer in customers
                if page.concerns(customer)
                and len(found := overdue.get(customer.customer_id, [])) >= FEWEST
                and not page.is_crowded(notices := around[customer.customer_id])
                and await _is_lawful(session, page, customer, notices)
            ]

    async def _send_one(
        self, page: _Page, customer: CustomerRow, overdue: Sequence[Overdue]
    ) -> bool:
        """Send one summary; return whether it was sent.

        A permanent error is only logged, so that the other customers get theirs.
        """
        try:
            await self._send(page, customer, overdue)
        except RecipientRefused as refused:
            activity.logger.warning("summary_refused", extra={"code": refused.code})
        except Exception as error:
            if may_pass(error):
                raise
            activity.logger.error("summary_cannot_work", extra=log_fields(error))
        else:
            return True
        return False

    async def _send(self, page: _Page, customer: CustomerRow, overdue: Sequence[Overdue]) -> None:
        message = self._message(page, customer, overdue)
        await self._mailer.send(message)
        summary = DebtSummaryRow(
            seller_id=page.seller_id,
            customer_id=customer.customer_id,
            period=page.period.name,
            message_id=str(message["Message-ID"]),
            sent_at=page.at,
            items=len(overdue),
            content=zlib.compress(wire_format(message)),
        )
        try:
            async with self._database.writing() as session:
                await write_down(session, summary)
        except IntegrityError:
            activity.logger.warning("summary_sent_twice")

    def _message(
        self, page: _Page, customer: CustomerRow, overdue: Sequence[Overdue]
    ) -> EmailMessage:
        profile = page.profile
        summary = DebtSummary(
            sender=sender_of(profile, to_country=country_of(customer)),
            recipient=customer_of(customer, language=customer.language or profile.language),
            items=tuple(_item(one, page.today) for one in overdue),
            written_on=page.today,
            look=brand_look_of(page.settings.brand),
        )
        key = "/".join((page.seller_id, customer.customer_id, page.period.name))
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        return write_debt_summary(
            summary,
            Posting.of(f"debt-summary.{digest}", page.at, self._mail_from),
        )


async def _is_lawful(
    session: AsyncSession, page: _Page, customer: CustomerRow, notices: Notices
) -> bool:
    """R9: whether the law lets the customer be written to now.

    A summary is not sent if a notice would have to wait because of it.
    """
    address = address_of(customer)
    limit = contact_limit(country_of_law(address, page.profile))
    if limit is None:
        return True
    hours = lawful_hours(limit, address, page.today - DAY)
    had = await last_messages(session, page.seller_id, customer.customer_id, count=limit.messages)
    earliest = limit.next_allowed(had, hours.time_zone) or page.at
    after_it = limit.next_allowed((*had, page.at), hours.time_zone) or page.at
    keeps_none_waiting = all(at >= after_it for at in notices.planned)
    return hours.are_at(page.at) and earliest <= page.at and keeps_none_waiting


async def is_summary_day(
    session: AsyncSession, seller_id: str, settings: SellerSettings, day: date
) -> bool:
    """Whether any customer of a seller may get a summary on a day."""
    if not settings.business_days_only:
        return _due_on(day, settings, None) is not None
    if settings.debt_summary is Rhythm.OFF:
        return False
    countries = await countries_of(session, seller_id)
    return any(_due_on(day, settings, country) for country in countries)


async def _begun(session: AsyncSession, task: SendSummaries) -> _Page | None:
    """Read the seller and the day; None if no summaries are sent on it, or not any more."""
    seller = await session.get_one(SellerRow, task.seller_id)
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    began_at = activity.info().started_time - task.clock_shift
    at = attempt_moment(task.clock_shift, planned_at=task.at or began_at)
    day = (task.at or at).astimezone(profile.zone).date()
    period = period_of(day, settings.debt_summary)
    if period is None:
        return None
    if not task.after_customer and not await is_summary_day(session, task.seller_id, settings, day):
        return None
    return _Page(task.seller_id, profile, settings, day, period, at)


def _due_on(day: date, settings: SellerSettings, country: str | None) -> Period | None:
    if not settings.business_days_only:
        return summary_due_on(day, settings.debt_summary)
    return summary_due_on(day, settings.debt_summary, lambda one: is_closed(one, country))


def _item(overdue: Overdue, today: date) -> OverdueItem:
    number = overdue.installment
    return OverdueItem(
        order_id=overdue.order_id,
        invoice_number=overdue.invoice_number,
        installment=None if number is None else (number, overdue.parts),
        due_date=overdue.due_date,
        days_overdue=overdue.days(today),
        open_amount=Money(amount=overdue.open_amount, currency=overdue.currency),
        reference=reference_of(overdue.case_id),
    )
