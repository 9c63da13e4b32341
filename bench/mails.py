"""What a mail costs: CPU time of writing one, in a seller's look and with a payment code."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from time import process_time
from typing import Final

from adapters.look import Logo, Look
from adapters.mail import wire_format
from adapters.messages import write_notice
from adapters.notices import NextStep, Notice, Recipient, Sender
from bench.figures import percentile, show
from dunning.money import Money
from dunning.notices import NoticeKind
from dunning.plan import DunningOption

MAILS: Final = 200
LANGUAGES: Final = ("de", "en", "es", "fr")
PICTURE: Final = bytes(8_000)
"""Writing does not look into a picture."""


def main() -> None:
    for language in LANGUAGES:
        _write(_notice(language), 0)
    taken = []
    for number in range(MAILS):
        notice = _notice(LANGUAGES[number % len(LANGUAGES)])
        before = process_time()
        _write(notice, number)
        taken.append((process_time() - before) * 1000)
    show(f"CPU of one mail, mean of {MAILS}", f"{sum(taken) / MAILS:.1f} ms")
    show("CPU of one mail, 95 of 100 take no more than", f"{percentile(taken, 95):.1f} ms")


def _write(notice: Notice, number: int) -> bytes:
    mail = write_notice(
        notice,
        message_id=f"<{number}@dunning.example>",
        sent_at=datetime(2026, 4, 21, 7, tzinfo=UTC),
        mail_from="notices@dunning.example",
        qr_png=PICTURE,
    )
    return wire_format(mail)


def _notice(language: str) -> Notice:
    owed, nothing = (Money(amount=Decimal(amount), currency="EUR") for amount in ("119", "0"))
    return Notice(
        kind=NoticeKind.FINAL_NOTICE,
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
        look=Look(
            logo=Logo(content=PICTURE, subtype="png", width=600, height=160),
            primary="#c81e50",
            accent="#e0a800",
        ),
    )


if __name__ == "__main__":
    main()
