"""The payment code of a notice, which banking apps read (R25): EPC069-12, known as GiroCode.

It exists only for euros, because it describes a SEPA credit transfer.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from adapters.messages.values import Notice
from dunning.references import case_id_in

if TYPE_CHECKING:
    from segno import QRCode

# Country codes as in IBANs; islands and overseas territories have those of their states.
_EEA: Final = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
_SEPA_BEYOND: Final = frozenset(
    ("AD", "AL", "CH", "GB", "GI", "MC", "MD", "ME", "MK", "RS", "SM", "VA")
)
_LARGEST_AMOUNT: Final = Decimal("999999999.99")
_LONGEST_NAME: Final = 70
_MOST_BYTES: Final = 331
_QUIET_ZONE: Final = 4
_PIXELS_A_MODULE: Final = 8
_JOINER: Final = "\N{ZERO WIDTH JOINER}"


@dataclass(frozen=True)
class PaymentCode:
    """A payment code and its pictures, with the white border that readers need."""

    payload: str

    @cached_property
    def png(self) -> bytes:
        """The code with eight pixels a module, so that it stays sharp at half its size."""
        picture = io.BytesIO()
        self._drawn.save(picture, kind="png", scale=_PIXELS_A_MODULE, border=_QUIET_ZONE)
        return picture.getvalue()

    @cached_property
    def svg(self) -> bytes:
        picture = io.BytesIO()
        self._drawn.save(picture, kind="svg", border=_QUIET_ZONE, light="#ffffff", nl=False)
        return picture.getvalue()

    @cached_property
    def _drawn(self) -> QRCode:
        return _draw(self.payload)


def payment_code(notice: Notice) -> PaymentCode | None:
    """Return the code that pays exactly what a notice asks for; None if no SEPA transfer can.

    The lines are not made by `segno.helpers.make_epc_qr`: it writes `EUR124.9` for 124.90, rounds
    what it should refuse, and sets a charset by the name, which not every app follows. The empty
    lines after the reference are left out, as the standard requires.
    """
    sender, owed = notice.sender, notice.open_amount
    reference = (notice.reference or "").replace(" ", "").upper()
    if not (sender.iban and sender.company_name) or case_id_in(reference) is None:
        return None
    if owed.currency != "EUR" or not _is_reached(sender.iban, sender.bic):
        return None
    if not 0 < owed.amount <= _LARGEST_AMOUNT or owed.amount != round(owed.amount, 2):
        return None
    head = ("BCD", "002", "1", "SCT", _compact(sender.bic or ""))
    purpose = ""
    tail = (_compact(sender.iban), f"EUR{owed.amount:.2f}", purpose, reference)
    room = _MOST_BYTES - len("\n".join([*head, "", *tail]).encode())
    return PaymentCode("\n".join([*head, _cut(sender.company_name, room), *tail]))


def _is_reached(iban: str, bic: str | None) -> bool:
    """Whether SEPA reaches an account; outside the EEA the standard requires the BIC."""
    country = _compact(iban)[:2]
    return country in _EEA or (country in _SEPA_BEYOND and bool(bic))


@lru_cache(maxsize=16)
def _draw(payload: str) -> QRCode:
    """Draw a code. The cache is for a mail and its letter, which show the same code."""
    import segno

    # EPC069-12 requires exactly level M; banking apps do not read micro codes.
    return segno.make(
        payload, encoding="utf-8", mode="byte", error="m", boost_error=False, micro=False
    )


def _compact(code: str) -> str:
    return "".join(code.split()).upper()


def _cut(name: str, most_bytes: int) -> str:
    """Cut a name to whole characters that fit."""
    kept = name[:_LONGEST_NAME].encode()[:most_bytes].decode(errors="ignore")
    return kept.rstrip(f" {_JOINER}")
