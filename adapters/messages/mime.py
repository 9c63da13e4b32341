"""Assembling a mail (MIME) from a rendered message, its images and its letter."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from typing import Any, Final, NamedTuple

from adapters.messages.values import Posting, Recipient, Sender
from adapters.messages.wording import Rendered

_HEADER_SPECIALS: Final = re.compile(r'[\\"(),.:;<>@\[\]]+')
_LONGEST_QUOTED_NAME: Final = 40
_LONGEST_NAME: Final = 78


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is one word, such as a URL or the id of a message, and is never folded.

    The email package would break a long one into encoded words, or leave its first line empty.
    """

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)
_HEADERS.map_to_type("message-id", _OneLine)
_POLICY: Final = SMTP.clone(header_factory=_HEADERS)


class Image(NamedTuple):
    """A picture of the page that is sent within the mail."""

    content_id: str
    content: bytes
    subtype: str
    file_name: str


class Letter(NamedTuple):
    """The PDF that comes with a mail."""

    content: bytes
    file_name: str


def content_id(name: str, message_id: str) -> str:
    """Return the id of a picture; it is different, but fixed, for each picture of each message."""
    domain = message_id.rstrip(">").rpartition("@")[2]
    return f"{name}.{_digest(f'{message_id}/{name}')}@{domain}"


def named_address(name: str, mail_address: str) -> Address:
    """Return an address whose name the email package can fold without damage.

    When the package folds a line, it drops the quotes of a long name. A comma in the name would
    then begin another address.
    """
    if len(name) > _LONGEST_QUOTED_NAME:
        name = " ".join(_HEADER_SPECIALS.sub(" ", name).split())[:_LONGEST_NAME].strip()
    return Address(name, addr_spec=mail_address)


def headers_to_customer(sender: Sender, recipient: Recipient, posting: Posting) -> dict[str, Any]:
    """From the seller by way of the platform; answers go to the seller (R25)."""
    return {
        "From": named_address(sender.company_name, posting.mail_from),
        "To": named_address(recipient.name, recipient.email),
        "Reply-To": [Address(addr_spec=address) for address in reply_to(sender)],
        "Date": posting.sent_at,
        "Message-ID": posting.message_id,
    }


def reply_to(sender: Sender) -> tuple[str, ...]:
    """Return the addresses for customers' replies to a seller."""
    return sender.reply_to or (sender.email,)


def assembled(
    rendered: Rendered,
    *,
    headers: Mapping[str, Any],
    images: tuple[Image, ...] = (),
    letter: Letter | None = None,
) -> EmailMessage:
    """Assemble a mail: text and page as alternatives, images with the page, the letter attached."""
    mail = EmailMessage(policy=_POLICY)
    for name, value in headers.items():
        mail[name] = value
    mail["Subject"] = rendered.subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    _show(mail, images)
    if letter is not None:
        mail.add_attachment(
            letter.content, maintype="application", subtype="pdf", filename=letter.file_name
        )
    mail["Content-Language"] = rendered.language
    _set_boundaries(mail, message_id=str(headers["Message-ID"]))
    return mail


def _show(mail: EmailMessage, images: tuple[Image, ...]) -> None:
    page = mail.get_body(("html",))
    assert page is not None
    for image in images:
        page.add_related(
            image.content,
            maintype="image",
            subtype=image.subtype,
            cid=f"<{image.content_id}>",
            filename=image.file_name,
        )


def _set_boundaries(mail: MIMEPart, *, message_id: str) -> None:
    """Set the boundaries, which the email package would choose at random."""
    multiparts = (part for part in mail.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{_digest(f'{message_id}/{number}')}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
