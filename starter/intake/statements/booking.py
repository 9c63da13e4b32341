"""Booking lines of bank statements, setting them aside, and taking decisions back (R20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.days import first_instant
from dunning.money import CURRENCY_DIGITS
from dunning.movements import ReportedBy
from dunning.statements.lines import StatementLine
from dunning.statements.matches import Candidate
from models.joins import of_receivable
from models.locks import lock_orders
from models.orders import receivable_state
from models.outbox import CaseRef
from models.seller import SellerProfile
from models.tables import (
    CaseRow,
    LineState,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    SellerRow,
    StatementDecisionRow,
    StatementLineRow,
)
from starter.input.amounts import amount_of
from starter.input.schemas import ChargebackBody, PaymentBody
from starter.intake.batch_writes import Accepted
from starter.intake.record_chargebacks import record_chargeback
from starter.intake.record_payments import Origin, record_payments
from starter.intake.statements.returned_payment import payment_to_undo
from starter.intake.take_back_payments import take_back_payment
from starter.reading.statements.lines import known_line, line_of
from starter.reading.statements.matches import last_bookings
from starter.refusals import Conflict, Invalid, Problem, wrong

Document = dict[str, Any]
TAKEN_BACK = "taken_back"


class Clerk(NamedTuple):
    """Who decides about lines, and when: the id of a key, or the word for who else it is."""

    by: str
    now: datetime


class BookedShare(NamedTuple):
    """The part of a line that goes to an order; an installment, if named, is paid first."""

    order_id: str
    installment: int | None
    amount: Decimal


class DecidedLine(NamedTuple):
    """A line that was decided on, and the cases whose plans Temporal needs."""

    row: StatementLineRow
    unsent: Sequence[CaseRef] = ()


async def book_line(
    session: AsyncSession,
    seller: SellerRow,
    line_id: str,
    shares: Sequence[BookedShare],
    clerk: Clerk,
) -> DecidedLine:
    """Book a line to one or several orders; the same booking again changes nothing.

    A return takes back the payments of these orders. Raises `Problem`; then nothing is booked.
    """
    row = await known_line(session, seller.seller_id, line_id, locked=True)
    if row.state == LineState.BOOKED:
        if await _is_the_same(session, row, shares):
            return DecidedLine(row)
        raise Conflict("different_content", "The line is booked otherwise; take it back first.")
    line = line_of(row)
    _check(line, shares)
    row.bookings += 1
    booking = _Booking(seller, row, line, clerk)
    if line.amount > 0:
        unsent = await booking.payments(session, shares)
    else:
        unsent = await booking.returns(session, shares)
    return DecidedLine(row, unsent)


async def book_certain_line(
    session: AsyncSession,
    seller: SellerRow,
    line_id: str,
    candidate: Candidate,
    clerk: Clerk,
    *,
    judged_at: datetime,
) -> DecidedLine | None:
    """Book a certain line; None if it stays as it is.

    It does if it was decided meanwhile, or if an order was paid since the match or can no longer be
    paid.

    The caller has locked the line and its orders.
    """
    row = await known_line(session, seller.seller_id, line_id, locked=True)
    if row.state != LineState.OPEN:
        return None
    shares = [
        BookedShare(share.order_id, share.installment, share.amount.amount)
        for share in candidate.shares
    ]
    orders = {share.order_id for share in shares}
    if await _was_paid_since(
        session, seller.seller_id, orders, judged_at, except_statement=row.statement_id
    ):
        return None
    if not await _can_be_paid(session, seller.seller_id, orders):
        return None
    return await book_line(session, seller, line_id, shares, clerk)


async def set_aside(
    session: AsyncSession, seller: SellerRow, line_id: str, clerk: Clerk, *, reason: str | None
) -> DecidedLine:
    """Decide that a line pays no order; a second time nothing changes.

    Raises `Conflict` if it is booked.
    """
    row = await known_line(session, seller.seller_id, line_id, locked=True)
    if row.state == LineState.BOOKED:
        raise Conflict("different_content", "The line is booked; take it back first.")
    if row.state == LineState.OPEN:
        row.state = LineState.ASIDE
        _note_decision(session, row, LineState.ASIDE, clerk, reason=reason)
    return DecidedLine(row)


async def take_back(
    session: AsyncSession, seller: SellerRow, line_id: str, clerk: Clerk
) -> DecidedLine:
    """Undo the decision about a line: it waits for one again."""
    row = await known_line(session, seller.seller_id, line_id, locked=True)
    if row.state == LineState.OPEN:
        return DecidedLine(row)
    shares: list[Document] = []
    unsent: list[CaseRef] = []
    if row.state == LineState.BOOKED:
        if row.amount < 0:
            message = "a return cannot be taken back; record the payment again instead"
            raise wrong("line_id", message)
        shares = (await last_bookings(session, [row.line_id]))[row.line_id]
        pairs = [(seller.seller_id, share["order_id"]) for share in shares]
        await lock_orders(session, pairs)
        for share in shares:
            payment = await session.get_one(PaymentRow, share["payment_id"])
            unsent += await take_back_payment(session, payment, now=clerk.now)
    row.state = LineState.OPEN
    _note_decision(session, row, TAKEN_BACK, clerk, shares=shares)
    return DecidedLine(row, unsent)


class _Booking:
    """The booking of one line."""

    def __init__(
        self, seller: SellerRow, row: StatementLineRow, line: StatementLine, clerk: Clerk
    ) -> None:
        self._seller = seller
        self._row = row
        self._line = line
        self._clerk = clerk
        zone = SellerProfile.model_validate(seller.profile).time_zone
        self._at = _moment_of(line.booked_on, zone)

    async def payments(self, session: AsyncSession, shares: Sequence[BookedShare]) -> list[CaseRef]:
        """Record money that came in: a payment for each order."""
        bodies = [
            PaymentBody.model_construct(
                payment_id=self._id(place),
                seller_id=self._seller.seller_id,
                order_id=share.order_id,
                installment=share.installment,
                amount=share.amount,
                currency=self._line.currency,
                paid_at=self._at,
            )
            for place, share in enumerate(shares)
        ]
        origin = Origin(ReportedBy.STATEMENT, self._row.line_id, self._clerk.by)
        origins = {body.payment_id: origin for body in bodies}
        outcomes = await record_payments(
            session, bodies, now=self._clerk.now, origins=origins, at_once=True
        )
        booked: list[Document] = []
        unsent: list[CaseRef] = []
        for place, (body, outcome) in enumerate(zip(bodies, outcomes, strict=True)):
            if not isinstance(outcome, Accepted):
                raise _of_share(place, outcome)
            unsent += outcome.unsent
            case_id = _first_case(outcome)
            booked.append(_document(shares[place], self._line, case_id, body.payment_id))
        self._note(session, booked)
        return unsent

    async def returns(self, session: AsyncSession, shares: Sequence[BookedShare]) -> list[CaseRef]:
        """Record money that went back: a chargeback per order, the bank's costs with the first."""
        whole = -self._line.amount
        costs = whole - sum((share.amount for share in shares), start=Decimal(0))
        await lock_orders(session, [(self._row.seller_id, share.order_id) for share in shares])
        booked: list[Document] = []
        unsent: list[CaseRef] = []
        for place, share in enumerate(shares):
            payment = await payment_to_undo(session, self._seller, self._row, share)
            if payment is None:
                message = "no payment of this order has so much left that could have gone back"
                raise wrong(f"{place}.order_id", message)
            body = ChargebackBody.model_construct(
                chargeback_id=self._id(place),
                amount=share.amount,
                occurred_at=self._at,
                fee=costs if place == 0 and costs > 0 else None,
            )
            try:
                recorded = await record_chargeback(
                    session, payment.payment_id, body, now=self._clerk.now
                )
            except Invalid as refused:
                raise _of_share(place, refused) from refused
            unsent += recorded.unsent
            case_id = _first_case(recorded)
            booked.append(
                _document(share, self._line, case_id, payment.payment_id)
                | {"chargeback_id": body.chargeback_id}
            )
        self._note(session, booked)
        return unsent

    def _id(self, place: int) -> str:
        """Return an id that no other booking of the line has, so that each is another payment."""
        return f"{self._row.line_id}-{self._row.bookings}.{place + 1}"

    def _note(self, session: AsyncSession, booked: list[Document]) -> None:
        self._row.state = LineState.BOOKED
        _note_decision(session, self._row, LineState.BOOKED, self._clerk, shares=booked)


