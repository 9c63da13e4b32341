"""The types of settings; their error messages do not repeat the value."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from standardwebhooks import Webhook

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def _database_url(given: str) -> str:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database's URL") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(f"{url.drivername} is not supported; sqlite and postgresql are")
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise ValueError("names no file: sqlite:///dunning.db")
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _web_address(given: str) -> str:
    try:
        parts = urlsplit(given)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("is not a web address: https://host/path")
    return given.rstrip("/")


def _mail_address(given: str) -> str:
    try:
        return validate_email(given, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError("is not an e-mail address: name@host.domain") from error


def _host(given: str) -> str:
    if not given.strip() or any(sign in given for sign in "/@ "):
        raise ValueError("is not the name or the address of a host")
    return given.strip()


def secrets_in(given: SecretStr) -> tuple[str, ...]:
    """Split a setting into its secrets, which commas separate."""
    return tuple(filter(None, (secret.strip() for secret in given.get_secret_value().split(","))))


def _webhook_secrets(given: SecretStr) -> SecretStr:
    try:
        readable = [Webhook(secret) for secret in secrets_in(given)]
    except Exception:  # the library raises what base64 raises, or its own
        readable = []
    if not readable:
        raise ValueError("is not a secret of Standard Webhooks, or several with commas: whsec_…")
    return given


def _lower(given: object) -> object:
    return given.lower() if isinstance(given, str) else given


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65_535)]
# 0: any free one.
ListeningPort = Annotated[int, Field(ge=0, le=65_535)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]
PartnerKind = Annotated[Literal["debitura", "csv"], BeforeValidator(_lower)]
WebhookSecrets = Annotated[SecretStr, AfterValidator(_webhook_secrets)]
