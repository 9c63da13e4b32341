"""R20: how a file is encoded is found out by what its letters would be."""

from __future__ import annotations

import pytest

from adapters.statements import read_statement
from tests.adapters.statements.files import mt940, table

HEADER = "Buchungstag;Name Zahlungsbeteiligter;Verwendungszweck;Betrag;Währung"
ROW = "20.11.2026;Jörg Müller;Rechnung für Möbel in Köln, 50 Stück;59,50;EUR"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "cp850"],
)
def test_r20_german_letters_are_read_in_every_encoding(encoding: str) -> None:
    line = read_statement(table(HEADER, ROW, encoding=encoding)).lines[0]

    assert line.counterparty == "Jörg Müller"
    assert line.text == "Rechnung für Möbel in Köln, 50 Stück"


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Señora Muñoz, año 2026, ¿qué?", "latin-1"),
        ("Réglement de la facture à Orléans, français", "cp1252"),
        ("Réglement de la facture à Orléans, français", "cp850"),
        ("Café für 12 €, „danke“", "cp1252"),
        ("Åsa Öberg på Södermalm", "latin-1"),
        ("Søren Kjær på Ærø", "cp850"),
        ("JÖRG MÜLLER, GROẞE STRASSE", "utf-8"),
        ("FÜR ÄPFEL UND ÖL", "cp850"),
        ("Łódź, ąęśćź, dług", "cp1250"),
        ("Zaplať účet, žluťoučký kůň", "cp1250"),
    ],
)
def test_r20_other_languages_letters_are_read(words: str, encoding: str) -> None:
    row = f"20.11.2026;Muster;{words};59,50;EUR"
    content = table(HEADER.replace("ä", "ae"), row, encoding=encoding)

    assert read_statement(content).lines[0].text == words


def test_r20_utf_8_with_a_letter_cut_in_half_is_still_utf_8() -> None:
    content = table(HEADER, ROW).replace("Stück".encode(), "Stü".encode()[:-1])

    assert read_statement(content).lines[0].counterparty == "Jörg Müller"


def test_r20_mt940_in_the_code_page_of_old_systems_is_read() -> None:
    field = ":86:166?00GUTSCHRIFT?20SVWZ+Stühle für Jörg?32Änne Öztürk"
    content = mt940(":61:2611201120C59,50NTRFNONREF", field).decode("cp1252").encode("cp850")

    line = read_statement(content).lines[0]

    assert (line.counterparty, line.text) == ("Änne Öztürk", "Stühle für Jörg")
