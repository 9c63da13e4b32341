"""Writing messages: from their values to mails that are ready to be sent.

The same values always give the same bytes, so a message that is sent again is the same one (R16).
"""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from adapters.branding.brand_look import BrandLook
from adapters.branding.palette import palette_of
from adapters.messages import content as contents
from adapters.messages.locales import language_in
from adapters.messages.mime import Letter, assembled, headers_to_customer, named_address
from adapters.messages.pictures import pictures_of
from adapters.messages.platform import Platform
from adapters.messages.values import Notice, Posting, SellerMail
from adapters.messages.wording import WORDING

_NOT_IN_A_FILE_NAME: Final = re.compile(r"(?:[^A-Za-z0-9._-]|\.{2,})+")


def write_notice(
    notice: Notice,
    posting: Posting,
    *,
    qr_png: bytes | None = None,
    letter: bytes | None = None,
) -> EmailMessage:
    """Write the mail to the customer, with a payment code and a letter (a PDF) if given."""
    code = WORDING.language_for(notice.recipient.language, message=notice.kind)
    language = contents.language_of(code, notice.recipient, notice.sender)
    words = WORDING.words(language)
    images, pictures = pictures_of(notice.look, qr_png, posting.message_id)
    rendered = WORDING.render(
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
        attached = Letter(letter, _file_name(f"{rendered.title}-{notice.order_id}"))
    return assembled(
        rendered,
        headers=headers_to_customer(notice.sender, notice.recipient, posting),
        images=images,
        letter=attached,
    )


def write_seller_mail(
    mail: SellerMail, posting: Posting, *, platform: Platform | None = None
) -> EmailMessage:
    """Write the mail to the seller, from the platform and in the plain look."""
    platform = platform or Platform()
    code = WORDING.language_for(mail.recipient.language, message=mail.about)
    country = mail.recipient.country
    language = language_in(code, tag=mail.recipient.language, country=country)
    words = WORDING.words(language)
    plain = BrandLook()
    rendered = WORDING.render(
        mail.about,
        language=language,
        frame="frame",
        palette=palette_of(plain.primary, plain.accent),
        values={
            **contents.of_seller_mail(mail, words, language),
            "signature": platform.name,
        },
    )
    headers = {
        "From": named_address(platform.name, posting.mail_from),
        "To": named_address(mail.recipient.name, mail.recipient.email),
        "Date": posting.sent_at,
        "Message-ID": posting.message_id,
    }
    if platform.reply_to:
        headers["Reply-To"] = Address(addr_spec=platform.reply_to)
    return assembled(rendered, headers=headers)


def _file_name(words: str) -> str:
    """Return a file name in characters that every file system allows."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return f"{_NOT_IN_A_FILE_NAME.sub('-', plain).strip('-.')}.pdf"
