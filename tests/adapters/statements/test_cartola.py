"""R20: the cartola of Banco de Chile, a text of fields of fixed width."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.statements import StatementFormat, StatementProblem, read_statement
from dunning.statements.lines import BalanceKind


def record(
    text: str,
    amount: int,
    kind: str,
    *,
    day: str = "20261120",
    serial: str = "",
    sign: str = "+",
) -> str:
    start = f"00801234567{day}000000202{serial:8}{amount:022}{sign}001"
    return f"{start}{text:45}{kind}{day}00042"


CARTOLA = "\r\n".join(
    [
        record("TRASPASO DE:ADA MUSTER L-1001", 119000, "A", serial="12345"),
        record("PAGO AUTOMATICO LUZ", 59500, "C"),
        record("GIRO CAJERO", 20000, "C", sign="-"),
        record("DEVOLUCION: TRANSFERENCIA", 10000, "C"),
        record("ABONO DE UNA EMPRESA CON UN NOMBRE TAN LARGO QUE PASA DE LA COLUMNA", 5000, "A"),
        record("SALDO CONTABLE", 1059500, "S"),
        record("SALDO DISPONIBLE", 1000000, "S"),
        "",
    ]
)


def test_r20_a_cartola_is_read() -> None:
    statement = read_statement(CARTOLA.encode("cp1252"))

    assert statement.format is StatementFormat.CARTOLA
    assert [(line.amount, line.currency, line.is_return) for line in statement.lines] == [
        (Decimal(119000), "CLP", False),
        (Decimal(-59500), "CLP", False),
        (Decimal(-20000), "CLP", False),
        (Decimal(-10000), "CLP", True),
        (Decimal(5000), "CLP", False),
    ]
    first = statement.lines[0]
    assert (first.account, str(first.booked_on), first.bank_id) == (
        "00801234567",
        "2026-11-20",
        "12345",
    )
    assert first.text == "TRASPASO DE:ADA MUSTER L-1001"
    assert statement.lines[4].text.endswith("QUE PASA DE LA COLUMNA")


def test_r20_the_book_balance_of_a_cartola_is_told() -> None:
    balances = read_statement(CARTOLA.encode()).balances

    assert [(one.kind, one.amount) for one in balances] == [(BalanceKind.CLOSING, Decimal(1059500))]


@pytest.mark.parametrize("line", [record("X", 1, "A", day="20261131"), "not a record", "0080123"])
def test_r20_a_broken_record_is_named_by_its_line(line: str) -> None:
    with pytest.raises(StatementProblem) as raised:
        read_statement(f"{record('X', 1, 'A')}\n{line}\n".encode())

    assert raised.value.place == "line 2"
