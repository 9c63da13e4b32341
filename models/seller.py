"""A seller's documents: who it is, and how its money is to be collected (R12, R21 to R25)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from dunning.addresses.address import Address
from dunning.days import SendingWindow
from dunning.ladder import DunningOption
from dunning.receivables import Collecting
from dunning.summaries import Rhythm


class SellerProfile(BaseModel, frozen=True):
    """The merchant to whom the money is owed.

    `legal_notice` are the lines that the law requires in its letters, such as its managing
    directors. `may_deduct_input_tax`: whether it gets back the tax in an agency's fee; None means
    unknown.
    """

    company_name: str
    email: str
    address: Address | None = None
    phone: str | None = None
    website: str | None = None
    language: str = "en"
    time_zone: str = "UTC"
    reply_to: tuple[str, ...] = ()
    iban: str | None = None
    bic: str | None = None
    tax_id: str | None = None
    registration_number: str | None = None
    legal_notice: tuple[str, ...] = ()
    may_deduct_input_tax: bool | None = None
    payment_instructions: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Alignment(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Brand(BaseModel, frozen=True):
    """How a seller's mails and letters look (R25); the logo is a `data:` URL of a PNG."""

    logo: str | None = None
    logo_alignment: Alignment = Alignment.LEFT
    primary_color: str | None = None
    accent_color: str | None = None


class SellerSettings(BaseModel, frozen=True):
    """How a seller's unpaid orders are handled; the defaults are those of R21.

    R20: `waive_below` is the amount by currency below which a rest is not asked for;
    `hold_when_stale_days`: notices wait while the newest bank statement is older than this;
    `book_certain`: certain lines of a statement are booked when it is imported.
    """

    dunning_option: DunningOption = DunningOption.COURT
    auto_handoff: bool = True
    auto_chargeback_handoff: bool = True
    payment_term_days: int | None = None
    collect_past_from: date | None = None
    collect_new_from: date | None = None
    business_days_only: bool = False
    sending_window: SendingWindow = SendingWindow()
    debt_summary: Rhythm = Rhythm.OFF
    waive_below: dict[str, Decimal] = {}
    hold_when_stale_days: int | None = None
    book_certain: bool = False
    brand: Brand = Brand()

    @property
    def collecting(self) -> Collecting:
        return Collecting(past_from=self.collect_past_from, new_from=self.collect_new_from)
