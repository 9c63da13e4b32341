"""Everything that the environment decides; read once per process."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`DUNNING_...` variables, or the same names in a file `.env`."""

    model_config = SettingsConfigDict(env_prefix="DUNNING_", env_file=".env", extra="ignore")

    database_url: str = "sqlite+aiosqlite:///dunning.db"
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_start_tls: bool = False
    mail_from: str = "dunning@localhost.localdomain"
    partner_url: str = "http://127.0.0.1:8026"
    partner_api_key: SecretStr = SecretStr("sandbox")
    partner_test_mode: bool = False
    api_port: int = 8000
    console_url: str = "http://127.0.0.1:8000"
    sweep_seconds: int = Field(default=30, ge=1)
    requests_per_minute: int = Field(default=30_000, ge=1)
    json_logs: bool = True
