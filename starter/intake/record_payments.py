"""Recording payments, each once, with what it pays (R20)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.ledger import Allocation, OpenItem, Share, allocate, waived_rest
from dunning.money import Money
from dunning.movements import ReportedBy
from dunning.stages import AT_THE_PARTNER
from models.composite_keys import Pair, named_by
from models.locks import lock_orders
from models.orders import bring_up_cases, receivable_state
from models.outbox import CaseRef, mark_behind
from models.seller import SellerSettings
from models.tables import (
    AllocationRow,
    CaseRow,
    OrderRow,
    PaymentRow,
    ReceivableRow,
    SellerRow,
    WaiverRow,
)
from starter.input.amounts import amount_of
from starter.input.schemas import PaymentBody
from starter.intake.batch_writes import Accepted, Outcome, with_unsent
from starter.reading.payment_documents import Part, parts_of, payment_document
from starter.refusals import Conflict, NotFound, Problem, wrong


class Origin(NamedTuple):
    """The origin of a payment: who reports it, the person, and the line of a bank statement."""

    reported_by: ReportedBy = ReportedBy.BACKEND
    line_id: str | None = None
    by: str | None = None


_BY_THE_BACKEND: Final = Origin()


async def record_payment(
    session: AsyncSession, body: PaymentBody, *, now: datetime, origin: Origin = _BY_THE_BACKEND
) -> Accepted:
    """Record a payment; the same one again gets the same answer. Raises `Problem`."""
    [outcome] = await record_payments(session, [body], now=now, origins={body.payment_id: origin})
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def record_payments(
    session: AsyncSession,
    bodies: Sequence[PaymentBody],
    *,
    now: datetime,
    origins: Mapping[str, Origin] | None = None,
    at_once: bool = False,
) -> list[Outcome]:
    """Record payments one after the other; refusing one does not affect the others.

    `origins` are by payment id. The cases of a single payment are brought up in this transaction,
    those of several soon after; with `at_once` all in this transaction.
    """
    recording = _Recording(await _look_up(session, bodies), now, origins or {}, at_once=at_once)
    outcomes: list[Outcome] = []
    for body in bodies:
        try:
            outcomes.append(recording.record(body))
        except Problem as problem:
            outcomes.append(problem)
    return with_unsent(outcomes, await recording.write(session))


@dataclass(frozen=True)
class _Order:
    """An order with its receivables, in order of due date, and its cases."""

    row: OrderRow
    receivables: list[ReceivableRow]
    cases: dict[str, CaseRow]

    def open_items(self) -> list[OpenItem]:
        """Return the receivables for the allocation.

        Canceled ones, and those that the partner collected, take no payment.
        """
        return [
            OpenItem(
                case_id=row.case_id,
                installment=row.installment,
                due_date=row.due_date,
                open_amount=Money(amount=row.open_amount, currency=row.currency),
                can_be_paid=receivable_state(self.row, self.cases.get(row.case_id)).can_be_paid,
            )
            for row in self.receivables
        ]

    def is_at_the_partner(self, case_id: str) -> bool:
        """Whether the partner has the claim, or is being asked to take it."""
        case = self.cases.get(case_id)
        return case is not None and (
            case.stage in AT_THE_PARTNER or case.state.get("handoff_begun", False)
        )


@dataclass
class _KnownRows:
    """The rows that payments name; each payment that is recorded adds its own."""

    payments: dict[str, tuple[PaymentRow, list[Part]]]
    orders: dict[Pair, _Order]
    waive_below: dict[str, Mapping[str, Decimal]]


@dataclass
class _Recording:
    """Payments that are being recorded: the known rows, and new ones that are not yet written."""

    known: _KnownRows
    now: datetime
    origins: Mapping[str, Origin] = field(default_factory=dict)
    at_once: bool = False
    payments: list[PaymentRow] = field(default_factory=list)
    allocations: list[AllocationRow] = field(default_factory=list)
    waivers: list[WaiverRow] = field(default_factory=list)
    paid: list[CaseRef] = field(default_factory=list)

    def record(self, body: PaymentBody) -> Accepted:
        """Decide where a payment goes. Raises `Problem`; then nothing is changed."""
        earlier = self.known.payments.get(body.payment_id)
        if earlier is not None:
            if not _is_same(earlier[0], body):
                raise Conflict("different_content", "Another payment has this id.")
            return Accepted(answer=payment_document(*earlier), is_new=False)
        order = self.known.orders.get((body.seller_id, body.order_id))
        if order is None:
            raise NotFound("order")
        if body.currency != order.row.currency:
            raise wrong("currency", f"the order is in {order.row.currency}")
        amount = amount_of("amount", body.amount, body.currency)
        numbers = [receivable.installment for receivable in order.receivables]
        if body.installment is not None and body.installment not in numbers:
            raise wrong("installment", "is no installment of this order")

        items = order.open_items()
        allocation = allocate(amount, items, named=body.installment)
        origin = self.origins.get(body.payment_id, _BY_THE_BACKEND)
        payment = PaymentRow(
            payment_id=body.payment_id,
            seller_id=body.seller_id,
            order_id=body.order_id,
            installment=body.installment,
            currency=body.currency,
            amount=amount.amount,
            credit=allocation.credit.amount,
            paid_at=body.paid_at,
            received_at=self.now,
            reported_by=origin.reported_by,
            line_id=origin.line_id,
            recorded_by=origin.by,
        )
        parts = self._allocate(order, payment, allocation)
        shares = allocation.shares or (self._all_credit(payment, items, body),)
        with_case = {row.case_id for row in order.receivables if row.has_case}
        paid = [CaseRef(body.seller_id, s.case_id) for s in shares if s.case_id in with_case]
        self.paid += paid
        self.payments.append(payment)
        self.known.payments[body.payment_id] = (payment, parts)
        return Accepted(answer=payment_document(payment, parts), is_new=True, cases=tuple(paid))

    def _all_credit(
        self, payment: PaymentRow, items: Sequence[OpenItem], body: PaymentBody
    ) -> Share:
        """Add a share of 0 for a payment that is all credit, so that a case's history mentions it.

        That is the case of the named installment, else the first.
        """
        item = next((item for item in items if item.installment == body.installment), items[0])
        nothing = Money.zero(body.currency)
        self.allocations.append(
            AllocationRow(
                payment_id=payment.payment_id, case_id=item.case_id, amount=nothing.amount
            )
        )
        return Share(
            case_id=item.case_id,
            installment=item.installment,
            due_date=item.due_date,
            amount=nothing,
        )

    def _allocate(self, order: _Order, payment: PaymentRow, allocation: Allocation) -> list[Part]:
        """Pay the receivables; return the parts of the payment, in order of due date."""
        amounts = {share.case_id: share.amount.amount for share in allocation.shares}
        parts = []
        for row in order.receivables:
            if row.case_id not in amounts:
                continue
            amount = amounts[row.case_id]
            row.paid += amount
            row.open_amount -= amount
            parts.append(Part(row, amount))
            self.allocations.append(
                AllocationRow(payment_id=payment.payment_id, case_id=row.case_id, amount=amount)
            )
            self._waive_rest(order, row, payment)
        return parts

    def _waive_rest(self, order: _Order, row: ReceivableRow, payment: PaymentRow) -> None:
        """R20: a small rest is not asked for any more."""
        waived = waived_rest(
            Money(amount=row.open_amount, currency=row.currency),
            self.known.waive_below[payment.seller_id].get(row.currency),
            at_partner=order.is_at_the_partner(row.case_id),
        )
        if waived is None:
            return
        self.waivers.append(
            WaiverRow(
                payment_id=payment.payment_id,
                case_id=row.case_id,
                amount=waived.amount,
                waived_at=self.now,
            )
        )
        row.open_amount = Decimal(0)

    async def write(self, session: AsyncSession) -> list[CaseRef]:
        """Write the new rows, those that others refer to first.

        Returns the cases whose plans Temporal needs. The rows are sorted by their ids, as in every
        other transaction, so that no two block each other.
        """
        payments = sorted(self.payments, key=lambda payment: payment.payment_id)
        session.add_all(payments)
        await session.flush()
        session.add_all([*self.allocations, *self.waivers])
        await session.flush()
        paid = list(dict.fromkeys(self.paid))
        await mark_behind(session, (case.case_id for case in paid))
        if len(self.payments) == 1 or self.at_once:
            return await bring_up_cases(session, paid, at=self.now)
        return paid


async def _look_up(session: AsyncSession, bodies: Sequence[PaymentBody]) -> _KnownRows:
    """Read all that these payments name; lock the orders of new ones until the transaction ends."""
    payment_ids = {body.payment_id for body in bodies}
    query = select(PaymentRow).where(col(PaymentRow.payment_id).in_(sorted(payment_ids)))
    rows = {row.payment_id: row for row in await session.exec(query)}
    parts = await parts_of(session, rows)
    new = {(body.seller_id, body.order_id) for body in bodies if body.payment_id not in rows}
    return _KnownRows(
        payments={payment_id: (row, parts[payment_id]) for payment_id, row in rows.items()},
        orders=await _orders(session, new),
        waive_below=await _waive_below(session, {seller_id for seller_id, _ in new}),
    )


async def _waive_below(
    session: AsyncSession, sellers: Collection[str]
) -> dict[str, Mapping[str, Decimal]]:
    """Return each seller's thresholds, by currency, below which a rest is waived."""
    if not sellers:
        return {}
    query = select(SellerRow).where(col(SellerRow.seller_id).in_(sorted(sellers)))
    return {
        row.seller_id: SellerSettings.model_validate(row.settings).waive_below
        for row in await session.exec(query)
    }


