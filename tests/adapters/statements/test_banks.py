"""R20: what the files of many banks say.

`banks/` has small files in the layouts of real banks, of invented people. `says/` has for each
of them what it says, checked by eye.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.statements import read_statement
from tests.adapters.statements.tables import table_of

HERE = Path(__file__).parent
FILES = sorted(path for path in (HERE / "banks").iterdir() if not path.name.startswith("."))
# Tables that name no currency; whoever imports them knows it of the account.
CURRENCIES = {
    "banco_de_chile.csv": "CLP",
    "banco_estado.csv": "CLP",
    "banco_falabella.csv": "CLP",
    "bank_of_america.csv": "USD",
    "barclays.csv": "GBP",
    "bci.csv": "CLP",
    "bnp_paribas.csv": None,
    "chase.csv": "USD",
    "danske_bank.csv": "DKK",
    "dnb.csv": "NOK",
    "handelsbanken.csv": "SEK",
    "ica_banken.csv": "SEK",
    "jyske_bank.csv": "DKK",
    "lloyds.csv": "GBP",
    "postfinance_without_header.csv": "CHF",
    "natwest.csv": "GBP",
    "nubank.csv": "BRL",
    "santander_chile.csv": "CLP",
    "seb.csv": "SEK",
    "sparebank_1.csv": "NOK",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_r20_a_bank_s_file_says(path: Path) -> None:
    currency = CURRENCIES.get(path.name, "EUR")

    statement = read_statement(path.read_bytes(), path.name, currency=currency)

    assert table_of(statement) == (HERE / "says" / f"{path.name}.txt").read_text("utf-8")


def test_there_is_a_table_for_every_file_and_no_other() -> None:
    tables = {path.name.removesuffix(".txt") for path in (HERE / "says").iterdir()}

    assert tables == {path.name for path in FILES}
