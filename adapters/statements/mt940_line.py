"""Lines of a statement from fields 61 and 86 of MT940."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

from adapters.statements.mt940_entry import Entry, read_amount
from adapters.statements.remittance import Details
from adapters.statements.returns import is_return_text, return_reason_in
from dunning.statements.ibans import compact_iban
from dunning.statements.lines import ReturnedPayment, StatementLine, in_currency_digits, stated_id

# Business transaction codes of German banks for payments that come back.
_RETURN_CODES: Final = frozenset({"009", "059", "108", "109", "111", "159", "181", "184"})
_RETURN_KINDS: Final = frozenset({"NRTI", "FRTI", "NRTN"})
_OLD_RABOBANK: Final = re.compile(r"[0-9P]{6,16}\s{2,}(\S.*)")
_ORIGINAL: Final = re.compile(r"/(OCMT|CHGS)/([A-Z]{3})([\d.,]+)")


class Owner(NamedTuple):
    """The account of a statement, and its currency."""

    account: str | None
    currency: str | None


def line_of(entry: Entry, details: Details, owner: Owner, *, is_booked: bool) -> StatementLine:
    """Return the line of one transaction; `owner.currency` must be known."""
    assert owner.currency is not None
    party = _party(entry, details)
    supplement = " ".join(entry.supplement)
    text = details.text.removeprefix(party.introduction).strip()
    return StatementLine(
        account=owner.account,
        booked_on=entry.booked_on or entry.value_on,
        is_booked_on_stated=entry.booked_on is not None,
        value_on=entry.value_on,
        amount=in_currency_digits(entry.amount, owner.currency),
        currency=owner.currency,
        counterparty=party.name,
        counterparty_iban=party.iban if party.iban != owner.account else None,
        on_behalf_of=details.on_behalf_of,
        text=text or _text_without_details(entry, supplement),
        reference=details.reference,
        end_to_end_id=details.end_to_end_id,
        customer_reference=party.customer_reference,
        bank_id=stated_id(entry.bank_reference),
        is_booked=is_booked,
        returned=_returned(entry, details, supplement),
    )


class _Party(NamedTuple):
    """The other side; `introduction` is where the details name it again."""

    name: str | None
    iban: str | None
    customer_reference: str | None
    introduction: str = ""


def _party(entry: Entry, details: Details) -> _Party:
    """Return name and IBAN from the details, else from field 61, where Dutch banks put them."""
    name, iban = details.counterparty, details.counterparty_iban
    customer = " ".join(entry.customer_reference.split())
    supplement = entry.supplement[0] if entry.supplement else ""
    introduction = f"{customer} {supplement}"
    if customer and supplement and details.text.startswith(introduction):
        # SNS and ASN: account and name of the other side
        iban = iban or compact_iban(customer)
        return _Party(name or supplement, iban, None, introduction)
    if found := _OLD_RABOBANK.match(entry.customer_reference):
        return _Party(name or found[1].strip(), iban, None)
    if is_iban_like(customer):
        return _Party(name or supplement or None, iban or compact_iban(customer), None)
    if is_iban_like(supplement):
        iban = iban or compact_iban(supplement)
    return _Party(name, iban, None if customer.endswith("+") else stated_id(customer))


def is_iban_like(text: str) -> bool:
    return compact_iban(text) is not None


def _text_without_details(entry: Entry, supplement: str) -> str:
    """Return the text in field 61, for transactions without one in field 86."""
    if supplement and not is_iban_like(supplement) and not supplement.startswith("/"):
        return supplement
    return stated_id(entry.customer_reference) or ""


def _returned(entry: Entry, details: Details, supplement: str) -> ReturnedPayment | None:
    is_return = (
        entry.is_reversal
        or entry.kind in _RETURN_KINDS
        or details.code in _RETURN_CODES
        or details.return_reason is not None
        or is_return_text(details.posting_text)
    )
    if not is_return:
        return None
    originals = {kind: read_amount(digits) for kind, _, digits in _ORIGINAL.findall(supplement)}
    amount = details.original_amount or originals.get("OCMT")
    return ReturnedPayment(
        end_to_end_id=details.end_to_end_id,
        reason=details.return_reason
        or return_reason_in(details.text)
        or return_reason_in(details.code_extension),
        amount=amount,
        charges=details.charges or originals.get("CHGS") or _difference(entry.amount, amount),
    )


def _difference(amount: Decimal, original: Decimal | None) -> Decimal | None:
    if original is None or abs(amount) <= original:
        return None
    return abs(amount) - original
