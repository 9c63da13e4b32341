"""Sample bank statements of the sample seller in Berlin, in every format that is read.

All of them tell the same days, with every kind of line: with the number of an order, with a
creditor reference, with the payer's name alone, cut and glued names, a part of an order, several
orders at once, an order that is paid already, a mistyped number, a stranger, equal payments of
one day, a batch, a pending line, money that went out, a return and a reversal. The people are
those of `simulation.sample`.

`python -m simulation.statements FOLDER [DAY]` writes them, the last day of all being `DAY`.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from dunning.receivables import case_id_of
from dunning.references import in_fours, reference_of

ACCOUNT: Final = "DE89370400440532013000"
LAST_DAY: Final = date(2026, 11, 27)
_OPENING: Final = Decimal("5000.00")
_LINE: Final = 65
_SUBFIELD: Final = 27


class Payment(NamedTuple):
    """A transaction, so many days before the last one; `reason` makes it a return.

    `charges` are the bank's part of the amount of a return; payments of one `batch` are booked
    as one.
    """

    days_ago: int
    amount: str
    name: str
    text: str
    payer: int | None = None
    end_to_end_id: str | None = None
    reason: str | None = None
    charges: str | None = None
    batch: str | None = None
    is_reversal: bool = False

    @property
    def value(self) -> Decimal:
        return Decimal(self.amount)


_L_1003: Final = case_id_of("lindenhof", "L-1003", None)
PAYMENTS: Final = (
    Payment(4, "119.00", "Ada Muster", "Kurs Portraet L-1001", 1, "E2E-1001"),
    Payment(4, "249.00", "NOETHER EMMY", "vielen Dank", 2),
    Payment(4, "1499.00", "KARL WEIERSTRASS", "Jahreskurs", 4),
    Payment(4, "100.00", "Felix Klein", "L-1005 erste Rate", 5),
    Payment(4, "89.90", "Lise Meitner", in_fours(reference_of(_L_1003)), 3),
    Payment(3, "219.00", "Otto Klein", "danke", 31),
    Payment(3, "124.00", "Otto Hahn und Max Born", "L-1006 und L-1007", 6),
    Payment(3, "-900.00", "Hausverwaltung Ost", "Miete November", 90),
    Payment(3, "130.00", "Hans Bethe", "Bestellung L-1080", 8),
    Payment(2, "60.00", "Clara Immerwahr", "L-1010", 10),
    Payment(2, "120.00", "Carl Gauss", "Rest L-1014", 14, "E2E-1014", batch="S-1"),
    Payment(2, "95.00", "Hermann Weyl", "L-1009", 9, "E2E-1009", batch="S-1"),
    Payment(2, "20.00", "Rita Süßmuth", "Rate L-1019", 19),
    Payment(2, "20.00", "Rita Süßmuth", "Rate L-1019", 19),
    Payment(1, "640.00", "MaxPlanck", "", 15),
    Payment(1, "12.00", "Rosa Anders", "Spende vom 20.11.2026, 10115 Berlin", 70),
    Payment(
        1,
        "-483.00",
        "Bernhard Riemann",
        "Rueckgabe L-1013",
        13,
        "E2E-1013",
        reason="AC04",
        charges="3.00",
    ),
    Payment(1, "-15.00", "Postladen", "Fehlbuchung", is_reversal=True),
    Payment(0, "330.00", "Otto Stern", "L-1018", 18),
)
# Of the last day, in the report of the morning after.
PENDING: Final = Payment(0, "95.00", "Emmy Noether", "L-1002 zweite Zahlung", 2)


def sample_files(last: date = LAST_DAY) -> dict[str, bytes]:
    """All sample files, by name."""
    statement = _camt("053", PAYMENTS, last)
    notice = _camt("054", [payment for payment in PAYMENTS if payment.batch], last)
    return {
        "lindenhof.camt.053.xml": statement,
        "lindenhof.camt.052.xml": _camt("052", (PAYMENTS[-1], PENDING), last),
        "lindenhof.camt.054.xml": notice,
        "lindenhof.camt.zip": _zip({"053.xml": statement, "054.xml": notice}, last),
        "lindenhof.mt940.sta": _mt940(last),
        "lindenhof.umsaetze.csv": _table(last),
        "banco_de_chile.cartola.txt": _cartola(last),
    }


def iban_of(payer: int) -> str:
    """An IBAN of a bank that does not exist, with the right check digits."""
    bban = f"{99999999}{payer:010}"
    return f"DE{98 - int(f'{bban}131400') % 97:02}{bban}"


def _day(payment: Payment, last: date) -> date:
    return last - timedelta(days=payment.days_ago)


def _bookings(payments: Sequence[Payment]) -> list[list[Payment]]:
    """Group the payments that the bank booked as one sum."""
    bookings: list[list[Payment]] = []
    for payment in payments:
        if payment.batch and bookings and bookings[-1][0].batch == payment.batch:
            bookings[-1].append(payment)
        else:
            bookings.append([payment])
    return bookings


def _total(payments: Sequence[Payment]) -> Decimal:
    return sum((payment.value for payment in payments), Decimal(0))


_MESSAGES: Final = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def _camt(message: str, payments: Sequence[Payment], last: date) -> bytes:
    outer, inner = _MESSAGES[message]
    first = last - timedelta(days=5)
    closing = _OPENING + _total(payments)
    balances = "".join(
        f"""
      <Bal>
        <Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>
        <Amt Ccy="EUR">{amount}</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd>
        <Dt><Dt>{day}</Dt></Dt>
      </Bal>"""
        for code, amount, day in (("OPBD", _OPENING, first), ("CLBD", closing, last))
    )
    entries = "".join(_entry(booking, last) for booking in _bookings(payments))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.08">
  <{outer}>
    <GrpHdr><MsgId>{message}-{last}</MsgId><CreDtTm>{last}T21:00:00+01:00</CreDtTm></GrpHdr>
    <{inner}>
      <Id>{message}-{last}</Id>
      <CreDtTm>{last}T21:00:00+01:00</CreDtTm>
      <Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>{
        balances if message == "053" else ""
    }{entries}
    </{inner}>
  </{outer}>
</Document>
""".encode()


