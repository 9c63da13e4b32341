"""How long 10,000 lines of a bank statement take to be read and matched to 20,000 receivables."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter, process_time
from typing import Final

from adapters.statements import read_statement
from bench.figures import show
from dunning.ledger import OpenItem
from dunning.money import Money
from dunning.statements.line_keys import KnownLine, line_keys
from dunning.statements.matches import Verdict
from dunning.statements.matching import match_lines
from dunning.statements.order_index import IndexedOrder, OrderIndex

LINES: Final = 10_000
RECEIVABLES: Final = 20_000
_GROWING: Final = (5_000, 20_000, 80_000)
DAY: Final = date(2026, 11, 27)
_FIRST: Final = ("Ada", "Emmy", "Karl", "Núria", "Jörg", "Søren", "Violeta", "Otto", "Mary", "Léo")
_PRICES: Final = ("49.00", "97.00", "119.00", "249.00", "1499.00")


def main() -> None:
    """One format, `camt` or `mt940`, so that each has the peak of its memory for itself.

    With `growth`, how long matching takes the more receivables there are.
    """
    form = sys.argv[1]
    if form == "growth":
        _show_growth()
        return
    content = WRITERS[form]()
    clock = _Clock(form)
    lines = read_statement(content).lines
    clock.show(f"{LINES} lines read")
    keys = line_keys(lines)
    known = [KnownLine(key.key, line) for key, line in zip(keys, lines, strict=True)]
    again = line_keys(lines, known)
    clock.show("keys, new and all known again")
    index = OrderIndex(an_order(number) for number in range(RECEIVABLES))
    clock.show(f"index of {RECEIVABLES} receivables")
    answers = match_lines(lines, index)
    clock.show("matched")
    clock.show_all()
    certain = sum(answer.verdict is Verdict.CERTAIN for answer in answers)
    assert len(lines) == LINES
    assert all(key.is_known for key in again)
    show(f"{form}: certain", f"{certain} of {LINES}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    show(f"{form}: peak memory", f"{peak:.0f} MB")


def _show_growth() -> None:
    lines = read_statement(_camt()).lines
    for receivables in _GROWING:
        index = OrderIndex(an_order(number) for number in range(receivables))
        # the index of before is gone
        gc.collect()
        began = process_time()
        match_lines(lines, index)
        each = (process_time() - began) / len(lines)
        show(f"a line matched to {receivables:,} receivables", f"{each * 1000:.2f} ms")


class _Clock:
    """Seconds of one processor, and of the clock on the wall, which others slow down."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._begun = (process_time(), perf_counter())
        self._last = self._begun

    def show(self, what: str) -> None:
        self._say(what, self._last)
        self._last = (process_time(), perf_counter())

    def show_all(self) -> None:
        self._say("all of it", self._begun)

    def _say(self, what: str, since: tuple[float, float]) -> None:
        used, passed = process_time() - since[0], perf_counter() - since[1]
        show(f"{self._form}: {what}", f"{used:.1f} s of a processor, {passed:.1f} s passed")


def an_order(number: int) -> IndexedOrder:
    item = OpenItem(
        case_id=f"case{number:012}",
        installment=None,
        due_date=DAY - timedelta(days=number % 60),
        open_amount=Money(amount=Decimal(_PRICES[number % 5]), currency="EUR"),
    )
    return IndexedOrder(
        order_id=f"L-{100_000 + number}",
        invoice_number=f"2026-{number:06}",
        names=(_name(number),),
        currency="EUR",
        items=(item,),
    )


def _name(number: int) -> str:
    """A name that some customers share, as in life."""
    syllables = ("mei", "schu", "ber", "lin", "wal", "hof", "ren", "tal", "kow", "ski")
    last = "".join(syllables[int(digit)] for digit in f"{number * 7919 % 9973:04}")
    return f"{_FIRST[number % 10]} {last.capitalize()}"


def _payment(number: int) -> tuple[str, str, str]:
    """Amount, payer and text: half with a number, a third with none, the rest of strangers."""
    order = number * 2 % RECEIVABLES
    texts = (f"L-{100_000 + order} vom 20.11.2026", f"Rechnung 2026-{order:06}", "vielen Dank")
    if number % 6 == 5:
        return f"{number % 500}.37", f"Stranger {number}", "80331 Muenchen, DE89370400440532013000"
    return _PRICES[order % 5], _name(order), texts[number % 3]


def _camt() -> bytes:
    entries = "".join(map(_entry, range(LINES)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        "<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(number: int) -> str:
    amount, payer, text = _payment(number)
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{DAY}</Dt></BookgDt><ValDt><Dt>{DAY}</Dt></ValDt>"
        f"<AcctSvcrRef>{number:012}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>E2E-{number}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty>"
        f"</Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _mt940() -> bytes:
    fields = "".join(map(_fields, range(LINES)))
    return (
        ":20:STARTUMS\r\n:25:37040044/0532013000\r\n:28C:1/1\r\n:60F:C261126EUR0,00\r\n"
        f"{fields}:62F:C261127EUR0,00\r\n-\r\n"
    ).encode("cp1252")


def _fields(number: int) -> str:
    amount, payer, text = _payment(number)
    said = f"EREF+E2E-{number} SVWZ+{text}"
    pieces = [said[at : at + 27] for at in range(0, len(said), 27)]
    purpose = "".join(f"?{at}{piece}" for at, piece in enumerate(pieces, 20))
    details = f":86:166?00GUTSCHRIFT{purpose}?32{payer[:27]}"
    wrapped = "\r\n".join(details[at : at + 65] for at in range(0, len(details), 65))
    swift = amount.replace(".", ",")
    return f":61:2611271127C{swift}NTRFNONREF//{number:012}\r\n{wrapped}\r\n"


WRITERS: Final[dict[str, Callable[[], bytes]]] = {"camt": _camt, "mt940": _mt940}

if __name__ == "__main__":
    main()
