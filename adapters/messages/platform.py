"""The platform that runs the system, as mails name it; it is the same for all sellers."""

from __future__ import annotations

from adapters.messages.clean_text import Line, MailAddress
from adapters.messages.values import Partner, Value


class Platform(Value):
    """The platform's name and addresses in mails to sellers, and its collection partner.

    `url` is the base of links to the console and the settings page.
    """

    name: Line = "Dunning"
    reply_to: MailAddress | None = None
    url: str = "http://127.0.0.1:8000"
    partner: Partner = Partner()
