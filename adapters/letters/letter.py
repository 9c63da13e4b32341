"""The letter of a written notice (R5, R6): a PDF for an envelope with a window (DIN 5008, form B).

Words are in `templates/<language>/letter.toml`, the layout is `templates/letter.typ`.
"""

from __future__ import annotations

from typing import Final

from adapters.letters.content import letter_content
from adapters.letters.typesetting import typeset
from adapters.letters.words import letter_language
from adapters.messages.values import Notice
from dunning.notices import NoticeKind

WRITTEN_NOTICES: Final = (NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE)


def write_letter(notice: Notice) -> bytes:
    """The letter as a PDF; the same notice is always the same bytes."""
    language = letter_language(notice.recipient.language)
    content = letter_content(notice, language)
    return typeset("letter.typ", content, written_on=notice.written_on)
