"""Cases for tests, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dunning.case import DunningCase
from dunning.days import SendingWindow, Terms
from dunning.deeds import ERRANDS, DeedKind, Outcome, Payment, Result, Reversal
from dunning.money import Money
from dunning.plan import DunningOption, StepKind, StepTaken
from dunning.receivables import Receivable
from dunning.state import Claim, OpenHold

BERLIN = ZoneInfo("Europe/Berlin")
SANTIAGO = ZoneInfo("America/Santiago")


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def berlin(local: str) -> datetime:
    """The instant of a local time in Berlin, written `2026-03-02 09:10`."""
    return datetime.fromisoformat(local).replace(tzinfo=BERLIN).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def terms(
    time_zone: str = "Europe/Berlin",
    *,
    opens: time = time(9),
    closes: time = time(18),
    closed_days: tuple[date, ...] = (),
) -> Terms:
    window = SendingWindow(opens=opens, closes=closes)
    return Terms(time_zone=time_zone, window=window, closed_days=closed_days)


def weekends(first: date, last: date) -> tuple[date, ...]:
    """The Saturdays and Sundays between two days, both included."""
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() >= 5)


def a_receivable(*, due: date, amount: str = "100.00", **given: Any) -> Receivable:
    values: dict[str, Any] = {
        "case_id": "case000000000001",
        "seller_id": "s-1",
        "order_id": "A-1",
        "installment": None,
        "invoice_date": due,
        "due_date": due,
        "amount": eur(amount),
        "slot": timedelta(minutes=10),
    }
    return Receivable(**(values | given))


def a_case(*, due: date, amount: str = "100.00", **given: Any) -> DunningCase:
    """A case that was opened on its due date, in Berlin, acting at 09:10."""
    values: dict[str, Any] = {
        "receivable": a_receivable(due=due, amount=amount),
        "terms": terms(),
        "opened_on": due,
    }
    return DunningCase(**(values | given))


def a_claim(at: datetime | None = None) -> Claim:
    return Claim(reference="case000000000001-1", at=at or datetime(2026, 4, 1, 7, 10, tzinfo=UTC))


def a_hold(first_day: date, until: date | None = None) -> OpenHold:
    return OpenHold(first_day=first_day, until=until, request_id="r-1")


def steps(*days: date) -> tuple[StepTaken, ...]:
    """The first steps of the ladder, taken on these days."""
    return tuple(StepTaken(kind=kind, on=on) for kind, on in zip(StepKind, days, strict=False))


def a_payment(amount: str, *, payment_id: str = "p-1", at: datetime | None = None) -> Payment:
    return Payment(
        payment_id=payment_id,
        amount=eur(amount),
        credit=eur("0.00"),
        at=at or datetime(2026, 1, 1, tzinfo=UTC),
    )


def a_chargeback(
    amount: str,
    *,
    fee: str = "0.00",
    chargeback_id: str = "c-1",
    payment_id: str = "p-1",
    at: datetime | None = None,
) -> Reversal:
    return Reversal(
        chargeback_id=chargeback_id,
        payment_id=payment_id,
        amount=eur(amount),
        fee=eur(fee),
        at=at or datetime(2026, 1, 2, tzinfo=UTC),
    )


def done(deed: DeedKind, at: datetime, **given: Any) -> Result:
    return Result(deed=deed, outcome=Outcome.DONE, at=at, **given)


def came(deed: DeedKind, outcome: Outcome, at: datetime, **given: Any) -> Result:
    return Result(deed=deed, outcome=outcome, at=at, **given)


def play(
    case: DunningCase,
    *,
    since: datetime,
    until: datetime,
    outages: Iterable[tuple[datetime, datetime]] = (),
    option: DunningOption | None = None,
) -> tuple[DunningCase, list[tuple[DeedKind, datetime]]]:
    """What the case does by itself between two moments, with nobody at work in the outages."""
    now, log, away = since, [], sorted(outages)
    while True:
        now = next((back for gone, back in away if gone <= now < back), now)
        deed = case.next_deed(now)
        if deed is None or deed.at > until:
            return case, log
        now = max(now, deed.at)
        if any(gone <= now < back for gone, back in away):
            continue
        if deed.kind in ERRANDS:
            case = _run(case, deed.kind, now)
            if deed.kind is DeedKind.CHECK_CLAIM:
                return case, log
            continue
        log.append((deed.kind, now))
        case = _do(case, deed.kind, now, option)


def _run(case: DunningCase, errand: DeedKind, now: datetime) -> DunningCase:
    told = tuple(move.key for move in case.untold)
    if errand is DeedKind.TELL_SELLER:
        told = (case.tells[0].key,)
    return case.after(done(errand, now, told=told))


def _do(
    case: DunningCase, deed: DeedKind, now: datetime, option: DunningOption | None
) -> DunningCase:
    if deed is DeedKind.END_HOLD:
        return case.after_hold_ended(now)
    if deed in {DeedKind.HANDOFF, DeedKind.CHARGEBACK}:
        chosen = case.option or option
        begins_anew = deed is DeedKind.CHARGEBACK and chosen is DunningOption.NO_COLLECTION
        return case.after(came(deed, Outcome.NEW_ROUND if begins_anew else Outcome.GO, now))
    announced = option if deed is DeedKind.FINAL_NOTICE else None
    return case.after(done(deed, now, option=announced))
