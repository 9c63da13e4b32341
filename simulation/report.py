"""The results of a scenario: its events, a summary, and a timeline for people."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TextIO

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.history import EventName
from dunning.money import Money
from dunning.notices import SellerMailKind
from models.debt_summaries import DebtSummaryRow
from models.queries import event_document
from models.tables import CaseRow, EventRow, ReceivableRow
from simulation.play import RefusedCall

Document = dict[str, Any]
_REFUSED: Final = EventName.REQUEST_REFUSED.value
# They come from the seller's own workflow, at no fixed place among the events of a case.
_ABOUT_SETTINGS: Final = {SellerMailKind.SETTINGS_WANTED, SellerMailKind.DEFAULTS_APPLIED}


async def all_events(
    session: AsyncSession, refused: Sequence[RefusedCall], sellers: Collection[str]
) -> list[Document]:
    """All events of the sellers' cases and all refused calls, in the documented order.

    A refused verb is in the history and among the refused calls; it is one event here. Times
    are cut to the second: the rest is how long the machine took.
    """
    query = select(CaseRow).where(col(CaseRow.seller_id).in_(sellers))
    cases = {case.case_id: case for case in await session.exec(query)}
    numbered: list[tuple[tuple[Any, ...], Document]] = []
    for event in await session.exec(select(EventRow)):
        if event.event != _REFUSED and event.case_id in cases:
            document = event_document(event, cases[event.case_id])
            document["at"] = _second(event.at).isoformat()
            numbered.append((_sort_key(document, event.at, event.id or 0, 0), document))
    for call in refused:
        document = _refused_document(call, cases.values())
        key = _sort_key(document, call.call.at, call.after_event, call.call.line)
        numbered.append((key, document))
    return [document for _, document in sorted(numbered, key=lambda pair: pair[0])]


def write_events(events: Iterable[Document], out: TextIO) -> None:
    for event in events:
        out.write(json.dumps(event, ensure_ascii=False) + "\n")


async def summary(session: AsyncSession, events: Sequence[Document]) -> Iterator[str]:
    """Cases by outcome, messages by kind, money by outcome; a line each."""
    rows = await session.exec(
        select(CaseRow, ReceivableRow).where(CaseRow.case_id == ReceivableRow.case_id)
    )
    cases: Counter[str] = Counter()
    money: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for case, receivable in rows:
        cases[case.stage] += 1
        money[case.stage, receivable.currency] += receivable.amount
    messages = Counter(
        event["detail"]["kind"] for event in events if event["event"] == EventName.NOTICE_SENT
    )
    told = Counter(
        event["detail"]["about"] for event in events if event["event"] == EventName.SELLER_TOLD
    )
    if summaries := (await session.exec(select(func.count()).select_from(DebtSummaryRow))).one():
        messages["debt_summary"] = summaries
    refused = sum(1 for event in events if event["event"] == _REFUSED)
    return iter(
        [
            *_section("Cases by outcome", cases.items()),
            *_section("Messages by kind", messages.items()),
            *_section("Told to sellers", told.items()),
            *_section(
                "Money by outcome",
                (
                    (f"{stage} {currency}", Money(amount=amount, currency=currency))
                    for (stage, currency), amount in sorted(money.items())
                ),
            ),
            f"Refused calls: {refused}",
        ]
    )


def timeline(events: Sequence[Document]) -> Iterator[str]:
    """The events case by case, for people."""
    by_case: dict[tuple[str, int, str], list[Document]] = defaultdict(list)
    for event in events:
        case_id = event["case_id"]
        if case_id:
            by_case[event["order_id"], _installment_of(event, by_case), case_id].append(event)
    for (order_id, _, _), entries in sorted(by_case.items()):
        numbers = {entry["installment"] for entry in entries} - {None}
        part = f", installment {numbers.pop()}" if numbers else ""
        yield f"\n{order_id}{part}"
        for entry in entries:
            at = datetime.fromisoformat(entry["at"])
            yield f"  {at:%Y-%m-%d %H:%M}  {entry['event']:<22} {_words(entry['detail'])}"


def _installment_of(event: Document, known: Iterable[tuple[str, int, str]]) -> int:
    """The installment of the case that an event belongs to, also of an invoice notice."""
    for order_id, number, case_id in known:
        if case_id == event["case_id"] and order_id == event["order_id"]:
            return number
    return int(event["installment"] or 0)


def _words(detail: Document) -> str:
    shown = {name: value for name, value in detail.items() if name != "message_id"}
    if set(shown) == {"from", "stage"}:
        return f"{shown['from']} -> {shown['stage']}"
    return "  ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in shown.items()
        if value is not None
    )


def _section(title: str, rows: Iterable[tuple[str, Any]]) -> list[str]:
    return [title, *(f"  {name:<28} {value!s:>12}" for name, value in sorted(rows, key=str)), ""]


def _sort_key(document: Document, at: datetime, number: int, line: int) -> tuple[Any, ...]:
    return (
        _second(at),
        document["order_id"] or "",
        document["installment"] or 0,
        _rank_within_a_second(document),
        number,
        line,
    )


def _rank_within_a_second(document: Document) -> int:
    """Case events first, then mails to the seller: their true order within a second varies."""
    if document["event"] != EventName.SELLER_TOLD:
        return 0
    return 2 if document["detail"]["about"] in _ABOUT_SETTINGS else 1


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _refused_document(refused: RefusedCall, cases: Iterable[CaseRow]) -> Document:
    scope = refused.scope
    case_id = next(
        (
            case.case_id
            for case in cases
            if (case.seller_id, case.order_id, case.installment)
            == (scope.seller_id, scope.order_id, scope.installment)
        ),
        None,
    )
    return {
        "at": _second(refused.call.at).isoformat(),
        "case_id": case_id,
        "seller_id": scope.seller_id,
        "order_id": scope.order_id,
        "installment": scope.installment,
        "event": _REFUSED,
        "detail": {
            "status": refused.status,
            "line": refused.call.line,
            "reason": refused.reason,
        },
    }
