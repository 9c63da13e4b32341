"""R20: the same days as CAMT and as MT940, and files that overlap: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from adapters.statements import read_statement
from dunning.statements.line_keys import KnownLine, line_keys
from dunning.statements.lines import StatementLine
from tests.adapters.statements.files import camt, entry, mt940, table, zipped

ADA = ("119.00", "Ada Muster", "DE02120300000000202051", "Rechnung L-1001", "E2E-1")
EVA = ("59.50", "Eva Beispiel-Langname und Söhne Handelsgesellschaft", None, "L-1002 danke", None)
BOB = ("59.50", "Bob Bau", "DE44500105175407324931", "L-1003", None)
ADA_AGAIN = ("119.00", "Ada Muster", "DE02120300000000202051", "Rechnung L-1001", "E2E-2")
TWIN = ("20.00", "Ada Muster", "DE02120300000000202051", "Spende", None)

Payment = tuple[str, str, str | None, str, str | None]


def as_camt(*payments: Payment, message: str = "053") -> bytes:
    return camt(*(_entry(*payment) for payment in payments), message=message)


def _entry(amount: str, name: str, iban: str | None, text: str, end_to_end_id: str | None) -> str:
    account = f"<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>" if iban else ""
    details = (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr>{account}</RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )
    bank_id = f"<AcctSvcrRef>{len(name)}-{amount}-{end_to_end_id}</AcctSvcrRef>"
    return entry(amount, details=details, more=bank_id)


def as_mt940(*payments: Payment) -> bytes:
    """Names cut after 27 signs, no bank ids, texts in capital letters."""
    fields: list[str] = []
    for amount, name, iban, text, end_to_end_id in payments:
        reference = f"EREF+{end_to_end_id} " if end_to_end_id else ""
        account = f"?31{iban}" if iban else ""
        fields.append(f":61:2611201120C{amount.replace('.', ',')}NTRFNONREF")
        fields.append(f":86:166?20{reference}SVWZ+{text.upper()}{account}?32{name[:27]}")
    return mt940(*fields)


def as_table(*payments: Payment) -> bytes:
    rows = [
        f"20.11.2026;{name};{iban or ''};{text};{amount.replace('.', ',')};EUR"
        for amount, name, iban, text, _ in payments
    ]
    return table("Buchungstag;Auftraggeber;IBAN;Verwendungszweck;Betrag;Währung", *rows)


def imported(*files: bytes) -> list[list[bool]]:
    """For each file, imported one after another, which of its lines were there before."""
    known: list[KnownLine] = []
    answers: list[list[bool]] = []
    for content in files:
        lines: Sequence[StatementLine] = read_statement(content).lines
        keys = line_keys(lines, known)
        answers.append([key.is_known for key in keys])
        fresh = zip(keys, lines, strict=True)
        known += [KnownLine(key.key, line) for key, line in fresh if not key.is_known]
    assert len({line.key for line in known}) == len(known)
    return answers


DAY = (ADA, EVA, BOB, ADA_AGAIN, TWIN, TWIN)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (as_camt, as_mt940),
        (as_mt940, as_camt),
        (as_camt, as_table),
        (as_table, as_camt),
        (as_mt940, as_table),
        (as_table, as_mt940),
        (as_camt, as_camt),
    ],
)
def test_r20_a_day_told_in_two_formats_is_known_again(first: object, second: object) -> None:
    assert callable(first)
    assert callable(second)

    answers = imported(first(*DAY), second(*reversed(DAY)))

    assert answers == [[False] * 6, [True] * 6]


@pytest.mark.parametrize("second", [as_camt, as_mt940, as_table])
def test_r20_what_came_later_on_the_day_is_new_and_the_rest_is_known(second: object) -> None:
    assert callable(second)

    answers = imported(as_camt(ADA, EVA, TWIN), second(*DAY))

    assert answers[1] == [True, True, False, False, True, False]


def test_r20_a_report_of_the_morning_and_the_statement_of_the_evening_tell_each_once() -> None:
    morning = as_camt(ADA, TWIN, message="052")

    assert imported(morning, as_camt(*DAY))[1] == [True, False, False, False, True, False]


def test_r20_statement_and_notification_in_one_archive_tell_each_once() -> None:
    both = zipped({"053.xml": as_camt(*DAY), "054.xml": as_camt(ADA, TWIN, message="054")})

    assert imported(both) == [[False] * 6 + [True, True]]


def test_r20_files_of_overlapping_weeks_tell_each_once() -> None:
    def week(first: int, last: int) -> bytes:
        return camt(
            *(
                entry("10.00", days=f"<BookgDt><Dt>2026-11-{day:02}</Dt></BookgDt>")
                for day in range(first, last)
            )
        )

    weeks = [week(1, 8), week(5, 12), week(1, 15)]

    assert imported(*weeks) == [
        [False] * 7,
        [True] * 3 + [False] * 4,
        [True] * 11 + [False] * 3,
    ]


def test_r20_three_equal_payments_of_one_day_are_three_in_every_format() -> None:
    files = [as_camt(TWIN, TWIN, TWIN), as_mt940(TWIN, TWIN, TWIN), as_table(TWIN, TWIN, TWIN)]

    for one, other in pairwise([*files, files[0]]):
        assert imported(one, other) == [[False] * 3, [True] * 3]
