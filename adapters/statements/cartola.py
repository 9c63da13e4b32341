"""The cartola of Banco de Chile: a text file with fields of fixed width.

The bank has no public description that we found. The layout is that of the open-source converter
`diegocaro/parser-cartola-bancaria` on GitHub (`banco_de_chile_cuenta_corriente_txt.json` and its
tests, 2026-02), which reads the "TXT" of the bank's site for private customers:

| signs | field |
| --- | --- |
| 1 to 11 | account |
| 12 to 19 | day, `YYYYMMDD` |
| 20 to 28 | code of the transaction; 9 digits |
| 29 to 36 | serial number (of a cheque) or blanks |
| 37 to 58 | amount in pesos, zeros before it |
| 59 | sign of the amount |
| 60 to 62 | branch |
| 63 to 107 | text; if it is longer, the rest of the line moves |
| then 1 | `A` money that came in (abono), `C` money that went out (cargo), `S` a balance |
| then 8 | day of issue, `YYYYMMDD` |
| last 5 | folio |

Because the text can be longer, the fields after it are counted from the end of the line.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from adapters.statements.bank_phrases import details_of_phrase
from adapters.statements.problems import broken
from adapters.statements.returns import is_return_text
from adapters.statements.statement import Content
from dunning.statements.lines import Balance, BalanceKind, ReturnedPayment, StatementLine, stated_id

_CURRENCY: Final = "CLP"
_RECORD: Final = re.compile(
    r"(?P<account>\d{11})(?P<day>\d{8})(?P<code>[\d ]{9})(?P<serial>.{8})(?P<amount>[\d ]{22})"
    r"(?P<sign>[+-])(?P<branch>.{3})(?P<text>.*?)(?P<kind>[ACS])(?P<issued>\d{8})(?P<folio>\d{5})\s*"
)
_BOOK_BALANCE: Final = "SALDO CONTABLE"


def is_cartola(text: str) -> bool:
    """Whether the first line that is not empty is a record of a cartola."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return bool(_RECORD.fullmatch(first.rstrip()))


def read_cartola(text: str) -> Content:
    """Read the transactions and book balances of a cartola.

    Raises `StatementProblem`, which names the line.
    """
    lines: list[StatementLine] = []
    balances: list[Balance] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        found = _RECORD.fullmatch(raw.rstrip())
        if not found:
            raise broken("The line is no record of a cartola.", f"line {number}")
        day = _day(found["day"], number)
        amount = Decimal(found["amount"].strip() or "0")
        amount = -amount if found["sign"] == "-" else amount
        if found["kind"] != "S":
            lines.append(_line(found, day, -abs(amount) if found["kind"] == "C" else amount))
        elif found["text"].strip().upper() == _BOOK_BALANCE:
            balances.append(
                Balance(
                    account=found["account"],
                    kind=BalanceKind.CLOSING,
                    day=day,
                    amount=amount,
                    currency=_CURRENCY,
                )
            )
    return Content(tuple(lines), tuple(balances))


def _line(found: re.Match[str], day: date, amount: Decimal) -> StatementLine:
    text = " ".join(found["text"].split())
    details = details_of_phrase(text)
    return StatementLine(
        account=found["account"],
        booked_on=day,
        amount=amount,
        currency=_CURRENCY,
        counterparty=details.counterparty if details else None,
        text=text,
        bank_id=stated_id(found["serial"]),
        returned=ReturnedPayment() if is_return_text(text.split(":")[0]) else None,
    )


def _day(digits: str, number: int) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise broken("The day of this record does not exist.", f"line {number}") from None
