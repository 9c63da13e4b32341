"""The settings of a process, read once when it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from runtime.configuration import Found, WrongSettings, gather, variable_of
from runtime.setting_types import (
    DatabaseUrl,
    Host,
    ListeningPort,
    LogLevel,
    MailAddress,
    PartnerKind,
    Port,
    WebAddress,
    WebhookSecrets,
    secrets_in,
)


class Settings(BaseModel):
    """The `DUNNING_…` variables, or the same names in a file.

    Temporal's own settings are in `runtime.temporal`.

    Raises `WrongSettings`.
    """

    model_config = ConfigDict(validate_default=True, extra="forbid")

    database_url: DatabaseUrl = Field(default="sqlite+aiosqlite:///dunning.db", repr=False)
    smtp_host: Host = "127.0.0.1"
    smtp_port: Port = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_start_tls: bool = False
    mail_from: MailAddress = "dunning@localhost.localdomain"
    mail_reply_to: MailAddress | None = None
    platform_name: str = "Dunning"
    partner: PartnerKind = "debitura"
    partner_folder: Path | None = Field(default=None, validate_default=True)
    partner_url: WebAddress = "http://127.0.0.1:8026"
    partner_api_key: SecretStr = SecretStr("sandbox")
    partner_test_mode: bool = False
    partner_name: str | None = None
    partner_is_registered: bool = False
    partner_webhook_secret: WebhookSecrets | None = None
    host: Host = "127.0.0.1"
    api_port: ListeningPort = 8000
    metrics_port: ListeningPort = 9464
    console_url: WebAddress = "http://127.0.0.1:8000"
    sweep_seconds: int = Field(default=30, ge=1)
    webhooks_allow_http: bool = False
    requests_per_minute: int = Field(default=30_000, ge=1)
    seller_requests_per_minute: int = Field(default=1_200, ge=1)
    json_logs: bool = True
    log_level: LogLevel = "info"

    def __init__(self, **given: Any) -> None:
        found = gather(type(self).model_fields)
        try:
            super().__init__(**(found.values | given))
        except ValidationError as error:
            raise WrongSettings(*found.problems, *_problems(error, found)) from None
        if found.problems:
            raise WrongSettings(*found.problems)

    @property
    def partner_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that the partner may sign with; several while they are being changed."""
        given = self.partner_webhook_secret
        return secrets_in(given) if given else ()

    @field_validator("partner_folder")
    @classmethod
    def _needed_for_tables(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        if folder is None and info.data.get("partner") == "csv":
            raise ValueError("is needed with DUNNING_PARTNER=csv")
        return folder


def _problems(error: ValidationError, found: Found) -> list[str]:
    """Return a line for each wrong value, with its place and without the value."""
    problems = []
    for entry in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(entry["loc"][0])
        words = entry["msg"].removeprefix("Value error, ").removeprefix("Input ")
        problems.append(f"{found.places.get(name, variable_of(name))}: {words}")
    return problems
