"""R20: why a file is refused is said in words, and without a word of what stands in it."""

from __future__ import annotations

import logging
import random
import traceback
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.statements import Problem, StatementProblem, read_statement
from tests.adapters.statements.files import camt, entry, mt940, table, transaction, zipped

BANKS = Path(__file__).parent / "banks"
NAME = "Geheimrat.csv"
SECRETS = ("Geheimrat", "DE02120300000000202051", "SECRET-4711", "87654321")

ADDED = [b"\n", b'"', b";", b"0", b":61:", b"<Ntry>", b"\x00"]
BROKEN = [
    camt(entry("87654321x", details=transaction(name="Geheimrat", text="SECRET-4711"))),
    camt(entry(details=transaction(name="Geheimrat & Co", text="SECRET-4711"))),
    camt(entry("87654321", days="")).replace(b"<CreDtTm>2026-11-21T05:00:00</CreDtTm>", b""),
    camt(entry(currency="")).replace(b"<Ccy>EUR</Ccy>", b"<Ccy>Geheimrat</Ccy>"),
    mt940(":61:261320C87654321,00NTRFSECRET-4711", ":86:Geheimrat DE02120300000000202051"),
    mt940(":61:Geheimrat SECRET-4711"),
    table("Datum;Betrag EUR;Name", "20.11.2026;1,00;a", "20.11.2026;87654321,0,0,0;Geheimrat"),
    table("Datum;Betrag;Name;Währung", "20.11.2026;1,00;Geheimrat;SECRET-4711"),
    table("05/04/2026;87654321;Geheimrat SECRET-4711;EUR"),
    zipped({"Geheimrat SECRET-4711.xml": b"<a/>"}),
    b"Geheimrat, DE02120300000000202051, SECRET-4711",
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_r20_no_word_of_a_refusal_tells_what_stands_in_the_file(
    content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(StatementProblem) as raised:
        read_statement(content, NAME)

    problem = raised.value
    told = [str(problem), problem.words, problem.place or "", caplog.text]
    told += traceback.format_exception(problem)
    assert not [secret for secret in SECRETS if secret in "".join(told)]


def test_r20_words_and_place_stand_in_the_text_of_the_exception() -> None:
    with pytest.raises(StatementProblem, match=r"^The entry has no amount\. \(entry 1\)$"):
        read_statement(camt("<Ntry/>"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_r20_a_damaged_file_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(BANKS.iterdir())))
    content = bytearray(path.read_bytes())
    rng = data.draw(st.randoms(use_true_random=False))
    for _ in range(data.draw(st.integers(1, 12))):
        _damage(content, rng)

    with suppress(StatementProblem):
        read_statement(bytes(content), path.name, currency="EUR")


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_r20_any_bytes_are_refused_with_a_word(content: bytes) -> None:
    with pytest.raises(StatementProblem):
        read_statement(content)


def _damage(content: bytearray, rng: random.Random) -> None:
    """One of the ways in which files are damaged: cut, overwritten, doubled."""
    if not content:
        return
    at = rng.randrange(len(content))
    match rng.randrange(4):
        case 0:
            del content[at : at + rng.randrange(1, 40)]
        case 1:
            content[at] = rng.randrange(256)
        case 2:
            content[at:at] = content[at : at + rng.randrange(1, 80)]
        case _:
            content[at:at] = rng.choice(ADDED)


def test_r20_a_table_of_a_million_rows_is_refused_before_it_is_read() -> None:
    with pytest.raises(StatementProblem) as raised:
        read_statement(b"20.11.2026;1,00;x\n" * 1_000_000, currency="EUR")

    assert raised.value.problem is Problem.TOO_LARGE