def _check(line: StatementLine, shares: Sequence[BookedShare]) -> None:
    """Check that a line can be booked like that. Raises `Invalid`."""
    if line.amount == 0 or (line.amount < 0 and not line.is_return):
        raise wrong("line_id", "is money that went out: nothing is paid by it")
    if line.currency not in CURRENCY_DIGITS:
        raise wrong("line_id", f"is in {line.currency}, which is no currency of ISO 4217")
    for place, share in enumerate(shares):
        amount_of(f"{place}.amount", share.amount, line.currency)
    booked = sum((share.amount for share in shares), start=Decimal(0))
    if booked > abs(line.amount):
        raise wrong("amount", f"is {booked} in all, more than the {abs(line.amount)} of the line")


async def _is_the_same(
    session: AsyncSession, row: StatementLineRow, shares: Sequence[BookedShare]
) -> bool:
    booked = (await last_bookings(session, [row.line_id])).get(row.line_id, [])
    there = [(one["order_id"], one["installment"], Decimal(one["amount"])) for one in booked]
    return there == [tuple(share) for share in shares]


async def _was_paid_since(
    session: AsyncSession,
    seller_id: str,
    orders: set[str],
    moment: datetime,
    *,
    except_statement: str,
) -> bool:
    """Whether these orders got payments since the match, except by this statement."""
    of_statement = select(StatementLineRow.line_id).where(
        StatementLineRow.statement_id == except_statement
    )
    query = (
        select(func.count())
        .select_from(PaymentRow)
        .where(
            col(PaymentRow.seller_id) == seller_id,
            col(PaymentRow.order_id).in_(sorted(orders)),
            col(PaymentRow.received_at) >= moment,
            col(PaymentRow.line_id).is_(None) | col(PaymentRow.line_id).not_in(of_statement),
        )
    )
    return (await session.exec(query)).one() > 0


