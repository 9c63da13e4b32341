"""The query of a preview: what of which message, and settings to try."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from dunning.ladder import DunningOption
from models.seller import Alignment
from starter.input.fields import Color, Iban, Language, Strict
from starter.input.schemas import MOST_LEGAL_LINES
from starter.input.texts import FilledLine, OptionalLine, OptionalParagraph


class PreviewPart(StrEnum):
    """What of a message is asked for; `eml` is all of it."""

    HTML = "html"
    TEXT = "text"
    PDF = "pdf"
    EML = "eml"


class PreviewQuery(Strict):
    """The language, else the seller's; what is shown; and settings to try."""

    language: Language | None = None
    part: PreviewPart = PreviewPart.HTML
    company_name: FilledLine | None = None
    phone: OptionalLine = None
    website: OptionalLine = None
    iban: Iban | None = None
    tax_id: OptionalLine = None
    registration_number: OptionalLine = None
    legal_notice: tuple[FilledLine, ...] = Field(default=(), max_length=MOST_LEGAL_LINES)
    payment_instructions: OptionalParagraph = None
    primary_color: Color | None = None
    accent_color: Color | None = None
    logo_alignment: Alignment | None = None
    dunning_option: DunningOption | None = None

    def drafted(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}
