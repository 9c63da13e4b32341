"""Checks of the mail server and the collection partner, with the settings of the worker."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib
import httpx

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.port import PartnerError
from commands.checks.findings import LIMIT_SECONDS, Finding, ok, problem, warning
from runtime.clock import Clock
from runtime.settings import Settings

MAIL_UNREACHABLE: Final = "is it running, and are DUNNING_SMTP_HOST and DUNNING_SMTP_PORT right?"
PARTNER_UNREACHABLE: Final = "is DUNNING_PARTNER_URL right?"
# No claim ever gets this reference.
_NO_CLAIM: Final = "dunning-doctor"
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NOBODYS: Final = (
    "example", "example.com", "example.net", "example.org", "invalid", "local", "localdomain",
    "localhost", "test",
)  # fmt: skip
_LONGEST_SKEW: Final = timedelta(seconds=30)
_KEY_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def mail(settings: Settings) -> list[Finding]:
    """Check that the mail server accepts our sender; no mail is sent."""
    password = settings.smtp_password
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    server = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        start_tls=settings.smtp_start_tls or None,
        timeout=LIMIT_SECONDS,
    )
    try:
        await server.connect()
        await server.ehlo()
        encrypted = server.get_transport_info("sslcontext") is not None
        await server.mail(settings.mail_from)
        await server.rset()
        await server.quit()
    except aiosmtplib.SMTPAuthenticationError as error:
        remedy = "are DUNNING_SMTP_USERNAME and DUNNING_SMTP_PASSWORD right?"
        return [problem("mail", f"{where} refuses the login ({error.code})", remedy)]
    except aiosmtplib.SMTPSenderRefused as error:
        remedy = "may DUNNING_MAIL_FROM send there, and does it want a login?"
        return [problem("mail", f"{where} refuses our sender ({error.code})", remedy)]
    except aiosmtplib.SMTPResponseException as error:
        return [problem("mail", f"{where} answers {error.code}", MAIL_UNREACHABLE)]
    except aiosmtplib.SMTPException as error:
        if "STARTTLS" in str(error):
            remedy = "use another port, or set DUNNING_SMTP_START_TLS to false"
            return [problem("mail", f"{where} has no STARTTLS", remedy)]
        cause = error.__cause__
        words = type(error).__name__
        if isinstance(cause, ConnectionRefusedError):
            words = "refuses to be connected"
        elif isinstance(cause, OSError) and cause.strerror:
            words = cause.strerror
        return [problem("mail", f"{where}: {words}", MAIL_UNREACHABLE)]
    finally:
        server.close()
    if encrypted or settings.smtp_host in _HERE:
        return [ok("mail", f"{where} takes mails{', encrypted' if encrypted else ''}")]
    remedy = "use a server with STARTTLS, and set DUNNING_SMTP_START_TLS to true"
    return [warning("mail", f"{where} takes mails, but not encrypted", remedy)]


def sender(settings: Settings) -> Finding:
    """Check that the sender's domain is not one that cannot exist."""
    domain = settings.mail_from.rpartition("@")[2].lower()
    made_up = any(domain == name or domain.endswith(f".{name}") for name in _NOBODYS)
    if made_up and settings.smtp_host not in _HERE:
        return warning(
            "sender",
            f"{settings.mail_from} is an address that cannot be",
            "set DUNNING_MAIL_FROM to one of your domain",
        )
    return ok("sender", settings.mail_from)


async def partner(settings: Settings, clock: Clock) -> list[Finding]:
    """Check that claims can be handed to the partner."""
    if settings.partner_folder is not None and settings.partner == "csv":
        return [await asyncio.to_thread(_folder, settings.partner_folder)]
    return await _api(settings, clock)


def _folder(folder: Path) -> Finding:
    """Check that tables can be written to the folder that the agency reads; nothing is written."""
    remedy = "is DUNNING_PARTNER_FOLDER right, and may this user write there?"
    if not folder.is_dir():
        return problem("partner", f"{folder} is not a folder", remedy)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return problem("partner", f"{folder} cannot be written to", remedy)
    return ok("partner", f"claims are written to {folder}")


async def _api(settings: Settings, clock: Clock) -> list[Finding]:
    """Check that the partner accepts our key, and that its clock agrees with ours."""
    answers: list[httpx.Response] = []

    async def note(answer: httpx.Response) -> None:
        answers.append(answer)

    where = urlsplit(settings.partner_url).netloc.rpartition("@")[2]
    key = settings.partner_api_key.get_secret_value()
    async with connect_partner(settings.partner_url, key) as http:
        http.event_hooks = {"response": [note]}
        try:
            await DebituraPartner(http).find(_NO_CLAIM)
        except PartnerError as error:
            if answers and answers[-1].status_code in _KEY_REFUSED:
                remedy = "is DUNNING_PARTNER_API_KEY right?"
                return [problem("partner", f"{where} refuses our key", remedy)]
            return [problem("partner", f"{where}: {error}", PARTNER_UNREACHABLE)]
    if answers[-1].headers.get("Content-Type", "").startswith("text/"):
        # Any web server may answer 404; the partner's API answers it with JSON, not with a page.
        says = f"{where} answers, but not as the partner does"
        return [warning("partner", says, PARTNER_UNREACHABLE)]
    found = [ok("partner", f"{where} knows our key")]
    sent = _sent_at(answers[-1])
    skew = abs(clock.now() - sent) if sent else timedelta(0)
    if skew > _LONGEST_SKEW:
        says = f"{skew.total_seconds():.0f} seconds away from the partner's"
        found.append(warning("clock", says, "have the machine's clock set by NTP"))
    elif sent:
        found.append(ok("clock", "agrees with the partner's"))
    return found


def _sent_at(answer: httpx.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
