"""Asking a seller for its settings, and telling it that the defaults apply (R21)."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.attempt_time import attempt_moment
from activities.run_action import translated_errors
from adapters.mail import Mailer, RecipientRefused
from adapters.messages import links
from adapters.messages.compose import write_seller_mail
from adapters.messages.parties import recipient_of
from adapters.messages.platform import Platform
from adapters.messages.values import Posting, SellerMail
from dunning.days import DAY
from dunning.history import Event, EventName
from dunning.notices import SellerMailKind
from models.histories import write_events
from models.payloads import AskSeller
from models.seller import SellerProfile
from models.tables import EventRow, SellerRow
from runtime.database import Database


class SettingsActivities:
    """The activities that mail the seller, each once.

    They note that in the history of the seller's first case.
    """

    def __init__(
        self, database: Database, mailer: Mailer, *, mail_from: str, platform: Platform
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._mail_from = mail_from
        self._platform = platform

    @activity.defn(name="ask_for_settings")
    async def ask_for_settings(self, asked: AskSeller) -> bool:
        """Ask the seller for its settings, unless it has answered.

        Returns whether it was asked, now or by an earlier attempt.
        """
        with translated_errors():
            return await self._send(asked, SellerMailKind.SETTINGS_WANTED)

    @activity.defn(name="apply_defaults")
    async def apply_defaults(self, asked: AskSeller) -> bool:
        """Tell the seller that the defaults apply, unless it has answered.

        Returns whether it was mailed, now or by an earlier attempt.
        """
        with translated_errors():
            return await self._send(asked, SellerMailKind.DEFAULTS_APPLIED)

    async def _send(self, asked: AskSeller, about: SellerMailKind) -> bool:
        async with self._database.reading() as session:
            seller = await session.get_one(SellerRow, asked.seller_id)
            was_mailed = await _was_mailed(session, asked.case_id, about)
        wanted_at = seller.settings_asked_at if about is SellerMailKind.SETTINGS_WANTED else None
        at = attempt_moment(asked.clock_shift, planned_at=wanted_at or asked.until)
        if was_mailed or _has_answered(seller, by=at):
            return was_mailed
        try:
            await self._mailer.send(self._mail(seller, asked, about, at))
        except RecipientRefused as refused:
            activity.logger.warning("seller_not_told", extra={"code": refused.code})
            return False
        async with self._database.writing() as session:
            detail = {"about": about.value}
            mailed = Event(key=about, at=at, name=EventName.SELLER_TOLD, detail=dict(detail))
            await write_events(session, asked.case_id, [mailed])
        return True

    def _mail(
        self, seller: SellerRow, asked: AskSeller, about: SellerMailKind, at: datetime
    ) -> EmailMessage:
        profile = SellerProfile.model_validate(seller.profile)
        last_day = asked.until.astimezone(profile.zone).date() - DAY
        wanted = about is SellerMailKind.SETTINGS_WANTED
        mail = SellerMail(
            about=about,
            recipient=recipient_of(profile),
            link=links.settings_page(self._platform.url, seller.settings_token or ""),
            answer_by=last_day if wanted else None,
        )
        return write_seller_mail(
            mail,
            Posting.of(f"{asked.case_id}.{about}", at, self._mail_from),
            platform=self._platform,
        )


def _has_answered(seller: SellerRow, *, by: datetime) -> bool:
    return seller.settings_answered_at is not None and seller.settings_answered_at <= by


async def _was_mailed(session: AsyncSession, case_id: str, about: SellerMailKind) -> bool:
    query = select(EventRow.id).where(EventRow.case_id == case_id, EventRow.key == about)
    return (await session.exec(query)).first() is not None
