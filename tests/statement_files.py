"""Statements as banks write them: tables, and CAMT."""

from __future__ import annotations

ACCOUNT = "DE89370400440532013000"
HEAD = "Buchungstag;Valuta;Auftraggeber;Verwendungszweck;IBAN;Betrag;Währung"


def a_row(
    text: str,
    amount: str = "119,00",
    *,
    day: str = "02.03.2026",
    payer: str = "Ada Muster",
    iban: str = "DE02120300000000202051",
) -> str:
    return f"{day};{day};{payer};{text};{iban};{amount};EUR"


def a_table(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows, ""]).encode("cp1252")


def camt(*entries: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(
    text: str, amount: str = "119.00", *, day: str = "2026-03-02", returned: bool = False
) -> str:
    direction = "DBIT" if returned else "CRDT"
    side = "Cdtr" if returned else "Dbtr"
    info = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if returned else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<NtryDtls><TxDtls><RltdPties><{side}><Pty><Nm>Ada Muster</Nm></Pty></{side}></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>{info}</TxDtls></NtryDtls></Ntry>"
    )
