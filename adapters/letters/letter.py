"""The letter of a written notice (R5, R6): a PDF for an envelope with a window (DIN 5008, form B).

Its sentences are those of the mail, `templates/<language>/<kind>.j2`. Words that only the letter
has are in `letter.toml`; the layout is `templates/letter.typ`.
"""

from __future__ import annotations

from adapters.letters.content import letter_content
from adapters.letters.typesetting import typeset
from adapters.messages.content import language_of
from adapters.messages.values import Notice
from adapters.messages.wording import WORDING


def write_letter(notice: Notice) -> bytes:
    """Write the letter as a PDF; the same notice always gives the same bytes."""
    code = WORDING.language_for(notice.recipient.language, message=notice.kind)
    language = language_of(code, notice.recipient, notice.sender)
    content = letter_content(notice, language)
    return typeset("letter.typ", content, written_on=notice.written_on)
