"""One entry (`Ntry`) of CAMT: one line, or a line for each payment that it sums up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from adapters.statements.camt_details import TransactionDetails, read_transaction
from adapters.statements.camt_xml import (
    amount_in,
    at,
    child,
    children,
    day_in,
    signed_amount,
    text_at,
)
from adapters.statements.problems import broken
from adapters.statements.statement import shortened
from dunning.statements.lines import ReturnedPayment, StatementLine, in_currency_digits


class Account(NamedTuple):
    """The account of a statement, its currency, and the day on which the statement ends.

    Some banks give only this day, and none in the entries.
    """

    number: str | None
    currency: str | None
    day: date | None


def lines_of(
    entry: Element, account: Account, *, origin: str, place: str
) -> tuple[StatementLine, ...]:
    """Read the lines of one entry.

    A booking of several payments is split if the bank gives an amount for each and these add up
    to the booking; else it is one line with the texts of all. Raises `StatementProblem`.
    """
    found = signed_amount(entry)
    if found is None:
        raise broken("The entry has no amount.", place)
    amount, currency = found
    currency = currency or account.currency or ""
    if len(currency) != 3:
        raise broken("The amount of the entry has no currency.", place)
    common = _common(entry, account, currency=currency, origin=origin, place=place)
    transactions = [
        transaction
        for details in children(entry, "NtryDtls")
        for transaction in children(details, "TxDtls")
    ]
    parts = _amounts(transactions, amount, currency)
    if len(transactions) > 1 and parts is None:
        read = [read_transaction(one, entry, account.number, amount) for one in transactions]
        return (_line(common, amount, _together(read)),)
    if len(transactions) <= 1:
        one = transactions[0] if transactions else None
        return (_line(common, amount, read_transaction(one, entry, account.number, amount)),)
    assert parts is not None
    return tuple(
        _line(
            common | {"entry_amount": in_currency_digits(amount, currency), "part": number},
            part,
            read_transaction(transaction, entry, account.number, part),
        )
        for number, (transaction, part) in enumerate(zip(transactions, parts, strict=True), 1)
    )


def _common(
    entry: Element, account: Account, *, currency: str, origin: str, place: str
) -> dict[str, Any]:
    """Return the fields that all lines of an entry share."""
    value_on = day_in(child(entry, "ValDt"))
    booked_on = day_in(child(entry, "BookgDt"))
    day = booked_on or value_on or account.day
    if day is None:
        raise broken("The entry has neither a booking day nor a value day.", place)
    status = text_at(entry, "Sts/Cd") or text_at(entry, "Sts/Prtry") or text_at(entry, "Sts")
    return {
        "account": account.number,
        "booked_on": day,
        "is_booked_on_stated": booked_on is not None,
        "value_on": value_on,
        "currency": currency,
        "is_booked": status in ("BOOK", ""),
        "origin": origin,
    }


def _line(common: dict[str, Any], amount: Decimal, details: TransactionDetails) -> StatementLine:
    return StatementLine(
        **common,
        amount=in_currency_digits(amount, common["currency"]),
        counterparty=details.counterparty,
        counterparty_iban=details.counterparty_iban,
        on_behalf_of=details.on_behalf_of,
        text=details.text,
        reference=details.reference,
        end_to_end_id=details.end_to_end_id,
        bank_id=details.bank_id,
        returned=details.returned,
    )


def _amounts(transactions: list[Element], total: Decimal, currency: str) -> list[Decimal] | None:
    """Return the signed amount of each payment; None if one is missing or they do not add up."""
    amounts = [_amount(transaction, total, currency) for transaction in transactions]
    stated = [amount for amount in amounts if amount is not None]
    return stated if len(stated) == len(amounts) and sum(stated) == total else None


def _amount(transaction: Element, total: Decimal, currency: str) -> Decimal | None:
    """Return the signed amount of a payment in the account's currency.

    Without a direction of its own it has that of the booking.
    """
    places = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")
    for place in places:
        found = amount_in(at(transaction, place))
        if found and found[1] in (currency, ""):
            direction = text_at(transaction, "CdtDbtInd")
            goes_out = direction == "DBIT" if direction else total < 0
            return -found[0] if goes_out else found[0]
    return None


def _together(read: list[TransactionDetails]) -> TransactionDetails:
    """Combine several payments: the values that all share, and the texts of all."""
    texts = [part for details in read for part in (details.text, details.reference or "") if part]
    names = {details.counterparty for details in read}
    ibans = {details.counterparty_iban for details in read}
    returned = {details.returned for details in read}
    return TransactionDetails(
        counterparty=names.pop() if len(names) == 1 else None,
        counterparty_iban=ibans.pop() if len(ibans) == 1 else None,
        text=shortened(" ".join(dict.fromkeys(texts))),
        bank_id=read[0].entry_id,
        entry_id=read[0].entry_id,
        returned=ReturnedPayment() if None not in returned else None,
    )
