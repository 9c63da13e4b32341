"""Letters for tests, and what their readers see."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdf
import pypdfium2
import pytest
from PIL import Image

from adapters.letters.content import letter_content
from adapters.letters.letter import write_letter
from adapters.letters.signs import strings_of
from adapters.messages.content import language_of
from adapters.messages.values import Notice
from adapters.messages.wording import WORDING
from dunning.ladder import WRITTEN_NOTICES
from dunning.notices import NoticeKind
from dunning.references import reference_of
from tests.adapters.samples import a_notice, a_recipient

LANGUAGES = ("de", "en", "es", "fr")
REFERENCE = reference_of("k4mz2w7qxh3t9abc")
ENVELOPE = ("Beispiel Werkzeugbau GmbH", "Ada Muster", "Lange Straße 12", "04109 Leipzig")
MILLIMETERS = 25.4 / 72
PAGE_HEIGHT = 297.0

each_language = pytest.mark.parametrize("language", LANGUAGES)
each_letter = pytest.mark.parametrize("kind", WRITTEN_NOTICES)


def a_letter(kind: NoticeKind = NoticeKind.FIRST_NOTICE, **given: Any) -> Notice:
    language = given.pop("language", "en")
    recipient = {key: given.pop(key) for key in ("name", "envelope") if key in given}
    values: dict[str, Any] = {
        "reference": REFERENCE,
        "recipient": a_recipient(language, **{"envelope": ENVELOPE} | recipient),
    }
    return a_notice(kind, **values | given)


class Box(NamedTuple):
    """Where a sign stands, in millimeters from the upper left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float


def pages(letter: bytes) -> list[str]:
    """The words of each page, on one line, as a reader copies them."""
    document = pypdfium2.PdfDocument(letter)
    return [one_line(page.get_textpage().get_text_range()) for page in document]


def words(notice: Notice) -> str:
    """What its paper says."""
    return " ".join(pages(write_letter(notice)))


def said(notice: Notice) -> str:
    """What is given to be set on paper, which takes a hundred times as long."""
    code = WORDING.language_for(notice.recipient.language, message=notice.kind)
    content = letter_content(notice, language_of(code, notice.recipient, notice.sender))
    texts = (part for name, part in content.items() if name not in ("code", "logo"))
    return one_line(" ".join(strings_of(list(texts))).replace("\x1e", ""))


def one_line(text: str) -> str:
    """Without the signs that only guide the breaking of lines."""
    return re.sub(r"[\s\xa0\u202f]+", " ", re.sub("[\ufffe\x02]", "", text)).strip()


def signs(letter: bytes) -> Iterator[tuple[str, Box]]:
    """The signs of the first page."""
    page = pypdfium2.PdfDocument(letter)[0]
    text = page.get_textpage()
    for index, sign in enumerate(text.get_text_range()):
        left, bottom, right, top = (at * MILLIMETERS for at in text.get_charbox(index))
        if sign.strip("\r\n "):
            yield sign, Box(left, PAGE_HEIGHT - top, right, PAGE_HEIGHT - bottom)


def picture(letter: bytes, *, scale: float = 3) -> Image.Image:
    return pypdfium2.PdfDocument(letter)[0].render(scale=scale).to_pil()


def as_written(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def is_archivable(letter: bytes) -> bool:
    metadata = pypdf.PdfReader(io.BytesIO(letter)).xmp_metadata
    assert metadata is not None
    return "<pdfaid:part>2</pdfaid:part>" in metadata.rdf_root.toxml()
