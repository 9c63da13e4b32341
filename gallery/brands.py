"""Three sellers: one who set nothing, a blue one with a logo, and one with daring colours."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

import adapters.letters.letter

Document = dict[str, Any]

_FONT: Final = Path(adapters.letters.letter.__file__).parent / "fonts" / "SourceSans3-Bold.ttf"

PLAIN: Final = "plain"
BLUE: Final = "blue"
DARING: Final = "daring"


def brands() -> dict[str, Document]:
    """Return the settings of each look."""
    return {
        PLAIN: {},
        BLUE: {
            "logo": _logo("Nordlicht Kurse", (620, 150), paper="#ffffff", ink="#0b5cad"),
            "primary_color": "#0b5cad",
            "accent_color": "#c2410c",
        },
        DARING: {
            "logo": _logo("KÜRBIS", (300, 240), paper="#1a0b2e", ink="#d7ff3e"),
            "logo_alignment": "center",
            "primary_color": "#1a0b2e",
            "accent_color": "#d7ff3e",
        },
    }


PROFILES: Final[dict[str, Document]] = {
    # What can be missing is missing.
    PLAIN: {"company_name": "Muster Handel GmbH", "email": "info@muster.example"},
    BLUE: {
        "company_name": "Nordlicht Kurse GmbH & Co. KG",
        "email": "buchhaltung@nordlicht.example",
        "reply_to": ["fragen@nordlicht.example"],
        "address": {
            "street": "Große Elbstraße 145",
            "postal_code": "22767",
            "city": "Hamburg",
            "country": "DE",
        },
        "phone": "+49 40 5550 1234",
        "website": "https://nordlicht.example",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "tax_id": "DE136695976",
        "registration_number": "HRA 123456, Amtsgericht Hamburg",
        "legal_notice": [
            "Nordlicht Verwaltungs-GmbH, Sitz Hamburg",
            "Geschäftsführerin: Wiebke Hansen",
        ],
    },
    DARING: {
        "company_name": "Kürbis Gemüsegroßhandelsgenossenschaft Südoststeiermark eG",
        "email": "rechnungswesen.mahnwesen@kuerbis-genossenschaft.example",
        "address": {
            "street": "Landesstraßenbaubezirk 12, Stiege 4, 3. Obergeschoss",
            "postal_code": "8330",
            "city": "Feldbach",
            "country": "AT",
        },
        "phone": "+43 3152 555 000",
        "website": "https://www.kuerbis-gemuesegrosshandelsgenossenschaft.example",
        "iban": "AT611904300234573201",
        "tax_id": "ATU12345675",
        "payment_instructions": "Bitte nur per Überweisung.\nBarzahlung ist nicht möglich.",
    },
}


def _logo(words: str, size: tuple[int, int], *, paper: str, ink: str) -> str:
    """A PNG as a `data:` URL."""
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
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
