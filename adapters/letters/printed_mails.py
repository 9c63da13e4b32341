"""Mails as PDFs, for partners that get sent mails as documents (R15)."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from typing import Final

from adapters.letters.typesetting import typeset

_HEADERS: Final = ("Date", "From", "To", "Subject")


def printed_mail(message: EmailMessage, *, sent_on: date) -> bytes:
    """Return headers and text of a mail as a PDF; the same mail always gives the same bytes."""
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    content = {
        "language": str(message["Content-Language"] or "en"),
        "subject": str(message["Subject"] or ""),
        "headers": [[name, str(message[name])] for name in _HEADERS if message[name]],
        "lines": text.rstrip().splitlines(),
    }
    return typeset("mail.typ", content, written_on=sent_on)
