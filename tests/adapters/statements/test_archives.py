"""R20: a ZIP archive of statements is read; one that is made to do harm is not."""

from __future__ import annotations

import io
import struct
import zipfile
from hashlib import sha256

import pytest

from adapters.statements import MAX_SIZE, Problem, StatementProblem, read_statement
from adapters.statements.archive import MAX_FILES, unpacked
from tests.adapters.statements.files import camt, entry, mt940, zipped

DAY = camt(entry("10.00"))
NEXT_DAY = camt(entry("20.00", days="<BookgDt><Dt>2026-11-21</Dt></BookgDt>"))


def refused(content: bytes) -> StatementProblem:
    with pytest.raises(StatementProblem) as raised:
        read_statement(content)
    return raised.value


def test_r20_all_files_of_an_archive_are_one_statement_in_the_order_of_their_names() -> None:
    content = zipped({"b/2026-11-21.xml": NEXT_DAY, "a/2026-11-20.xml": DAY})

    statement = read_statement(content)

    assert [(line.document, str(line.amount)) for line in statement.lines] == [
        (1, "10.00"),
        (2, "20.00"),
    ]
    assert str(statement.covers_until) == "2026-11-21"


def test_r20_formats_may_be_mixed_and_files_of_another_kind_lie_beside() -> None:
    other = mt940(":61:2611201120C5,00NTRFNONREF", ":86:L-1001")
    content = zipped(
        {
            "statement.xml": DAY,
            "statement.sta": other,
            "statement.pdf": b"%PDF-1.7",
            "__MACOSX/._statement.xml": b"\x00\x05",
            "folder/": b"",
        }
    )

    assert [str(line.amount) for line in read_statement(content).lines] == ["5.00", "10.00"]


def test_r20_an_archive_without_a_statement_is_refused() -> None:
    assert refused(zipped({"read_me.pdf": b"%PDF"})).problem is Problem.EMPTY
    assert refused(zipped({})).problem is Problem.EMPTY


def test_r20_more_than_20_mb_are_refused() -> None:
    assert refused(DAY + b" " * MAX_SIZE).words == "The file has more than 20 MB."


def test_r20_an_archive_that_unpacks_to_far_more_is_refused_before_it_has_unpacked() -> None:
    bomb = zipped({"statement.xml": DAY + b" " * 80_000_000})

    assert len(bomb) < 200_000
    problem = refused(bomb)
    assert problem.problem is Problem.UNSAFE
    assert problem.place == "file 1 of the archive"


def test_r20_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    """The size that the archive tells of the file is set to 10."""
    bomb = bytearray(zipped({"statement.xml": b" " * 50_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(signature) + offset
        bomb[at : at + 4] = struct.pack("<I", 10)

    assert refused(bytes(bomb)).problem in (Problem.UNSAFE, Problem.BROKEN)


def test_r20_files_that_are_too_large_together_are_refused() -> None:
    """Each shrinks to about a fiftieth, as a bank's may."""
    noise = b"".join(sha256(bytes([number])).digest() for number in range(64))
    file = (noise + bytes(98_000)) * 180
    content = zipped({f"{number}.csv": file for number in range(6)})

    with pytest.raises(StatementProblem) as raised:
        list(unpacked(content))

    assert raised.value.problem is Problem.TOO_LARGE
    assert raised.value.place == "file 6 of the archive"


def test_r20_too_many_transactions_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.statements.statement.MAX_LINES", 3)
    two = camt(entry("1.00"), entry("2.00"))

    assert len(read_statement(two).lines) == 2
    assert refused(zipped({"a.xml": two, "b.xml": two})).problem is Problem.TOO_LARGE
    assert refused(camt(*[entry("1.00")] * 4)).problem is Problem.TOO_LARGE


def test_r20_too_many_files_are_refused() -> None:
    files = {f"{number}.xml": b"<a/>" for number in range(MAX_FILES + 1)}

    assert refused(zipped(files)).problem is Problem.TOO_LARGE


def test_r20_an_archive_within_an_archive_is_refused() -> None:
    assert refused(zipped({"inner.zip": zipped({"a.xml": DAY})})).problem is Problem.UNSAFE


def test_r20_an_archive_with_a_password_is_refused() -> None:
    packed = bytearray(zipped({"a.xml": DAY}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1

    problem = refused(bytes(packed))

    assert problem.problem is Problem.UNSAFE
    assert "password" in problem.words


@pytest.mark.parametrize("cut", [30, 200, -30])
def test_r20_a_damaged_archive_is_refused(cut: int) -> None:
    assert refused(zipped({"a.xml": DAY, "b.xml": DAY})[:cut]).problem is Problem.BROKEN


def test_r20_a_workbook_is_refused_with_what_to_do() -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")

    assert "CSV" in refused(book.getvalue()).words


def test_r20_a_broken_file_of_an_archive_is_named() -> None:
    problem = refused(zipped({"a.xml": DAY, "b.xml": camt("<Ntry/>")}))

    assert problem.place == "entry 1 in file 2 of the archive"