def _entry(booking: Sequence[Payment], last: date) -> str:
    first, total = booking[0], _total(booking)
    status = "PDNG" if first is PENDING else "BOOK"
    day = _day(first, last)
    reversal = "\n        <RvslInd>true</RvslInd>" if first.is_reversal else ""
    details = "".join(_transaction(payment) for payment in booking)
    return f"""
      <Ntry>
        <Amt Ccy="EUR">{abs(total)}</Amt>
        <CdtDbtInd>{"DBIT" if total < 0 else "CRDT"}</CdtDbtInd>{reversal}
        <Sts><Cd>{status}</Cd></Sts>
        <BookgDt><Dt>{day}</Dt></BookgDt>
        <ValDt><Dt>{day}</Dt></ValDt>
        <NtryDtls>{details}
        </NtryDtls>
      </Ntry>"""


def _transaction(payment: Payment) -> str:
    """Name the other side: the creditor if the seller paid, else the debtor, also in a return."""
    side = "Cdtr" if payment.value < 0 and not payment.reason else "Dbtr"
    account = iban_of(payment.payer) if payment.payer else ""
    given = f"<{side}Acct><Id><IBAN>{account}</IBAN></Id></{side}Acct>" if account else ""
    text = f"<RmtInf><Ustrd>{escape(payment.text)}</Ustrd></RmtInf>" if payment.text else ""
    back = f"<RtrInf><Rsn><Cd>{payment.reason}</Cd></Rsn></RtrInf>" if payment.reason else ""
    original = (
        f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{abs(payment.value) - Decimal(payment.charges)}</Amt>'
        "</InstdAmt></AmtDtls>"
        if payment.charges
        else ""
    )
    return f"""
          <TxDtls>
            <Refs><EndToEndId>{payment.end_to_end_id or "NOTPROVIDED"}</EndToEndId></Refs>
            <Amt Ccy="EUR">{abs(payment.value)}</Amt>{original}
            <RltdPties><{side}><Pty><Nm>{escape(payment.name)}</Nm></Pty></{side}>{given}</RltdPties>
            {text}{back}
          </TxDtls>"""


def _mt940(last: date) -> bytes:
    first = last - timedelta(days=5)
    lines = [":20:STARTUMS", ":25:37040044/0532013000", ":28C:1/1"]
    lines.append(f":60F:C{first:%y%m%d}EUR{_swift(_OPENING)}")
    for booking in _bookings(PAYMENTS):
        lines += _field_61(booking, last)
        lines += _wrapped(f":86:{_field_86(booking)}")
    lines += [f":62F:C{last:%y%m%d}EUR{_swift(_OPENING + _total(PAYMENTS))}", "-", ""]
    return "\r\n".join(lines).encode("cp1252")


