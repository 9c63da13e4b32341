"""Opening orders: one transaction writes them, their receivables and their cases (R1, R2, R22).

All rows that the orders name are read together, each order is decided by itself, and all new rows
are written together: a hundred orders need few more statements than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.case.beginning import EarlierNotice, EarlierNotices, InvoiceNotice, new_case
from dunning.case.state import DunningCase
from dunning.notices import NoticeKind
from dunning.receivables import Receivable, due_date_of, receivables_of, wants_invoice_notice
from dunning.settings import no_handoff_before
from models.changes import add_cases
from models.customers import address_of
from models.orders import bring_up_cases
from models.outbox import CaseRef, mark_behind
from models.tables import CustomerRow, OrderRow, ReceivableRow
from models.terms import SellerAt, terms_of
from starter.input.schemas import OrderBody
from starter.input.tax_ids import with_checked_tax_id
from starter.intake.batch_writes import Accepted, Outcome, with_unsent
from starter.intake.customers import change_fields, customer_of_order, filled_fields
from starter.intake.known_rows import KnownOrder, KnownRows, Seller, look_up
from starter.intake.order_content import Amounts, checked_amounts, is_same, normalized
from starter.intake.settings_question import ask_once, may_ask
from starter.refusals import Conflict, NotFound, Problem

Document = dict[str, Any]


async def open_orders(
    session: AsyncSession, bodies: Sequence[OrderBody], *, now: datetime
) -> list[Outcome]:
    """Open orders one after the other; refusing one does not affect the others.

    The same order again gets the same answer; a different one with the same id is refused.
    """
    opening = _Opening(await look_up(session, bodies), now)
    outcomes: list[Outcome] = []
    for body in bodies:
        try:
            outcomes.append(opening.open(body))
        except Problem as problem:
            outcomes.append(problem)
    return with_unsent(outcomes, await opening.write(session))


@dataclass
class _New:
    """All rows of a new order."""

    seller: Seller
    order: Document
    receivables: list[Document]
    cases: dict[str, DunningCase]
    customer: CustomerRow


@dataclass
class _Opening:
    """Orders that are being opened: the known rows, and new ones that are not yet written."""

    known: KnownRows
    now: datetime
    new: list[_New] = field(default_factory=list)
    woken: list[CaseRef] = field(default_factory=list)

    def open(self, body: OrderBody) -> Accepted:
        """Decide on one order. Raises `Problem`; then nothing is changed."""
        seller = self.known.sellers.get(body.seller_id)
        if seller is None:
            raise NotFound("seller")
        today = self.now.astimezone(seller.profile.zone).date()
        amounts = checked_amounts(body, today=today)
        given = normalized(body, amounts)
        key = (body.seller_id, body.order_id)
        earlier = self.known.orders.get(key)
        if earlier is not None:
            if not is_same(earlier.given, given):
                raise Conflict("different_content", "Another order has this id.")
            return Accepted(answer=earlier.answer, is_new=False)

        customer, woken = self._customer(body)
        term = customer.payment_term_days or seller.settings.payment_term_days
        receivables = receivables_of(
            seller_id=body.seller_id,
            order_id=body.order_id,
            invoice_date=body.invoice_date,
            parts=amounts.parts(due_date_of(body.invoice_date, term)),
        )
        cases = _cases(body, receivables, customer, seller, now=self.now, today=today)
        rows = [_receivable(one, has_case=one.case_id in cases) for one in receivables]
        answer = _answer(body, cases)
        self.known.orders[key] = KnownOrder(given=given, answer=answer)
        self.new.append(
            _New(
                seller=seller,
                order=_order(body, amounts, given=given, answer=answer, now=self.now),
                receivables=rows,
                cases=cases,
                customer=customer,
            )
        )
        own = [CaseRef(body.seller_id, case_id) for case_id in cases]
        self.woken += woken
        return Accepted(answer=answer, is_new=True, cases=(*own, *woken))

    def _customer(self, body: OrderBody) -> tuple[CustomerRow, list[CaseRef]]:
        """Return the customer with the order's data, and the cases that may go on with that."""
        key = (body.seller_id, body.customer.customer_id)
        row = customer_of_order(self.known.customers.get(key), body.seller_id, body.customer)
        changes = filled_fields(row, body.customer)
        changes = with_checked_tax_id(row, changes, field="customer.tax_id")
        self.known.customers[key] = row
        may_help = change_fields(row, changes)
        return row, self.known.blocked.get(key, []) if may_help else []

    async def write(self, session: AsyncSession) -> list[CaseRef]:
        """Write the new rows, those that others refer to first; return the cases to be sent.

        Sorted by ids, as in every other transaction, so that no two block each other.
        """
        if not self.new:
            return []
        in_order = sorted(self.new, key=lambda new: (new.order["seller_id"], new.order["order_id"]))
        await self._ask_sellers(session)
        customers = {_key_of(new.customer): new.customer for new in self.new}
        session.add_all(customers[key] for key in sorted(customers))
        await session.flush()
        connection = await session.connection()
        await connection.execute(insert(OrderRow), [new.order for new in in_order])
        receivables = [receivable for new in in_order for receivable in new.receivables]
        await connection.execute(insert(ReceivableRow), receivables)
        cases = (
            (case, new.customer.customer_id) for new in in_order for case in new.cases.values()
        )
        await add_cases(session, cases, at=self.now)
        begun = [
            CaseRef(new.order["seller_id"], case_id) for new in in_order for case_id in new.cases
        ]
        if len(self.new) == 1:
            return [*begun, *await bring_up_cases(session, self.woken, at=self.now)]
        # Each follows soon, in a transaction of its own.
        await mark_behind(session, (case.case_id for case in self.woken))
        return [*begun, *self.woken]

    async def _ask_sellers(self, session: AsyncSession) -> None:
        """R21: note which sellers are to be asked for their settings, because of a first order."""
        first_of: dict[str, _New] = {}
        for new in self.new:
            if new.cases and may_ask(new.seller.row):
                first_of.setdefault(new.order["seller_id"], new)
        for _, new in sorted(first_of.items()):
            case_id = next(iter(new.cases))
            await ask_once(session, new.seller.row, case_id=case_id, at=self.now)


