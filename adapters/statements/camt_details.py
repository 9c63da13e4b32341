"""The details of one payment (`TxDtls`) of CAMT: party, account and purpose."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from adapters.statements.camt_xml import amount_in, at, child, children, text_at, texts_at
from adapters.statements.mt940_details import read_details
from adapters.statements.remittance import Details, structured_reference
from adapters.statements.returns import is_return_text, return_reason_in
from adapters.statements.sepa_text import sepa_parts
from adapters.statements.statement import shortened
from dunning.statements.ibans import compact_iban
from dunning.statements.lines import ReturnedPayment, stated_id

# Sub-families of the bank transaction codes for payments that come back.
_RETURN_CODES: Final = frozenset(
    str.split(
        """
        RRTN RRCT RIMB URCQ UPCQ UPCT UPDD UPCC UPTR URDD XRTN XPCQ XRCQ RPCR RRDD RCDD PRDD ARET
        DRTN RVSL TRPO
        """
    )
)
_SWISS_FILLER: Final = re.compile(r"\?REJECT\?\d+|\?ERROR\?\d+")
_GERMAN_RETURN_CODES: Final = frozenset({"108", "109", "111", "159", "181", "184"})


class TransactionDetails(NamedTuple):
    """The data of one payment beside its amount; `entry_id` is the bank's id of the booking."""

    counterparty: str | None = None
    counterparty_iban: str | None = None
    on_behalf_of: str | None = None
    text: str = ""
    reference: str | None = None
    end_to_end_id: str | None = None
    bank_id: str | None = None
    entry_id: str | None = None
    returned: ReturnedPayment | None = None


def read_transaction(
    transaction: Element | None, entry: Element, account: str | None, amount: Decimal
) -> TransactionDetails:
    """Read a payment's details, completed by the entry's; the sign of `amount` is its direction."""
    returned = _returned(transaction, entry, amount)
    name, iban, behind = _party(
        transaction, account, comes_in=amount > 0, is_return=returned is not None
    )
    remittance = child(transaction, "RmtInf")
    text = _words(texts_at(remittance, "", "Ustrd"))
    references, added = _structured(remittance)
    info = shortened(text_at(transaction, "AddtlTxInf") or text_at(entry, "AddtlNtryInf"))
    said = _said(text or added) if text or added else read_details([info])
    if not text and not added and references:
        said = said._replace(text="")
    end_to_end_id = stated_id(text_at(transaction, "Refs/EndToEndId")) or said.end_to_end_id
    entry_id = (
        stated_id(text_at(entry, "AcctSvcrRef"))
        or stated_id(text_at(transaction, "Refs/TxId"))
        or _entry_reference(entry)
    )
    if returned:
        reason = returned.reason or return_reason_in(text) or return_reason_in(info)
        returned = returned.model_copy(update={"end_to_end_id": end_to_end_id, "reason": reason})
    others = [reference for reference in references[1:] if reference not in said.text]
    return TransactionDetails(
        counterparty=name or said.counterparty,
        counterparty_iban=iban
        or (said.counterparty_iban if said.counterparty_iban != account else None),
        on_behalf_of=behind or said.on_behalf_of,
        text=" ".join([said.text, *others]).strip(),
        reference=references[0] if references else said.reference or structured_reference(text),
        end_to_end_id=end_to_end_id,
        bank_id=stated_id(text_at(transaction, "Refs/AcctSvcrRef"))
        or _own_id(transaction)
        or entry_id,
        entry_id=entry_id,
        returned=returned,
    )


def _said(text: str) -> Details:
    """Read a text of the payer, and split it if it has a German bank's keywords."""
    parts = sepa_parts(text)
    if len(parts) == 1 or "SVWZ" not in parts:
        return Details(text=text)
    return Details(
        text=" ".join(filter(None, (parts[""], parts["SVWZ"]))),
        on_behalf_of=parts.get("ABWA") or None,
        end_to_end_id=stated_id(parts.get("EREF")),
    )


def _entry_reference(entry: Element) -> str | None:
    """Return the entry's reference, unless it is only a running number within the file."""
    reference = stated_id(text_at(entry, "NtryRef"))
    return reference if reference and len(reference) >= 8 else None


def _own_id(transaction: Element | None) -> str | None:
    """Return the bank's id that has a proprietary name, such as `FIUMSATZ-ID`."""
    for proprietary in children(child(transaction, "Refs"), "Prtry"):
        if text_at(proprietary, "Tp").upper().endswith("UMSATZ-ID"):
            return stated_id(text_at(proprietary, "Ref"))
    return None


