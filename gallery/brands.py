"""Three sellers: one who set nothing, a blue one with a logo, and one with daring colours."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

import adapters.letters.letter
from adapters.branding.look import Logo, Look
from adapters.messages.values import Sender
from models.seller import Alignment

_FONT: Final = Path(adapters.letters.letter.__file__).parent / "fonts" / "SourceSans3-Bold.ttf"

PLAIN: Final = "plain"
BLUE: Final = "blue"
DARING: Final = "daring"


def looks() -> dict[str, Look]:
    return {
        PLAIN: Look(),
        BLUE: Look(
            logo=_logo("Nordlicht Kurse", (620, 150), paper="#ffffff", ink="#0b5cad"),
            primary="#0b5cad",
            accent="#c2410c",
        ),
        DARING: Look(
            logo=_logo("KÜRBIS", (300, 240), paper="#1a0b2e", ink="#d7ff3e"),
            logo_alignment=Alignment.CENTER,
            primary="#1a0b2e",
            accent="#d7ff3e",
        ),
    }


SENDERS: Final = {
    # What can be missing is missing.
    PLAIN: Sender(company_name="Muster Handel GmbH", email="info@muster.example"),
    BLUE: Sender(
        company_name="Nordlicht Kurse GmbH & Co. KG",
        email="buchhaltung@nordlicht.example",
        reply_to=("fragen@nordlicht.example",),
        address=("Große Elbstraße 145", "22767 Hamburg"),
        phone="+49 40 5550 1234",
        website="https://nordlicht.example",
        iban="DE89370400440532013000",
        bic="COBADEFFXXX",
        tax_id="DE136695976",
        registration_number="HRA 123456, Amtsgericht Hamburg",
    ),
    DARING: Sender(
        company_name="Kürbis Gemüsegroßhandelsgenossenschaft Südoststeiermark eG",
        email="rechnungswesen.mahnwesen@kuerbis-genossenschaft.example",
        address=("Landesstraßenbaubezirk 12, Stiege 4, 3. Obergeschoss", "8330 Feldbach", "AT"),
        phone="+43 3152 555 000",
        website="https://www.kuerbis-gemuesegrosshandelsgenossenschaft.example",
        iban="AT611904300234573201",
        tax_id="ATU12345675",
        payment_instructions="Bitte nur per Überweisung.\nBarzahlung ist nicht möglich.",
    ),
}


def _logo(words: str, size: tuple[int, int], *, paper: str, ink: str) -> Logo:
    width, height = size
    picture = Image.new("RGB", size, paper)
    drawing = ImageDraw.Draw(picture)
    side = height // 3
    drawing.ellipse((side // 2, side // 2, side // 2 + side, side // 2 + side), fill=ink)
    fitting = min(height // 3, int(1.6 * (width - 2 * side) / len(words)))
    font = ImageFont.truetype(str(_FONT), fitting)
    drawing.text((side // 2, height - side // 2), words, font=font, fill=ink, anchor="ls")
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return Logo(content=file.getvalue(), width=width, height=height)
