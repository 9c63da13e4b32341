"""Mailing the link with which a seller signs in to the console."""

from __future__ import annotations

import secrets

from temporalio import activity

from activities.run_action import translated_errors
from adapters.mail import Mailer, RecipientRefused
from adapters.messages.compose import write_seller_mail
from adapters.messages.values import Posting, Recipient, SellerMail
from dunning.notices import AccessMail
from models.console.access import LinkMaker, make_link
from models.payloads import MailSignInLink
from models.seller import SellerProfile
from models.tables import SellerRow
from runtime.clock import Clock
from runtime.database import Database


class SignInActivities:
    """The activity that makes a link and mails it; the link is stored nowhere else."""

    def __init__(
        self, database: Database, mailer: Mailer, clock: Clock, *, mail_from: str, console_url: str
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock
        self._mail_from = mail_from
        self._console_url = console_url.rstrip("/")

    @activity.defn(name="mail_sign_in_link")
    async def mail_sign_in_link(self, asked: MailSignInLink) -> None:
        """Make a link and mail it.

        Each attempt makes its own link: the token of an earlier one is not stored.
        """
        with translated_errors():
            await self._mail(asked)

    async def _mail(self, asked: MailSignInLink) -> None:
        at = self._clock.now()
        async with self._database.writing() as session:
            seller = await session.get_one(SellerRow, asked.seller_id)
            link = await make_link(
                session, asked.seller_id, made_by=LinkMaker.MAIL, path=asked.path, at=at
            )
        profile = SellerProfile.model_validate(seller.profile)
        mail = SellerMail(
            about=AccessMail.SIGN_IN,
            recipient=Recipient(
                name=profile.company_name, email=profile.email, language=profile.language
            ),
            link=f"{self._console_url}/console/in/{link.token}",
        )
        message = write_seller_mail(
            mail,
            Posting.of(f"sign-in.{secrets.token_hex(8)}", at, self._mail_from),
        )
        try:
            await self._mailer.send(message)
        except RecipientRefused as refused:
            activity.logger.warning("sign_in_link_not_mailed", extra={"code": refused.code})
