"""Excel workbooks as programs write them, made by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OF_DOCUMENTS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OF_PACKAGES: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK: Final = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OF_DOCUMENTS}"><workbookPr/><sheets>'
    '<sheet name="Offene Posten" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS: Final = (
    f'<Relationships xmlns="{OF_PACKAGES}">'
    '<Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>'
)
STYLES: Final = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.00\\ [$EUR-407]"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)

Value = str | Decimal | date | None


def workbook(*rows: Sequence[Value], sheet: str | None = None) -> bytes:
    """A workbook whose cells are shared texts, numbers, and days in a format of their own."""
    texts: list[str] = []
    written = "".join(_row(number, row, texts) for number, row in enumerate(rows, 1))
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            sheet or f'<worksheet xmlns="{MAIN}"><sheetData>{written}</sheetData></worksheet>',
        )
    return content.getvalue()


def _row(number: int, row: Sequence[Value], texts: list[str]) -> str:
    cells = "".join(
        _cell(f"{chr(ord('A') + place)}{number}", value, texts)
        for place, value in enumerate(row)
        if value is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(name: str, value: Value, texts: list[str]) -> str:
    if isinstance(value, str):
        texts.append(value)
        return f'<c r="{name}" t="s"><v>{len(texts) - 1}</v></c>'
    if isinstance(value, Decimal):
        return f'<c r="{name}" s="2"><v>{value}</v></c>'
    assert value is not None
    return f'<c r="{name}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
