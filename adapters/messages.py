"""The writing of messages: what is to be said goes in, a mail ready to be sent comes out.

The same value is always the same bytes: a message that is sent again is the same message (R16).
"""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from adapters import contents
from adapters.look import Logo, Look
from adapters.mailing import Image, Letter, assembled, content_id, named_address
from adapters.notices import DebtSummary, Notice, SellerMail, Sender
from adapters.palette import palette_of
from adapters.wording import Wording

_WORDING: Final = Wording(Path(__file__).parent / "templates")
_DEBT_SUMMARY: Final = "debt_summary"
_LOGO_WIDTH: Final = 240
_LOGO_HEIGHT: Final = 72
_NOT_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class _Picture(NamedTuple):
    """An image of the page, with the size at which it is shown."""

    content_id: str
    width: int
    height: int


def language_for(tag: str) -> str:
    """The language in which a customer is written to: `de` for `de-AT`; English if unknown."""
    return _WORDING.language_for(tag)


def write_notice(
    notice: Notice,
    *,
    message_id: str,
    sent_at: datetime,
    mail_from: str,
    qr_png: bytes | None = None,
    letter: bytes | None = None,
) -> EmailMessage:
    """The mail to the customer, with a payment code to scan and the letter (a PDF), if given."""
    language = _WORDING.language_for(notice.recipient.language, message=notice.kind)
    words = _WORDING.words(language)
    images, pictures = _images(notice.look, qr_png, message_id)
    rendered = _WORDING.render(
        notice.kind,
        language=language,
        frame="notice",
        palette=palette_of(notice.look.primary, notice.look.accent),
        values={
            **contents.of_notice(notice, words, language),
            **pictures,
            "letter": letter is not None,
        },
    )
    attached = None
    if letter is not None:
        attached = Letter(letter, _file_name(words.letter_names[notice.kind], notice.order_id))
    return assembled(
        rendered,
        headers=_headers(notice.sender, notice.recipient, mail_from, message_id, sent_at),
        images=images,
        letter=attached,
    )


def write_debt_summary(
    summary: DebtSummary, *, message_id: str, sent_at: datetime, mail_from: str
) -> EmailMessage:
    """The list of all that a customer owes one seller; the one mail that can be called off."""
    language = _WORDING.language_for(summary.recipient.language, message=_DEBT_SUMMARY)
    words = _WORDING.words(language)
    images, pictures = _images(summary.look, None, message_id)
    rendered = _WORDING.render(
        _DEBT_SUMMARY,
        language=language,
        frame="summary",
        palette=palette_of(summary.look.primary, summary.look.accent),
        values={**contents.of_summary(summary, words, language), **pictures},
    )
    headers = _headers(summary.sender, summary.recipient, mail_from, message_id, sent_at)
    call_off = f"{_reply_to(summary.sender)[0]}?subject={quote(words.call_off)}"
    return assembled(
        rendered,
        headers={**headers, "List-Unsubscribe": f"<mailto:{call_off}>"},
        images=images,
    )


def write_seller_mail(
    mail: SellerMail, *, message_id: str, sent_at: datetime, mail_from: str
) -> EmailMessage:
    """The mail that tells the seller, in the plain look."""
    language = _WORDING.language_for(mail.recipient.language, message=mail.about)
    words = _WORDING.words(language)
    plain = Look()
    rendered = _WORDING.render(
        mail.about,
        language=language,
        frame="frame",
        palette=palette_of(plain.primary, plain.accent),
        values=contents.of_seller_mail(mail, words, language),
    )
    return assembled(
        rendered,
        headers={
            "From": Address(addr_spec=mail_from),
            "To": named_address(mail.recipient.name, mail.recipient.email),
            "Date": sent_at,
            "Message-ID": message_id,
        },
    )


def _headers(
    sender: Sender, recipient: Any, mail_from: str, message_id: str, sent_at: datetime
) -> dict[str, Any]:
    return {
        "From": named_address(sender.company_name, mail_from),
        "To": named_address(recipient.name, recipient.email),
        "Reply-To": [Address(addr_spec=address) for address in _reply_to(sender)],
        "Date": sent_at,
        "Message-ID": message_id,
    }


def _reply_to(sender: Sender) -> tuple[str, ...]:
    return sender.reply_to or (sender.email,)


def _images(
    look: Look, qr_png: bytes | None, message_id: str
) -> tuple[tuple[Image, ...], dict[str, Any]]:
    """The images of a mail, and what its page must know of them."""
    images: list[Image] = []
    pictures: dict[str, Any] = {"look": look, "logo": None, "qr_code": None}
    if look.logo is not None:
        cid = content_id("logo", message_id)
        images.append(Image(cid, look.logo.content, look.logo.subtype, f"logo.{look.logo.subtype}"))
        pictures["logo"] = _Picture(cid, *_shown_size(look.logo))
    if qr_png is not None:
        cid = content_id("payment-code", message_id)
        images.append(Image(cid, qr_png, "png", "payment-code.png"))
        pictures["qr_code"] = cid
    return tuple(images), pictures


def _shown_size(logo: Logo) -> tuple[int, int]:
    """As large as it is, but no larger than the header has room for."""
    scale = min(1, _LOGO_WIDTH / logo.width, _LOGO_HEIGHT / logo.height)
    return max(1, round(logo.width * scale)), max(1, round(logo.height * scale))


def _file_name(name: str, order_id: str) -> str:
    return f"{name}-{_NOT_IN_A_FILE_NAME.sub('-', order_id).strip('-.')}.pdf"
