"""A claim in words: complete, always the same, and never cut within a line (R15)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.partner.claim_text import about_its_history, about_the_change, about_the_claim, fitted
from adapters.partner.port import Cost, MoneyMoved, NoticeGiven, ReportKind
from dunning.notices import NoticeKind
from tests.adapters.claims import PERSONAL, a_known_creditor, a_report, a_submission


def test_r15_what_is_claimed_stands_with_its_grounds() -> None:
    claim = a_submission(
        creditor=a_known_creditor(),
        ordered_on=date(2025, 12, 30),
        installment=(2, 6),
        principal=Decimal("119.00"),
        fees=(Cost(ground="bank costs of a returned payment", amount=Decimal("3.00")),),
        payments=(
            MoneyMoved(on=date(2026, 2, 1), amount=Decimal("50.00")),
            MoneyMoved(on=date(2026, 2, 8), amount=Decimal("-40.00")),
        ),
        amount=Decimal("112.00"),
        is_disputed=True,
    )

    assert about_the_claim(claim) == [
        "Claim abcd2345-1, round 1",
        "Creditor: Kurse GmbH, Marktplatz 1, 20095 Hamburg, DE; registration number HRB 4711; "
        "tax number DE123456789; e-mail buchhaltung@kurse.example.org; phone +49 40 7654321",
        "Contract: Online course",
        "Contract date: 2025-12-30",
        "Invoice R-17 of 2026-01-02, installment 2 of 6, due on 2026-01-16",
        "Principal: 119.00 EUR",
        "Fees:",
        "- 3.00 EUR: bank costs of a returned payment",
        "Interest: none claimed",
        "Open amount: 112.00 EUR",
        "The debtor disputes the claim: yes",
        "Payments so far:",
        "- 2026-02-01: 50.00 EUR paid",
        "- 2026-02-08: 40.00 EUR went back",
    ]


def test_what_is_not_there_is_said_too() -> None:
    lines = about_the_claim(a_submission(subject=None))

    assert "Contract: as invoiced" in lines
    assert "Contract date: 2026-01-02, that of the invoice; no other is known to us" in lines
    assert "Fees: none" in lines
    assert "Payments so far: none" in lines
    assert "The debtor disputes the claim: not to the creditor's knowledge" in lines
    assert about_its_history(a_submission())[0] == "Notices: none known"


def test_r15_the_notices_stand_with_their_days() -> None:
    given_notices = (
        NoticeGiven(kind=NoticeKind.PAYMENT_REMINDER, on=date(2026, 1, 21)),
        NoticeGiven(kind=NoticeKind.FINAL_NOTICE, on=date(2026, 2, 5)),
    )

    assert about_its_history(a_submission(notices=given_notices))[:3] == [
        "Notices that the creditor sent to the debtor:",
        "- 2026-01-21: payment reminder",
        "- 2026-02-05: final notice",
    ]


@pytest.mark.parametrize(
    ("may_deduct", "words"),
    [
        (True, "The creditor may deduct input tax."),
        (False, "The creditor may not deduct input tax."),
        (None, "Whether the creditor may deduct input tax is not known to us."),
    ],
)
def test_r15_it_is_said_whether_the_seller_may_deduct_input_tax(
    may_deduct: bool | None, words: str
) -> None:
    creditor = a_known_creditor(may_deduct_input_tax=may_deduct)

    told = [line for line in about_its_history(a_submission(creditor=creditor)) if "tax" in line]

    assert told == [words]


def test_r15_the_legal_notice_of_the_seller_stands_at_the_end() -> None:
    lines = ("Managing director: Ada Muster", " ", "Register court:  Hamburg,\nHRB 4711")
    creditor = a_known_creditor(legal_notice=lines)

    assert about_its_history(a_submission(creditor=creditor))[-3:] == [
        "Legal notice of the creditor:",
        "- Managing director: Ada Muster",
        "- Register court: Hamburg, HRB 4711",
    ]


@pytest.mark.parametrize("lines", [(), ("",), (" ", "\n")])
def test_without_a_legal_notice_there_is_no_word_of_one(lines: tuple[str, ...]) -> None:
    history = about_its_history(a_submission(creditor=a_known_creditor(legal_notice=lines)))

    assert not any("Legal notice" in line for line in history)


@pytest.mark.parametrize("slip", ["ordered", "may_deduct_input_tax", "legal_notice"])
def test_what_is_given_under_another_name_is_an_error_and_not_lost(slip: str) -> None:
    """The last two are the creditor's."""
    with pytest.raises(ValidationError, match=slip):
        a_submission(**{slip: None})


def test_the_debtor_is_not_in_it() -> None:
    text = "\n".join([*about_the_claim(a_submission()), *about_its_history(a_submission())])

    assert not any(personal in text for personal in PERSONAL)


def test_what_people_typed_stays_on_its_line() -> None:
    lines = about_the_claim(a_submission(subject="one\r\nFees: none\n" + "x" * 9999))

    contract = next(line for line in lines if line.startswith("Contract"))
    assert contract.startswith("Contract: one Fees: none xxx")
    assert len(contract) == 500


def test_a_change_is_told_in_a_sentence_or_two() -> None:
    told = [about_the_change(a_report(kind=kind)) for kind in ReportKind]

    assert told == [
        "The debtor paid the creditor on 2026-04-05: 19.00 EUR. Now open: 100.00 EUR.",
        "A payment to the creditor went back on 2026-04-05: 19.00 EUR. Now open: 100.00 EUR.",
        "A payment to the creditor had been booked by mistake; corrected on 2026-04-05: "
        "19.00 EUR. Now open: 100.00 EUR.",
        "Costs joined the claim on 2026-04-05: 19.00 EUR. Now open: 100.00 EUR.",
    ]


@given(
    lines=st.lists(st.text(alphabet="aé-", max_size=90), max_size=80), longest=st.integers(200, 999)
)
def test_a_text_is_cut_between_lines_only(lines: list[str], longest: int) -> None:
    text = fitted(lines, longest)

    assert len(text) <= longest
    whole = "\n".join(lines)
    if len(whole) <= longest:
        assert text == whole
    else:
        *kept, last = text.split("\n")
        assert kept == lines[: len(kept)]
        assert last == f"[{len(lines) - len(kept)} more lines have no room here]"