def _structured(remittance: Element | None) -> tuple[list[str], str]:
    """Return the creditor references, and the texts beside them."""
    references: list[str] = []
    added: list[str] = []
    for structured in children(remittance, "Strd"):
        if reference := stated_id(text_at(structured, "CdtrRefInf/Ref")):
            references.append(reference)
        added += texts_at(structured, "RfrdDocInf", "Nb")
        added += texts_at(structured, "", "AddtlRmtInf")
    return references, _words(added)


def _words(texts: list[str]) -> str:
    """Join texts in their order; empty if the bank says that there is none."""
    plain = (" ".join(_SWISS_FILLER.sub("", text).split()) for text in texts)
    return stated_id(shortened(" ".join(filter(None, plain)))) or ""


def _party(
    transaction: Element | None, account: str | None, *, comes_in: bool, is_return: bool
) -> tuple[str | None, str | None, str | None]:
    """Return name and IBAN of the other side, and the party that it acts for.

    The other side of money that came in is the debtor, else the creditor. In a return many banks
    keep the sides of the original payment; the side that is not the account's owner is then taken.
    """
    parties = child(transaction, "RltdPties")
    debtor, creditor = _side(parties, "Dbtr"), _side(parties, "Cdtr")
    first, second = (debtor, creditor) if comes_in else (creditor, debtor)
    if is_return and second[0]:
        first, second = second, first
    if (first[1] and first[1] == account) or not (first[0] or first[1]):
        first = second if second[1] != account or not second[1] else (None, None, None)
    return first


def _side(parties: Element | None, side: str) -> tuple[str | None, str | None, str | None]:
    name = _name(child(parties, side))
    behind = _name(child(parties, f"Ultmt{side}"))
    number = text_at(parties, f"{side}Acct/Id/IBAN") or text_at(parties, f"{side}Acct/Id/Othr/Id")
    return name or behind, compact_iban(number), behind if behind != name and name else None


def _name(party: Element | None) -> str | None:
    """Return a party's name, which is one level deeper from version 08 on, or an address line."""
    for path in ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm"):
        if name := stated_id(text_at(party, path)):
            return name
    return next(iter(texts_at(party, "PstlAdr", "AdrLine")), None)


def _returned(
    transaction: Element | None, entry: Element, amount: Decimal
) -> ReturnedPayment | None:
    info = child(transaction, "RtrInf")
    is_return = _is_return(transaction, entry) or _is_called_return(transaction, entry)
    if info is None and not is_return:
        return None
    reason = text_at(info, "Rsn/Cd") or text_at(info, "Rsn/Prtry") or None
    original = amount_in(at(transaction, "AmtDtls/InstdAmt/Amt"))
    charges = _charges(transaction) or _charges(entry)
    value = original[0] if original and original[0] <= abs(amount) else None
    if charges is None and value is not None and value < abs(amount):
        charges = abs(amount) - value
    if value is None and charges is not None and charges < abs(amount):
        value = abs(amount) - charges
    return ReturnedPayment(reason=reason, amount=value, charges=charges)


def _is_called_return(transaction: Element | None, entry: Element) -> bool:
    """Whether the bank's word for the booking is one of a return.

    It is used only if the payer's words are in another place, because they are no evidence.
    """
    has_text = bool(texts_at(transaction, "RmtInf", "Ustrd"))
    return has_text and is_return_text(shortened(text_at(entry, "AddtlNtryInf")))


def _is_return(transaction: Element | None, entry: Element) -> bool:
    if text_at(entry, "RvslInd").lower() in ("true", "1"):
        return True
    for element in (transaction, entry):
        code = text_at(element, "BkTxCd/Domn/Fmly/SubFmlyCd")
        own = text_at(element, "BkTxCd/Prtry/Cd").split("+")
        if (
            code in _RETURN_CODES
            or "NRTI" in own
            or (len(own) > 1 and own[1] in _GERMAN_RETURN_CODES)
        ):
            return True
    return False


def _charges(element: Element | None) -> Decimal | None:
    """Return the bank's charges for a return, in the forms of all versions."""
    amounts = [amount_in(child(charge, "Amt")) for charge in children(element, "Chrgs")]
    amounts += [
        amount_in(child(record, "Amt"))
        for charge in children(element, "Chrgs")
        for record in children(charge, "Rcrd")
    ]
    total = amount_in(at(element, "Chrgs/TtlChrgsAndTaxAmt"))
    amount = total[0] if total else sum((amount for amount, _ in filter(None, amounts)), Decimal(0))
    return amount or None
