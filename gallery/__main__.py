"""Write every message and letter into `notices-out/`, as files and as pictures.

    python -m gallery [WORD …]

With words only what has all of them in its name: `python -m gallery de- final`. The messages are
those that the system sends when it plays the cases of `gallery.scenario`.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Final

from gallery.pictures import (
    AT_ONCE,
    DARK,
    VIEWS,
    View,
    chromium,
    contact_sheet,
    pictures_of_letter,
    pictures_of_pages,
)
from gallery.scenario import UNTIL, write_scenario

OUT: Final = Path("notices-out")
# What stands for all in the documentation: eight of the pictures.
ON_THE_SHEET: Final = (
    "de-first_notice-B-4711-letter-page-1",
    "en-final_notice-B-4711-letter-page-1",
    "fr-final_notice-D-Sommerschlussverkauf-2026-0000000000004711-letter-page-1",
    "es-final_notice-P-7-letter-page-1",
    "de-payment_reminder-P-8-800",
    "en-final_notice-B-4711-390",
    "es-final_notice-P-7-390",
    "fr-invoice_notice-B-4711-800",
)
_DARK_IN: Final = "de-"
_SIMULATE: Final = "from commands.main import main; main()"
_KIND: Final = re.compile(r"<(?:\w+\.(?:\d+\.)?)?(?P<kind>[a-z_-]+)")
_ORDER: Final = re.compile(r"\b[BDP]-[\w-]*\d")


def main(words: list[str]) -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    pages = [_write(name, mail) for name, mail in mails() if all(word in name for word in words)]
    browser = chromium()
    if browser:
        # Those of about one height together.
        pages.sort(key=lambda page: len(page.with_suffix(".txt").read_bytes()))
        shown = [(page, view) for page in pages for view in _views_of(page)]
        some = [shown[start : start + AT_ONCE] for start in range(0, len(shown), AT_ONCE)]
        with ThreadPoolExecutor(2) as two:
            list(two.map(partial(pictures_of_pages, browser), some))
    sheet = [OUT / f"{name}.png" for name in ON_THE_SHEET]
    if all(picture.exists() for picture in sheet):
        contact_sheet(sheet, OUT / "contact.png")
    sys.stdout.write(
        f"{len(pages)} messages in {OUT}/"
        + ("" if browser else "; Chromium was not found, so there are no pictures of the mails")
        + "\n"
    )


def _views_of(page: Path) -> tuple[View, ...]:
    """Colors are the same in each language: one is shown on a dark screen, too."""
    return (*VIEWS, DARK) if page.name.startswith(_DARK_IN) else VIEWS


def mails() -> Iterator[tuple[str, EmailMessage]]:
    """Yield every mail of the scenario, with a name for its files."""
    scenario, kept = OUT / "scenario.jsonl", OUT / "sent"
    write_scenario(scenario)
    command = ["simulate", str(scenario), "--until", UNTIL, "--mail", str(kept)]
    subprocess.run([sys.executable, "-c", _SIMULATE, *command], check=True)
    names: set[str] = set()
    for path in sorted(kept.rglob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        name = name_of(mail)
        number = 1 + sum(other.startswith(name) for other in names)
        names.add(f"{name}-{number}")
        yield name if number == 1 else f"{name}-{number}", mail


def name_of(mail: EmailMessage) -> str:
    """Language, kind and order of a mail: `de-final_notice-B-4711`."""
    kind = _KIND.match(str(mail["Message-ID"]))
    order = _ORDER.search(str(mail["Subject"]))
    parts = (mail["Content-Language"], kind and kind["kind"], order and order[0])
    return "-".join(str(part) for part in parts if part)


def _write(name: str, mail: EmailMessage) -> Path:
    """The mail, its parts and its letter as files; the page, of which pictures are made."""
    (OUT / f"{name}.eml").write_bytes(mail.as_bytes())
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
