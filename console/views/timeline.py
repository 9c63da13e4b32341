"""The history of a case in words: what happened, when, by whom and why, with the messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from console.wording import Words
from dunning.history import EventName
from dunning.ladder import WRITTEN_NOTICES
from models.tables import PaymentRow
from starter.reading.statements.origins import PaymentOrigin

Document = dict[str, Any]

_AMOUNTS: Final = ("amount", "open_amount")


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `mark` is the first part of its event's name."""

    at: datetime
    mark: str
    text: str
    by: str | None = None
    reason: str | None = None
    message_id: str | None = None
    has_letter: bool = False


def timeline_of(
    history: Sequence[Document],
    words: Words,
    *,
    currency: str,
    payments: Mapping[str, PaymentRow],
    origins: Mapping[str, PaymentOrigin],
    canceled_by: str | None,
) -> list[Entry]:
    """Return the entries, the newest first."""
    who = _Who(words, payments, origins, canceled_by)
    entries = [_entry(event, words, currency=currency, who=who) for event in history]
    return entries[::-1]


def _entry(event: Document, words: Words, *, currency: str, who: _Who) -> Entry:
    name, detail = event["event"], event["detail"]
    return Entry(
        at=datetime.fromisoformat(event["at"]),
        mark=name.partition(".")[0],
        text=_text(name, detail, words, currency),
        by=who.did(name, detail),
        reason=detail.get("reason") if name not in _REASON_IS_SAID else None,
        message_id=_plain_id(detail) if name == EventName.NOTICE_SENT else None,
        has_letter=name == EventName.NOTICE_SENT and detail.get("kind") in WRITTEN_NOTICES,
    )


_REASON_IS_SAID: Final = frozenset({EventName.REQUEST_REFUSED})


def _plain_id(detail: Document) -> str | None:
    return str(detail["message_id"]).strip("<>") if detail.get("message_id") else None


def _text(name: str, detail: Document, words: Words, currency: str) -> str:
    """Return the sentence of an event; an event without words is shown by its name."""
    key = f"event.{name.replace('.', '_')}"
    if name == EventName.NOTICE_SENT and detail.get("confirmed") is False:
        key = "event.notice_not_confirmed"
    if name == EventName.CASE_HELD and detail.get("until"):
        key = "event.case_held_until"
    if not words.has(key):
        return name
    return words(key, **_values(detail, words, currency))


def _values(detail: Document, words: Words, currency: str) -> dict[str, str]:
    named = {
        "kind": _word(words, "notice", detail.get("kind")),
        "stage": _word(words, "stage", detail.get("stage") or detail.get("outcome")),
        "from": _word(words, "stage", detail.get("from")),
        "about": _word(words, "told", detail.get("about")),
        "request": _word(words, "verb", detail.get("request")),
        "refusal": _word(words, "refused", detail.get("reason")),
        "until": words.day(str(detail["until"])) if detail.get("until") else "",
        "missing": missing_in_words(detail.get("missing") or (), words),
        "reference": str(detail.get("reference") or ""),
    }
    for amount in _AMOUNTS:
        given = detail.get(amount)
        named[amount] = words.money(given, detail.get("currency") or currency) if given else ""
    return named


def missing_in_words(missing: Iterable[str], words: Words) -> str:
    return ", ".join(_word(words, "address", name) for name in missing)


def _word(words: Words, group: str, name: Any) -> str:
    if name is None:
        return ""
    key = f"{group}.{name}"
    return words(key) if words.has(key) else str(name)


class _Who(NamedTuple):
    """The people and programs that changed a case, as far as they are known."""

    words: Words
    payments: Mapping[str, PaymentRow]
    origins: Mapping[str, PaymentOrigin]
    canceled_by: str | None

    def did(self, name: str, detail: Document) -> str | None:
        payment_id = str(detail.get("payment_id"))
        if name == EventName.PAYMENT_RECORDED and payment_id in self.payments:
            return self._reported(payment_id)
        if name == EventName.ORDER_CANCELED:
            return said_by(self.canceled_by, self.words) if self.canceled_by else None
        return said_by(str(detail["by"]), self.words) if detail.get("by") else None

    def _reported(self, payment_id: str) -> str:
        """Return how a payment was reported: from which line of which file, and by whom."""
        payment, origin = self.payments[payment_id], self.origins.get(payment_id)
        said = [self.words(f"reported.{payment.reported_by}")]
        if origin and origin.statement_id:
            said.append(line_in_words(origin, self.words))
        if payment.recorded_by:
            said.append(said_by(payment.recorded_by, self.words))
        return " · ".join(said)


def line_in_words(origin: PaymentOrigin, words: Words) -> str:
    """Return the file and the line that a payment was booked from."""
    file = origin.filename or words("statements.no_name")
    return words("money.from_line", file=file, number=origin.position)


def said_by(by: str, words: Words) -> str:
    """Return who it was, in words; stored as `seller: NAME`, `seller`, `key ID`, or `command`."""
    if by.startswith("key "):
        return words("by.key")
    if by == "command":
        return words("by.command")
    _, _, name = by.partition(": ")
    return words("by.named", name=name) if name else words("by.seller")
