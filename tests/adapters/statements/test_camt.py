"""R20: CAMT.052, .053 and .054 are read in all versions, and what is unsafe in XML is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.statements import Problem, Statement, StatementFormat, StatementProblem
from adapters.statements import read_statement as read
from dunning.statements.lines import BalanceKind, StatementLine
from tests.adapters.statements.files import ACCOUNT, camt, entry, transaction

VERSIONS = [f"{number:02}" for number in range(2, 14)]


def only(content: bytes) -> StatementLine:
    lines = read(content).lines
    assert len(lines) == 1
    return lines[0]


def refused(content: bytes) -> StatementProblem:
    with pytest.raises(StatementProblem) as raised:
        read(content)
    return raised.value


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("message", "format"),
    [
        ("052", StatementFormat.CAMT_052),
        ("053", StatementFormat.CAMT_053),
        ("054", StatementFormat.CAMT_054),
    ],
)
def test_r20_every_version_is_read(message: str, version: str, format: StatementFormat) -> None:
    """From 08 on a status has a code, and a party's name stands one level deeper."""
    is_new = int(version) >= 8
    status = "<Sts><Cd>BOOK</Cd></Sts>" if is_new else "<Sts>BOOK</Sts>"
    name = "<Pty><Nm>Ada Muster</Nm></Pty>" if is_new else "<Nm>Ada Muster</Nm>"
    details = (
        f"<TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RltdPties><Dbtr>{name}</Dbtr>"
        "<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>"
        "<RmtInf><Ustrd>Rechnung</Ustrd><Ustrd>L-1001</Ustrd></RmtInf></TxDtls>"
    )
    content = camt(entry(status=status, details=details), message=message, version=version)

    statement = read(content)

    assert statement.format is format
    assert statement.lines == (
        StatementLine.model_validate(
            {
                "account": ACCOUNT,
                "booked_on": "2026-11-20",
                "amount": "59.50",
                "currency": "EUR",
                "counterparty": "Ada Muster",
                "counterparty_iban": "DE02120300000000202051",
                "text": "Rechnung L-1001",
                "end_to_end_id": "E-1",
                "origin": f"camt.{message}.001.{version}",
            }
        ),
    )


def test_r20_a_prefix_and_an_envelope_change_nothing() -> None:
    plain = camt(entry(details=transaction())).decode()
    prefixed = plain.replace("</", "</ns:").replace("xmlns=", "xmlns:ns=")
    prefixed = "".join(
        f"<ns:{part}" if part[:1].isalpha() else f"<{part}" for part in prefixed.split("<")
    ).removeprefix("<")
    inside = plain.partition("?>")[2]
    enveloped = f"<Envelope><Header>x</Header><Body>{inside}</Body></Envelope>"

    assert read(prefixed.encode()).lines == read(plain.encode()).lines
    assert read(enveloped.encode()).lines == read(plain.encode()).lines


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "ISO-8859-1", "windows-1252"])
def test_r20_xml_of_every_encoding_is_read(encoding: str) -> None:
    text = camt(entry(details=transaction(name="Jörg Müller"))).decode()
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding
    content = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)

    assert only(content).counterparty == "Jörg Müller"


def test_r20_xml_that_declares_another_encoding_than_it_has_is_read() -> None:
    text = camt(entry(details=transaction(name="Jörg Müller"))).decode()

    assert only(text.encode("latin-1")).counterparty == "Jörg Müller"


def test_r20_money_that_went_out_is_negative_and_names_the_payee() -> None:
    details = (
        "<TxDtls><RltdPties><Dbtr><Nm>Lindenhof</Nm></Dbtr><Cdtr><Nm>Strom AG</Nm></Cdtr>"
        "<CdtrAcct><Id><IBAN>DE44500105175407324931</IBAN></Id></CdtrAcct></RltdPties></TxDtls>"
    )

    line = only(camt(entry(way="DBIT", details=details)))

    assert line.amount == Decimal("-59.50")
    assert (line.counterparty, line.counterparty_iban) == ("Strom AG", "DE44500105175407324931")


