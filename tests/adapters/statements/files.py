"""Statements as banks write them, built for one test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

ACCOUNT = "DE89370400440532013000"
MESSAGES = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def camt(*entries: str, message: str = "053", version: str = "08", before: str = "") -> bytes:
    """A message of CAMT with the entries; `before` stands before the message."""
    outer, inner = MESSAGES[message]
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version}"><{outer}>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-21T05:00:00</CreDtTm></GrpHdr>
<{inner}><Id>1</Id><CreDtTm>2026-11-21T05:00:00</CreDtTm>
<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{"".join(entries)}
</{inner}></{outer}></Document>""".encode()


def entry(
    amount: str = "59.50",
    *,
    way: str = "CRDT",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    days: str = "<BookgDt><Dt>2026-11-20</Dt></BookgDt>",
    details: str = "",
    more: str = "",
    currency: str = "EUR",
) -> str:
    """An entry; `details` are its transactions, `more` what else stands in it."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{status}{days}'
        f"{more}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def transaction(
    amount: str | None = None, *, name: str = "Ada Muster", text: str = "L-1001", more: str = ""
) -> str:
    """A payment within an entry, with its own amount or without."""
    told = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    return (
        f"<TxDtls>{told}<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>{more}</TxDtls>"
    )


def mt940(*fields: str, account: str = "37040044/0532013000", currency: str = "EUR") -> bytes:
    """A statement with the given fields 61 and 86 between its balances."""
    head = [":20:STARTUMS", f":25:{account}", ":28C:1/1", f":60F:C261119{currency}100,00"]
    return "\r\n".join([*head, *fields, f":62F:C261120{currency}100,00", "-", ""]).encode("cp1252")


def table(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([*rows, ""]).encode(encoding)


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