async def _can_be_paid(session: AsyncSession, seller_id: str, orders: set[str]) -> bool:
    """Whether each of these orders has a receivable that takes payments."""
    query = (
        select(OrderRow, CaseRow)
        .join(
            ReceivableRow,
            (col(ReceivableRow.seller_id) == OrderRow.seller_id)
            & (col(ReceivableRow.order_id) == OrderRow.order_id),
        )
        .outerjoin(CaseRow, of_receivable())
        .where(OrderRow.seller_id == seller_id, col(OrderRow.order_id).in_(sorted(orders)))
    )
    payable = {
        order.order_id
        for order, case in await session.exec(query)
        if receivable_state(order, case).can_be_paid
    }
    return payable == orders


def _note_decision(
    session: AsyncSession,
    row: StatementLineRow,
    decision: str,
    clerk: Clerk,
    *,
    reason: str | None = None,
    shares: Sequence[Document] = (),
) -> None:
    """Write down the decision and who made it."""
    session.add(row)
    session.add(
        StatementDecisionRow(
            line_id=row.line_id,
            decision=decision,
            at=clerk.now,
            by=clerk.by,
            reason=reason,
            shares=list(shares),
        )
    )


def _document(
    share: BookedShare, line: StatementLine, case_id: str | None, payment_id: str
) -> Document:
    amount = amount_of("amount", share.amount, line.currency)
    return {
        "order_id": share.order_id,
        "installment": share.installment,
        "case_id": case_id,
        "amount": str(amount),
        "payment_id": payment_id,
    }


def _first_case(recorded: Accepted) -> str | None:
    """Return the case of the first receivable that got the money, or lost it."""
    return next((share["case_id"] for share in recorded.answer["allocations"]), None)


def _of_share(place: int, refused: Problem) -> Problem:
    """Return a refusal that names the share it is about."""
    if not refused.errors:
        return wrong(f"{place}.order_id", "is no order of this seller")
    return Invalid(
        *(error.model_copy(update={"field": f"{place}.{error.field}"}) for error in refused.errors)
    )


def _moment_of(day: date, time_zone: str) -> datetime:
    """Return noon of a day in the seller's time zone."""
    return first_instant(day, time(12), time_zone).astimezone(UTC)
