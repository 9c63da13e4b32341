"""The installation that `dunning up` runs: its folder, its ports, and its environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime.embedded import server_binary
from runtime.ports import bind, free_port
from runtime.search_attributes import type_name
from workflows.search_attributes import SEARCH_ATTRIBUTES

_SQLITE_PRAGMAS: Final = (
    "--sqlite-pragma",
    "journal_mode=wal",
    "--sqlite-pragma",
    "synchronous=normal",
)


@dataclass(frozen=True)
class Ports:
    """The ports of all parts, all on 127.0.0.1."""

    api: int
    temporal: int
    temporal_ui: int
    smtp: int
    mail_page: int
    partner: int
    metrics: int

    def free(self) -> Ports:
        """Return the ports, with a free one for each 0. Starts nothing. Raises `PortTaken`."""
        bound = {
            name: bind(port or free_port(), setting=f"DUNNING_{name.upper()}_PORT")
            for name, port in vars(self).items()
        }
        found = {name: one.getsockname()[1] for name, one in bound.items()}
        for one in bound.values():
            one.close()
        return Ports(**found)


@dataclass(frozen=True)
class DevStack:
    """The folder in which everything is kept, and the ports."""

    folder: Path
    ports: Ports

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'dunning.db'}"

    @property
    def mails(self) -> Path:
        return self.folder / "mails"

    @property
    def claims(self) -> Path:
        return self.folder / "claims.jsonl"

    @property
    def partner_secret(self) -> Path:
        """The file with the secret that signs the partner's webhooks."""
        return self.folder / "partner-webhook.secret"

    def environment(self) -> dict[str, str]:
        """Return the environment variables of all parts; they override those of a file."""
        ports = self.ports
        return {
            "DUNNING_DATABASE_URL": self.database_url,
            "DUNNING_HOST": "127.0.0.1",
            "DUNNING_API_PORT": str(ports.api),
            "DUNNING_CONSOLE_URL": f"http://127.0.0.1:{ports.api}",
            "DUNNING_METRICS_PORT": str(ports.metrics),
            "DUNNING_SMTP_HOST": "127.0.0.1",
            "DUNNING_SMTP_PORT": str(ports.smtp),
            "DUNNING_MAIL_PAGE_PORT": str(ports.mail_page),
            "DUNNING_MAIL_FOLDER": str(self.mails),
            "DUNNING_PARTNER_PORT": str(ports.partner),
            "DUNNING_PARTNER_URL": f"http://127.0.0.1:{ports.partner}",
            "DUNNING_PARTNER_CLAIMS": str(self.claims),
            "DUNNING_PARTNER_WEBHOOK_SECRET_FILE": str(self.partner_secret),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{ports.temporal}",
            "TEMPORAL_NAMESPACE": "default",
        }

    def for_commands(self) -> list[str]:
        """Return the variables that other commands need to work on this installation."""
        wanted = {"DUNNING_DATABASE_URL", "DUNNING_SMTP_PORT", "DUNNING_PARTNER_URL"}
        wanted.add("DUNNING_CONSOLE_URL")
        known = self.environment()
        return [f"{name}={known[name]}" for name in sorted({*wanted, "TEMPORAL_ADDRESS"})]

    def temporal_command(self, *options: str) -> list[str]:
        command = [
            *(str(server_binary()), "server", "start-dev", "--ip", "127.0.0.1"),
            *("--port", str(self.ports.temporal), "--ui-port", str(self.ports.temporal_ui)),
            *("--db-filename", str(self.folder / "temporal.db"), *_SQLITE_PRAGMAS),
            # Sellers take turns on the queues, also while one of them imports thousands of orders.
            *("--dynamic-config-value", "matching.enableFairness=true"),
            *("--log-level", "error", *options),
        ]
        for key in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{key.name}={type_name(key)}"]
        return command

    def what_answers(self) -> list[str]:
        """Return the URLs that show whether the API and the stand-ins answer."""
        ports = self.ports
        paths = (f"{ports.mail_page}/", f"{ports.partner}/", f"{ports.api}/readyz")
        return [f"http://127.0.0.1:{path}" for path in paths]

    @property
    def worker(self) -> str:
        return f"http://127.0.0.1:{self.ports.metrics}/metrics"

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.ports.api}/console/"

    def addresses(self) -> list[tuple[str, str]]:
        local = "http://127.0.0.1"
        return [
            ("console of the sellers", self.console),
            ("API, with its documentation", f"{local}:{self.ports.api}/docs"),
            ("Temporal's Web UI", f"{local}:{self.ports.temporal_ui}"),
            ("mails", f"{local}:{self.ports.mail_page}"),
            ("collection partner", f"{local}:{self.ports.partner}"),
            ("figures of the worker", f"{local}:{self.ports.metrics}/metrics"),
            ("Temporal", f"127.0.0.1:{self.ports.temporal}"),
            ("SMTP", f"127.0.0.1:{self.ports.smtp}"),
        ]
