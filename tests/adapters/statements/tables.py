"""What a statement says, as a table of text that a person can check."""

from __future__ import annotations

from adapters.statements import Statement
from dunning.statements.lines import StatementLine


def table_of(statement: Statement) -> str:
    """The format, how a table was understood, and one row a line, without what is empty."""
    head = [str(statement.format), f"until {statement.covers_until}", *_reading(statement)]
    rows = [", ".join(head), *map(_row, statement.lines)]
    return "\n".join(rows) + "\n"


def _reading(statement: Statement) -> list[str]:
    if statement.reading is None:
        return [statement.encoding] if statement.encoding else []
    reading = statement.reading
    told = (reading.encoding, repr(reading.separator), reading.date_order, reading.decimal_sign)
    return [str(one) for one in told]


def _row(line: StatementLine) -> str:
    parts = [
        f"{line.booked_on} {line.value_on or '-'} {line.amount} {line.currency}",
        line.account,
        line.counterparty,
        line.counterparty_iban,
        line.text,
        _told("for", line.on_behalf_of),
        _told("reference", line.reference),
        _told("end-to-end", line.end_to_end_id),
        _told("customer", line.customer_reference),
        _told("bank", line.bank_id),
        None if line.is_booked else "pending",
        None if line.is_booked_on_stated else "no booking day",
        _returned(line),
        f"part {line.part} of {line.entry_amount}" if line.part is not None else None,
    ]
    return "\n  ".join(part for part in parts if part)


def _told(word: str, value: str | None) -> str | None:
    return f"{word}: {value}" if value else None


def _returned(line: StatementLine) -> str | None:
    if line.returned is None:
        return None
    told = line.returned.model_dump(exclude_none=True)
    return " ".join(["returns", *(f"{name}={value}" for name, value in told.items())])