@pytest.mark.parametrize(
    ("status", "is_booked"),
    [
        ("<Sts>BOOK</Sts>", True),
        ("<Sts><Cd>BOOK</Cd></Sts>", True),
        ("", True),
        ("<Sts>PDNG</Sts>", False),
        ("<Sts><Cd>PDNG</Cd></Sts>", False),
        ("<Sts>INFO</Sts>", False),
        ("<Sts><Cd>FUTR</Cd></Sts>", False),
    ],
)
def test_r20_what_is_not_booked_is_told(status: str, is_booked: bool) -> None:
    assert only(camt(entry(status=status))).is_booked is is_booked


def test_r20_a_batch_is_unfolded_if_its_parts_add_up() -> None:
    parts = transaction("19.50", name="Ada") + transaction("40.00", name="Eva", text="L-1002")

    lines = read(camt(entry("59.50", details=parts))).lines

    assert [(line.counterparty, line.amount, line.text, line.part) for line in lines] == [
        ("Ada", Decimal("19.50"), "L-1001", 1),
        ("Eva", Decimal("40.00"), "L-1002", 2),
    ]
    assert {line.entry_amount for line in lines} == {Decimal("59.50")}


@pytest.mark.parametrize(
    "parts",
    [
        transaction("19.50") + transaction("39.00", text="L-1002"),
        transaction("59.50") + transaction(None, text="L-1002"),
        transaction() + transaction(text="L-1002"),
    ],
    ids=["another sum", "one without an amount", "none with an amount"],
)
def test_r20_a_batch_that_does_not_add_up_is_one_line_with_all_texts(parts: str) -> None:
    line = only(camt(entry("59.50", details=parts)))

    assert (line.amount, line.part) == (Decimal("59.50"), None)
    assert line.text == "L-1001 L-1002"


def test_r20_a_part_that_goes_the_other_way_is_counted_so() -> None:
    back = transaction("10.00", more="<CdtDbtInd>DBIT</CdtDbtInd>")

    lines = read(camt(entry("59.50", details=transaction("69.50") + back))).lines

    assert [line.amount for line in lines] == [Decimal("69.50"), Decimal("-10.00")]


RETURN = (
    "<TxDtls><Refs><EndToEndId>E-7</EndToEndId></Refs>"
    '<AmtDtls><InstdAmt><Amt Ccy="EUR">50.00</Amt></InstdAmt></AmtDtls>'
    "<RltdPties><Dbtr><Nm>Bob Beispiel</Nm></Dbtr><Cdtr><Nm>Lindenhof</Nm></Cdtr></RltdPties>"
    "<RmtInf><Ustrd>L-1003</Ustrd></RmtInf>{more}</TxDtls>"
)


@pytest.mark.parametrize(
    ("more", "beside", "reason"),
    [
        ("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", "", "AC04"),
        ("<RtrInf><Rsn><Prtry>914</Prtry></Rsn></RtrInf>", "", "914"),
        ("", "<RvslInd>true</RvslInd>", None),
        ("", "<BkTxCd><Prtry><Cd>NRTI+109+914</Cd></Prtry></BkTxCd>", None),
        (
            "",
            "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly>"
            "</Domn></BkTxCd>",
            None,
        ),
        ("", "<AddtlNtryInf>RETOURENHUELLE</AddtlNtryInf>", None),
    ],
    ids=["code", "own code", "reversal", "German code", "ISO code", "word"],
)
def test_r20_a_return_tells_what_it_returns(more: str, beside: str, reason: str | None) -> None:
    content = camt(entry("53.00", way="DBIT", more=beside, details=RETURN.format(more=more)))

    line = only(content)

    assert line.is_return
    assert line.returned is not None
    assert line.counterparty == "Bob Beispiel"
    assert line.returned.end_to_end_id == "E-7"
    assert line.returned.reason == reason
    assert (line.returned.amount, line.returned.charges) == (Decimal("50.00"), Decimal("3.00"))


def test_r20_a_reversal_of_a_debit_is_money_that_came_in() -> None:
    line = only(camt(entry(way="CRDT", more="<RvslInd>true</RvslInd>")))

    assert line.is_return
    assert line.amount == Decimal("59.50")


@pytest.mark.parametrize(
    ("told", "reference"),
    [
        ("RF78L1001", "RF78L1001"),
        ("210000000003139471430009017", "210000000003139471430009017"),
        (" 090933755493 ", "090933755493"),
        ("NOTPROVIDED", None),
    ],
)
def test_r20_a_structured_reference_is_told(told: str, reference: str | None) -> None:
    structured = f"<Strd><CdtrRefInf><Ref>{told}</Ref></CdtrRefInf></Strd>"
    details = f"<TxDtls><RmtInf>{structured}</RmtInf></TxDtls>"

    line = only(camt(entry(details=details)))

    assert (line.reference, line.text) == (reference, "")