def _field_61(booking: Sequence[Payment], last: date) -> list[str]:
    payment, total = booking[0], _total(booking)
    day = _day(payment, last)
    mark = "RC" if payment.is_reversal else "D" if total < 0 else "C"
    kind = "NRTI" if payment.reason else "NTRF"
    lines = [f":61:{day:%y%m%d%m%d}{mark}{_swift(abs(total))}{kind}NONREF"]
    if payment.charges:
        original = abs(total) - Decimal(payment.charges)
        charges = Decimal(payment.charges)
        lines.append(f"/OCMT/EUR{_swift(original)}//CHGS/EUR{_swift(charges)}/")
    return lines


def _field_86(booking: Sequence[Payment]) -> str:
    """Write subfields as German banks do; a batch has no details of its payments."""
    payment = booking[0]
    if len(booking) > 1:
        return f"191?00SAMMELGUTSCHRIFT?20SVWZ+SAMMLER {len(booking)} POSTEN"
    reference = f"EREF+{payment.end_to_end_id}" if payment.end_to_end_id else ""
    reason = f" {payment.reason}" if payment.reason else ""
    text = f"{reference:{_SUBFIELD if reference else 0}}SVWZ+{payment.text}{reason}"
    pieces = [text[at : at + _SUBFIELD] for at in range(0, len(text), _SUBFIELD)]
    purpose = "".join(f"?{number}{piece}" for number, piece in enumerate(pieces, 20))
    account = f"?31{iban_of(payment.payer)}" if payment.payer else ""
    code = "109?00RUECKLASTSCHRIFT" if payment.reason else "166?00UEBERWEISUNG"
    return f"{code}{purpose}{account}?32{payment.name[:_SUBFIELD]}"


def _wrapped(text: str) -> list[str]:
    return [text[at : at + _LINE] for at in range(0, len(text), _LINE)]


def _swift(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _table(last: date) -> bytes:
    """The table of a German bank, the newest day first."""
    rows = [
        "Umsatzanzeige;Konto;DE89 3704 0044 0532 0130 00",
        "",
        "Buchungstag;Valuta;Buchungstext;Auftraggeber/Empfänger;IBAN;Verwendungszweck;Betrag;"
        "Währung;Status",
    ]
    rows += [_row(booking, last) for booking in reversed([*_bookings(PAYMENTS), [PENDING]])]
    return "\r\n".join([*rows, ""]).encode("cp1252")


def _row(booking: Sequence[Payment], last: date) -> str:
    payment = booking[0]
    is_batch = len(booking) > 1
    day = f"{_day(payment, last):%d.%m.%Y}"
    cells = (
        day,
        day,
        "Rücklastschrift" if payment.reason else "Storno" if payment.is_reversal else "Umsatz",
        "" if is_batch else payment.name,
        "" if is_batch or payment.payer is None else iban_of(payment.payer),
        f"Sammler {len(booking)} Posten" if is_batch else payment.text,
        _swift(_total(booking)),
        "EUR",
        "vorgemerkt" if payment is PENDING else "gebucht",
    )
    return ";".join(cells)


def _cartola(last: date) -> bytes:
    """A Chilean statement of another seller, in pesos: three transactions and the balance."""
    records = (
        ("TRASPASO DE:VIOLETA EJEMPLO PEDIDO V-5001", 119000, "A"),
        ("PAGO AUTOMATICO LUZ", 59500, "C"),
        ("DEVOLUCION: TRANSFERENCIA", 45000, "C"),
        ("SALDO CONTABLE", 1014500, "S"),
    )
    lines = [
        f"00801234567{last:%Y%m%d}000000202{'':8}{amount:022}+001{text:45}{kind}{last:%Y%m%d}00042"
        for text, amount, kind in records
    ]
    return "\r\n".join([*lines, ""]).encode("cp1252")


def _zip(files: dict[str, bytes], last: date) -> bytes:
    """Make an archive whose bytes do not depend on when it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (last.year, last.month, last.day, 21, 0, 0))
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def main(arguments: Sequence[str], say: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the files into a folder."""
    folder = Path(arguments[0])
    last = date.fromisoformat(arguments[1]) if len(arguments) > 1 else LAST_DAY
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sample_files(last).items():
        (folder / name).write_bytes(content)
        say(f"{folder / name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
