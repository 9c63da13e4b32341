"""Write every message and letter into `notices-out/`, as files and as pictures.

    python -m gallery [WORD …]

With words only what has all of them in its name: `python -m gallery -de- final`.
"""

from __future__ import annotations

import base64
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

from adapters.mail import wire_format
from adapters.messages.compose import write_seller_mail
from adapters.messages.full_notice import write_complete_notice
from adapters.messages.summaries import write_debt_summary
from gallery.brands import BLUE, DARING, PLAIN, looks
from gallery.pictures import chromium, contact_sheet, pictures_of_letter, pictures_of_page
from gallery.samples import LANGUAGES, notices, seller_mails, summary

OUT: Final = Path("notices-out")
MAIL_FROM: Final = "notices@platform.example"
SENT_AT: Final = datetime(2026, 4, 21, 7, 3, tzinfo=UTC)
# What stands for all in the documentation: eight of the pictures.
ON_THE_SHEET: Final = (
    f"{BLUE}-de-first_notice-letter-page-1",
    f"{BLUE}-en-final_notice-court-letter-page-1",
    f"{DARING}-fr-final_notice-cancellation-letter-page-1",
    f"{PLAIN}-es-final_notice-no_collection-letter-page-1",
    f"{BLUE}-de-payment_reminder-800",
    f"{BLUE}-en-final_notice-court-390",
    f"{DARING}-de-first_notice-390",
    f"{PLAIN}-es-invoice_notice-800",
)


def main(words: list[str]) -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    pages = [_write(name, mail) for name, mail in mails() if all(word in name for word in words)]
    browser = chromium()
    if browser:
        with ThreadPoolExecutor(2) as two:
            list(two.map(partial(pictures_of_page, browser), pages))
    sheet = [OUT / f"{name}.png" for name in ON_THE_SHEET]
    if all(picture.exists() for picture in sheet):
        contact_sheet(sheet, OUT / "contact.png")
    sys.stdout.write(
        f"{len(pages)} messages in {OUT}/"
        + ("" if browser else "; Chromium was not found, so there are no pictures of the mails")
        + "\n"
    )


def mails() -> Iterator[tuple[str, EmailMessage]]:
    """Every mail, as the system writes it, with a name for its files."""
    for language in LANGUAGES:
        for brand, look in looks().items():
            for name, notice in notices(brand, look, language):
                whole = f"{brand}-{language}-{name}"
                yield (
                    whole,
                    write_complete_notice(
                        notice,
                        message_id=f"<{whole}@platform.example>",
                        sent_at=SENT_AT,
                        mail_from=MAIL_FROM,
                    ),
                )
            whole = f"{brand}-{language}-debt_summary"
            yield (
                whole,
                write_debt_summary(
                    summary(brand, look, language),
                    message_id=f"<{whole}@platform.example>",
                    sent_at=SENT_AT,
                    mail_from=MAIL_FROM,
                ),
            )
        for name, mail in seller_mails(language):
            whole = f"seller-{language}-{name}"
            yield (
                whole,
                write_seller_mail(
                    mail,
                    message_id=f"<{whole}@platform.example>",
                    sent_at=SENT_AT,
                    mail_from=MAIL_FROM,
                ),
            )


def _write(name: str, mail: EmailMessage) -> Path:
    """The mail, its parts and its letter as files; the page, of which pictures are made."""
    (OUT / f"{name}.eml").write_bytes(wire_format(mail))
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    (OUT / f"{name}.txt").write_text(text.get_content(), "utf-8")
    target = OUT / f"{name}.html"
    target.write_text(_with_images(page.get_content(), mail), "utf-8")
    for attached in mail.iter_attachments():
        letter = OUT / f"{name}-letter.pdf"
        letter.write_bytes(attached.get_content())
        pictures_of_letter(letter)
    return target


def _with_images(page: str, mail: EmailMessage) -> str:
    """As a mail program shows it: with the images that the mail brings along."""
    images = {
        str(part["Content-ID"]).strip("<>"): part
        for part in mail.walk()
        if part["Content-ID"] and part.get_content_maintype() == "image"
    }

    def shown(found: re.Match[str]) -> str:
        image = images[found[1]]
        content = base64.b64encode(image.get_content()).decode()
        return f"data:{image.get_content_type()};base64,{content}"

    return re.sub(r"cid:([^\"')\s]+)", shown, page)


if __name__ == "__main__":
    main(sys.argv[1:])
