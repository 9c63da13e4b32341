"""Who runs the system, as far as mails say it: set once, for all sellers."""

from __future__ import annotations

from adapters.messages.clean_text import Line, MailAddress
from adapters.messages.values import Partner, Value


class Platform(Value):
    """From whom sellers get their mails, and where they answer and act.

    `url` is where people reach the console and the settings page.
    """

    name: Line = "Dunning"
    reply_to: MailAddress | None = None
    url: str = "http://127.0.0.1:8000"
    partner: Partner = Partner()
