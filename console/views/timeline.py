"""The history of a case as people read it: what, when, by whom and why, with the messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.wording import Words
from dunning.history import EventName
from models.tables import PaymentRow

Document = dict[str, Any]

_WITH_LETTER: Final = frozenset({"first_notice", "final_notice"})
_AMOUNTS: Final = ("amount", "open_amount")


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `mark` is the sort of thing it is."""

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
    canceled_by: str | None,
) -> list[Entry]:
    """The newest at the head."""
    entries = [
        _entry(event, words, currency=currency, payments=payments, canceled_by=canceled_by)
        for event in history
    ]
    return entries[::-1]


def _entry(
    event: Document,
    words: Words,
    *,
    currency: str,
    payments: Mapping[str, PaymentRow],
    canceled_by: str | None,
) -> Entry:
    name, detail = event["event"], event["detail"]
    payment = payments.get(str(detail.get("payment_id")))
    return Entry(
        at=datetime.fromisoformat(event["at"]),
        mark=name.partition(".")[0],
        text=_text(name, detail, words, currency),
        by=_by(name, detail, words, payment=payment, canceled_by=canceled_by),
        reason=detail.get("reason") if name not in _REASON_IS_SAID else None,
        message_id=_plain_id(detail) if name == EventName.NOTICE_SENT else None,
        has_letter=name == EventName.NOTICE_SENT and detail.get("kind") in _WITH_LETTER,
    )


_REASON_IS_SAID: Final = frozenset({EventName.REQUEST_REFUSED})


def _plain_id(detail: Document) -> str | None:
    return str(detail["message_id"]).strip("<>") if detail.get("message_id") else None


def _text(name: str, detail: Document, words: Words, currency: str) -> str:
    """The sentence of an event; one of which we have no words is named as it is."""
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


def _by(
    name: str,
    detail: Document,
    words: Words,
    *,
    payment: PaymentRow | None,
    canceled_by: str | None,
) -> str | None:
    """Who did it, where that is known."""
    if name == EventName.PAYMENT_RECORDED and payment is not None:
        key = f"reported.{payment.reported_by}"
        return (
            f"{words(key)} · {said_by(payment.recorded_by, words)}"
            if payment.recorded_by
            else words(key)
        )
    if name == EventName.ORDER_CANCELED:
        return said_by(canceled_by, words) if canceled_by else None
    return said_by(str(detail["by"]), words) if detail.get("by") else None


def said_by(by: str, words: Words) -> str:
    """Who it was, from how it is kept: `seller: NAME`, `key ID`, or `command`."""
    if by.startswith("key "):
        return words("by.key")
    if by == "command":
        return words("by.command")
    _, _, name = by.partition(": ")
    return words("by.named", name=name) if name else words("by.seller")
