"""The complete notice that goes out: the mail with its payment code and its letter."""

from __future__ import annotations

from email.message import EmailMessage

from adapters.letters.letter import write_letter
from adapters.letters.paycode import payment_code
from adapters.messages.compose import write_notice
from adapters.messages.values import Notice, Posting
from dunning.ladder import WRITTEN_NOTICES


def write_complete_notice(notice: Notice, posting: Posting) -> EmailMessage:
    """Write the mail to the customer; the same notice is always the same bytes."""
    code = payment_code(notice)
    return write_notice(
        notice,
        posting,
        qr_png=code.png if code else None,
        letter=write_letter(notice) if notice.kind in WRITTEN_NOTICES else None,
    )
