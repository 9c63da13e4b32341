"""What a notice costs: CPU time of writing one, in a seller's look, with code and letter."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from time import process_time
from typing import Final

import segno

from adapters.branding.brand_look import brand_look_of
from adapters.complete_notice import write_complete_notice
from adapters.mail import wire_format
from adapters.messages.values import NextStep, Notice, Posting, Recipient, Sender
from bench.figures import percentile, show
from dunning.ladder import DunningOption
from dunning.money import Money
from dunning.notices import NoticeKind
from models.seller import Brand

MAILS: Final = 200
LANGUAGES: Final = ("de", "en", "es", "fr")
KINDS: Final = {
    "a mail": NoticeKind.PAYMENT_REMINDER,
    "a mail with its letter": NoticeKind.FINAL_NOTICE,
}
_DRAWN: Final = BytesIO()
segno.make("a logo").save(_DRAWN, kind="png", scale=6)
LOGO: Final = f"data:image/png;base64,{b64encode(_DRAWN.getvalue()).decode()}"


def main() -> None:
    for words, kind in KINDS.items():
        for language in LANGUAGES:
            _write(_notice(kind, language), 0)
        taken = []
        for number in range(MAILS):
            notice = _notice(kind, LANGUAGES[number % len(LANGUAGES)])
            before = process_time()
            _write(notice, number)
            taken.append((process_time() - before) * 1000)
        show(f"CPU of {words}, mean of {MAILS}", f"{sum(taken) / MAILS:.1f} ms")
        show(f"CPU of {words}, 95 of 100 at most", f"{percentile(taken, 95):.1f} ms")


def _write(notice: Notice, number: int) -> bytes:
    mail = write_complete_notice(
        notice,
        Posting(
            message_id=f"<{number}@dunning.example>",
            sent_at=datetime(2026, 4, 21, 7, tzinfo=UTC),
            mail_from="notices@dunning.example",
        ),
    )
    return wire_format(mail)


def _notice(kind: NoticeKind, language: str) -> Notice:
    owed, nothing = (Money(amount=Decimal(amount), currency="EUR") for amount in ("119", "0"))
    return Notice(
        kind=kind,
        sender=Sender(
            company_name="Muster Handel GmbH",
            email="info@muster.example",
            address=("Marktplatz 1", "10115 Berlin"),
            iban="DE89370400440532013000",
        ),
        recipient=Recipient(name="Ada Muster", email="ada@example.org", language=language),
        order_id="A-4711",
        invoice_date=date(2026, 4, 1),
        total=owed,
        amount=owed,
        paid=nothing,
        fees=nothing,
        open_amount=owed,
        due_date=date(2026, 4, 1),
        days_overdue=20,
        next_step=NextStep.HANDOFF,
        next_step_on=date(2026, 5, 1),
        dunning_option=DunningOption.COURT,
        payment_reference="A-4711",
        written_on=date(2026, 4, 21),
        reference="RF18539007547034",
        look=brand_look_of(Brand(logo=LOGO, primary_color="#c81e50", accent_color="#e0a800")),
    )


if __name__ == "__main__":
    main()