def _cases(
    body: OrderBody,
    receivables: Sequence[Receivable],
    customer: CustomerRow,
    seller: Seller,
    *,
    now: datetime,
    today: date,
) -> dict[str, DunningCase]:
    """Create the cases of an order, the one due first first; that one sends the invoice notice.

    R2: it sends none if the order comes late or names notices that were sent before.
    """
    wanted = [
        receivable
        for receivable in receivables
        if seller.settings.collecting.takes(
            receivable.due_date, invoice_date=body.invoice_date, today=today
        )
    ]
    invoiced = [n.sent_on for n in body.notices_sent if n.kind is NoticeKind.INVOICE_NOTICE]
    is_early = wants_invoice_notice(invoice_date=body.invoice_date, today=today)
    sends = is_early and not body.notices_sent
    invoiced_on = max(invoiced) if invoiced else (today if sends else None)
    not_before = no_handoff_before(
        asked_at=seller.row.settings_asked_at or now,
        answered_at=seller.row.settings_answered_at,
        time_zone=seller.profile.time_zone,
    )
    seller_at = SellerAt(body.seller_id, seller.profile, seller.settings, now, not_before)
    cases = {}
    for receivable in wanted:
        is_first = receivable is wanted[0]
        cases[receivable.case_id] = new_case(
            receivable,
            terms=terms_of(seller_at, address_of(customer), due_date=receivable.due_date),
            at=now,
            invoice_notice=InvoiceNotice(is_first and sends, invoiced_on),
            earlier=EarlierNotices(
                _notices_before(body, receivable.installment), seller.settings.dunning_option
            ),
            missing=customer.missing,
            mails_seller_about_address=is_first,
        )
    return cases


def _key_of(customer: CustomerRow) -> tuple[str, str]:
    return customer.seller_id, customer.customer_id


def _notices_before(body: OrderBody, installment: int | None) -> list[EarlierNotice]:
    return [
        EarlierNotice(kind=notice.kind, sent_on=notice.sent_on)
        for notice in body.notices_sent
        if notice.installment == installment
    ]


def _order(
    body: OrderBody, amounts: Amounts, *, given: Document, answer: Document, now: datetime
) -> Document:
    """Return the columns of an order's row."""
    return {
        "seller_id": body.seller_id,
        "order_id": body.order_id,
        "customer_id": body.customer.customer_id,
        "invoice_number": body.invoice_number,
        "invoice_date": body.invoice_date,
        "ordered_on": body.ordered_on,
        "currency": body.currency,
        "total": amounts.total.amount,
        "cancellation_costs": amounts.cancellation_costs.amount,
        "subject": body.subject,
        "parts": len(amounts.installments) or 1,
        "given": given,
        "answer": answer,
        "received_at": now,
    }


def _receivable(receivable: Receivable, *, has_case: bool) -> Document:
    """Return the columns of a receivable's row."""
    amount = receivable.amount.amount
    return {
        "case_id": receivable.case_id,
        "seller_id": receivable.seller_id,
        "order_id": receivable.order_id,
        "installment": receivable.installment,
        "due_date": receivable.due_date,
        "currency": receivable.amount.currency,
        "amount": amount,
        "fees": Decimal(0),
        "paid": Decimal(0),
        "open_amount": amount,
        "has_case": has_case,
    }


def _answer(body: OrderBody, cases: dict[str, DunningCase]) -> Document:
    return {
        "seller_id": body.seller_id,
        "order_id": body.order_id,
        "cases": [
            {
                "case_id": case_id,
                "installment": case.receivable.installment,
                "due_date": case.receivable.due_date.isoformat(),
                "amount": str(case.receivable.amount),
                "stage": case.stage,
            }
            for case_id, case in cases.items()
        ],
    }
