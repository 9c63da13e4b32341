"""A claim in words, for all that has no field in a partner's API (R15).

The text is in English, always the same for the same claim, and without the debtor's data, for which
every partner has fields. It has what an agency must tell a private person by § 13a of Germany's
RDG: who claims, the contract with its date, each cost with its ground, the interest, whether the
creditor may deduct input tax, and where the address is from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from adapters.partner.port import Claim, Creditor, MoneyMoved, PaymentToReport, ReportKind
from dunning.addresses.address import Address
from dunning.money import CURRENCY_DIGITS

_LONGEST_LINE: Final = 500
# Room for the line that says how many lines are missing.
_RESERVED: Final = 60
_INPUT_TAX: Final = {
    True: "The creditor may deduct input tax.",
    False: "The creditor may not deduct input tax.",
    None: "Whether the creditor may deduct input tax is not known to us.",
}
_WORDS: Final = {
    ReportKind.PAYMENT: "The debtor paid the creditor",
    ReportKind.REVERSAL: "A payment to the creditor went back",
    ReportKind.CORRECTION: "A payment to the creditor had been booked by mistake; corrected",
    ReportKind.COSTS: "Costs joined the claim",
}


def about_the_claim(claim: Claim) -> list[str]:
    """Return lines with what is claimed, and on what grounds."""
    return [_line(line) for line in _about(claim)]


def about_its_history(claim: Claim) -> list[str]:
    """Return lines with the notices before the handoff, and with what else an agency must tell."""
    notices = [f"- {given.on}: {given.kind.replace('_', ' ')}" for given in claim.notices]
    return [
        "Notices that the creditor sent to the debtor:" if notices else "Notices: none known",
        *notices,
        "The debtor's address is the one on file with the creditor; none was looked up.",
        _INPUT_TAX[claim.creditor.may_deduct_input_tax],
        *_legal_notice(claim.creditor),
    ]


def about_the_change(report: PaymentToReport) -> str:
    """Return two sentences about a change of the amount owed."""
    amount = _money(report.amount, report.currency)
    is_owed = _money(report.open_amount, report.currency)
    return f"{_WORDS[report.kind]} on {report.on}: {amount}. Now open: {is_owed}."


def fitted(lines: Sequence[str], longest: int) -> str:
    """Join lines to a text of at most `longest` characters; lines that do not fit are left out."""
    text = "\n".join(lines)
    if len(text) <= longest:
        return text
    kept, room = [], longest - _RESERVED
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"[{len(lines) - len(kept)} more lines have no room here]"])


def money_moved(moved: MoneyMoved, currency: str) -> str:
    if moved.amount < 0:
        return f"{moved.on}: {_money(-moved.amount, currency)} went back"
    return f"{moved.on}: {_money(moved.amount, currency)} paid"


def _about(claim: Claim) -> Iterator[str]:
    currency = claim.currency
    yield f"Claim {claim.reference}, round {claim.round}"
    yield f"Creditor: {_creditor(claim.creditor)}"
    yield f"Contract: {claim.subject or 'as invoiced'}"
    yield f"Contract date: {_contract_date(claim)}"
    part = "" if claim.installment is None else f", installment {_of(claim.installment)}"
    number = claim.invoice_number
    yield f"Invoice {number} of {claim.invoice_date}{part}, due on {claim.due_date}"
    yield f"Principal: {_money(claim.principal, currency)}"
    yield "Fees:" if claim.fees else "Fees: none"
    for fee in claim.fees:
        yield f"- {_money(fee.amount, currency)}: {fee.ground}"
    yield "Interest: none claimed"
    yield f"Open amount: {_money(claim.amount, currency)}"
    disputes = "yes" if claim.is_disputed else "not to the creditor's knowledge"
    yield f"The debtor disputes the claim: {disputes}"
    if not claim.may_go_to_court:
        yield "The creditor asks for collection before court only."
    yield "Payments so far:" if claim.payments else "Payments so far: none"
    for moved in claim.payments:
        yield f"- {money_moved(moved, currency)}"


def _contract_date(claim: Claim) -> str:
    if claim.ordered_on is not None:
        return str(claim.ordered_on)
    return f"{claim.invoice_date}, that of the invoice; no other is known to us"


def _legal_notice(creditor: Creditor) -> list[str]:
    lines = [f"- {line}" for line in map(_line, creditor.legal_notice) if line]
    return ["Legal notice of the creditor:", *lines] if lines else []


def _creditor(creditor: Creditor) -> str:
    numbers = {
        "registration number": creditor.registration_number,
        "tax number": creditor.tax_id,
        "e-mail": creditor.email,
        "phone": creditor.phone,
    }
    known = (f"{what} {value}" for what, value in numbers.items() if value)
    return "; ".join([", ".join([creditor.name, *_parts(creditor.address)]), *known])


def _parts(address: Address | None) -> list[str]:
    if address is None:
        return []
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    return [part for part in (address.street, town, address.region, address.country) if part]


def _of(installment: tuple[int, int]) -> str:
    number, count = installment
    return f"{number} of {count}"


def _money(amount: Decimal, currency: str) -> str:
    """Write an amount with the digits of its currency, or more if it has more."""
    needed = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(CURRENCY_DIGITS.get(currency, 0), needed, 0)}f} {currency}"


def _line(text: str) -> str:
    """Put typed text on one line, and cut it if it is too long."""
    return " ".join(text.split())[:_LONGEST_LINE]