async def _orders(session: AsyncSession, pairs: Collection[Pair]) -> dict[Pair, _Order]:
    """Read orders with their receivables and cases, and lock them."""
    if not pairs:
        return {}
    await lock_orders(session, pairs)
    rows = await session.exec(
        select(OrderRow).where(named_by(OrderRow.seller_id, OrderRow.order_id, pairs))
    )
    orders = list(rows)
    receivables: dict[Pair, list[ReceivableRow]] = {}
    for row in await session.exec(
        select(ReceivableRow)
        .where(named_by(ReceivableRow.seller_id, ReceivableRow.order_id, pairs))
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    ):
        receivables.setdefault((row.seller_id, row.order_id), []).append(row)
    cases = await session.exec(
        select(CaseRow).where(named_by(CaseRow.seller_id, CaseRow.order_id, pairs))
    )
    by_id = {case.case_id: case for case in cases}
    return {_pair(order): _Order(order, receivables[_pair(order)], by_id) for order in orders}


def _pair(order: OrderRow) -> Pair:
    return order.seller_id, order.order_id


def _is_same(known: PaymentRow, body: PaymentBody) -> bool:
    return (
        known.seller_id == body.seller_id
        and known.order_id == body.order_id
        and known.installment == body.installment
        and known.amount == body.amount
        and known.currency == body.currency
        and known.paid_at == body.paid_at
    )