def test_r20_a_creditor_reference_within_the_text_is_told() -> None:
    line = only(camt(entry(details=transaction(text="Kurs RF78 L100 1 danke"))))

    assert line.reference == "RF78L1001"


def test_r20_who_acts_for_another_is_told_with_the_other() -> None:
    details = (
        "<TxDtls><RltdPties><Dbtr><Nm>Payment Service</Nm></Dbtr>"
        "<UltmtDbtr><Nm>Ada Muster</Nm></UltmtDbtr></RltdPties></TxDtls>"
    )

    line = only(camt(entry(details=details)))

    assert (line.counterparty, line.on_behalf_of) == ("Payment Service", "Ada Muster")


def test_r20_the_amount_is_that_of_the_account_in_its_currency() -> None:
    details = '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">70.00</Amt></InstdAmt></AmtDtls></TxDtls>'

    line = only(camt(entry("59.50", details=details)))

    assert (line.amount, line.currency) == (Decimal("59.50"), "EUR")


def test_r20_a_currency_without_decimals_has_none() -> None:
    line = only(camt(entry("119000.00", currency="CLP")))

    assert str(line.amount) == "119000"


def test_r20_balances_and_the_newest_day_are_told() -> None:
    def balance(code: str, amount: str, day: str, way: str = "CRDT") -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
            f"<CdtDbtInd>{way}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    statement: Statement = read(
        camt(
            balance("OPBD", "10.00", "2026-11-19", "DBIT"),
            balance("CLBD", "49.50", "2026-11-22"),
            balance("CLAV", "49.50", "2026-11-25"),
            entry(),
        )
    )

    assert [(one.kind, one.amount, str(one.day)) for one in statement.balances] == [
        (BalanceKind.OPENING, Decimal("-10.00"), "2026-11-19"),
        (BalanceKind.CLOSING, Decimal("49.50"), "2026-11-22"),
    ]
    assert str(statement.covers_until) == "2026-11-22"


def test_r20_an_empty_statement_still_covers_its_days() -> None:
    first, last = "<FrDtTm>2026-11-20T00:00:00</FrDtTm>", "<ToDtTm>2026-11-21T00:00:00</ToDtTm>"

    statement = read(camt(f"<FrToDt>{first}{last}</FrToDt>"))

    assert statement.lines == ()
    assert str(statement.covers_until) == "2026-11-21"


def test_r20_an_entry_without_days_has_that_of_the_statement() -> None:
    line = only(camt(entry(days="")))

    assert str(line.booked_on) == "2026-11-21"
    assert not line.is_booked_on_stated


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (camt(entry(), "<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"), "entry 2"),
        (camt(entry(), entry("12,x")), "entry 2"),
        (camt(entry(currency="")).replace(b"<Ccy>EUR</Ccy>", b""), "entry 1"),
        (camt(entry()).replace(b"</Ntry>", b"</Ntyr>"), "line 6"),
        (camt(entry())[:-60], "line 6"),
    ],
)
def test_r20_a_broken_message_names_the_place(broken: bytes, place: str) -> None:
    problem = refused(broken)

    assert problem.problem is Problem.BROKEN
    assert problem.place == place


BOMB = """<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]>"""


@pytest.mark.parametrize(
    "document_type",
    [
        BOMB,
        '<!DOCTYPE a [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY % remote SYSTEM "http://127.0.0.1/a.dtd"> %remote;]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">',
        "<!DOCTYPE a>",
    ],
    ids=["entities that grow", "a file", "a parameter", "a document type elsewhere", "any"],
)
def test_r20_xml_with_a_document_type_is_refused(document_type: str) -> None:
    text = "&lol3;" if "lol3" in document_type else "&file;"
    content = camt(entry(details=transaction(text=text)), before=document_type)

    assert refused(content).problem is Problem.UNSAFE


def test_r20_another_message_is_no_statement() -> None:
    content = camt(entry()).replace(b"BkToCstmrStmt", b"CstmrCdtTrfInitn")

    assert refused(content).problem is Problem.UNKNOWN_FORMAT
