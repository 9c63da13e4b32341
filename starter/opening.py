"""Opening an order: one transaction writes it, its receivables and its cases (R1, R2, R22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.calendars import terms_of
from dunning.case import DunningCase
from dunning.money import Money, NotAnAmount, exact, total
from dunning.notices import NoticeKind
from dunning.opening import NoticeHad, open_case
from dunning.receivables import (
    Part,
    Receivable,
    due_date_of,
    receivables_of,
    wants_invoice_notice,
)
from dunning.settings import no_handoff_before
from dunning.state import Opening
from models.casebook import add_case, deliver_later
from models.orders import order_row
from models.seller import SellerProfile, SellerSettings
from models.tables import CustomerRow, OrderRow, ReceivableRow
from starter.asking import ask_once
from starter.customers import save_customer
from starter.delivery import OPEN
from starter.problems import Conflict, FieldError, Invalid
from starter.schemas import OrderBody
from starter.sellers import known_seller


@dataclass(frozen=True)
class OpenedOrder:
    """What the caller is told, and the cases that have to hear something."""

    answer: dict[str, Any]
    is_new: bool
    to_deliver: tuple[str, ...] = ()


async def open_order(session: AsyncSession, body: OrderBody, *, now: datetime) -> OpenedOrder:
    """Open an order; the same one again is answered as before, another of its id refused."""
    seller = await known_seller(session, body.seller_id)
    if seller.settings_asked_at is None and seller.settings_answered_at is None:
        # It may be asked below. Of two first orders each would keep the other from that, if both
        # had rows by then that refer to the seller.
        seller = await known_seller(session, body.seller_id, locked=True)
    profile = SellerProfile.model_validate(seller.profile)
    settings = SellerSettings.model_validate(seller.settings)
    today = now.astimezone(profile.zone).date()
    amounts = _checked(body, today=today)
    given = _normalized(body, amounts)
    known = await order_row(session, body.seller_id, body.order_id)
    if known is not None:
        if known.given != given:
            raise Conflict("different_content", "Another order has this id.")
        return OpenedOrder(answer=known.answer, is_new=False)

    customer, woken = await save_customer(session, body.seller_id, body.customer, at=now)
    term = customer.payment_term_days or settings.payment_term_days
    receivables = receivables_of(
        seller_id=body.seller_id,
        order_id=body.order_id,
        invoice_date=body.invoice_date,
        parts=amounts.parts(due_date_of(body.invoice_date, term)),
    )
    silent_until = no_handoff_before(
        asked_at=seller.settings_asked_at or now,
        answered_at=seller.settings_answered_at,
        time_zone=profile.time_zone,
    )
    cases = _cases(
        body,
        receivables,
        customer,
        profile,
        settings,
        now=now,
        today=today,
        silent_until=silent_until,
    )
    order = _order_row(body, amounts, given=given, parts=len(receivables), now=now)
    order.answer = _answer(body, cases)
    connection = await session.connection()
    await connection.execute(insert(OrderRow), order.model_dump())
    rows = [_receivable_row(each, has_case=each.case_id in cases) for each in receivables]
    await connection.execute(insert(ReceivableRow), [row.model_dump() for row in rows])
    for case in cases.values():
        await add_case(session, case, customer_id=customer.customer_id, at=now)
        deliver_later(session, case.case_id, OPEN, {}, now)
    if cases:
        await ask_once(session, seller, case_id=next(iter(cases)), at=now)
    return OpenedOrder(answer=order.answer, is_new=True, to_deliver=(*cases, *woken))


@dataclass(frozen=True)
class _Amounts:
    """The amounts of an order, checked and in its currency."""

    total: Money
    cancellation_costs: Money
    installments: tuple[tuple[int, date, Money], ...]

    def parts(self, due_date: date) -> tuple[Part, ...]:
        if not self.installments:
            return (Part(installment=None, due_date=due_date, amount=self.total),)
        return tuple(
            Part(installment=number, due_date=due, amount=amount)
            for number, due, amount in self.installments
        )


def _checked(body: OrderBody, *, today: date) -> _Amounts:
    """The amounts of an order; `Invalid` names every field that is wrong, of the notices too."""
    errors: list[FieldError] = []

    def amount(field: str, given: Decimal, *, zero_allowed: bool = False) -> Money:
        try:
            return exact(given, body.currency, zero_allowed=zero_allowed)
        except NotAnAmount as error:
            errors.append(FieldError(field=field, message=str(error)))
            return Money.zero(body.currency)

    costs = body.cancellation_costs or Decimal(0)
    amounts = _Amounts(
        total=amount("total", body.total),
        cancellation_costs=amount("cancellation_costs", costs, zero_allowed=True),
        installments=tuple(
            (part.number, part.due_date, amount(f"installments.{index}.amount", part.amount))
            for index, part in enumerate(body.installments or ())
        ),
    )
    numbers = [number for number, _, _ in amounts.installments]
    errors += [
        FieldError(field=f"installments.{index}.number", message="is there twice")
        for index, number in enumerate(numbers)
        if number in numbers[:index]
    ]
    parts = total((part for _, _, part in amounts.installments), body.currency)
    if amounts.installments and not errors and parts != amounts.total:
        message = f"add up to {parts}, not to the total {amounts.total}"
        errors.append(FieldError(field="installments", message=message))
    errors += _wrong_notices(body, today)
    if errors:
        raise Invalid(*errors)
    return amounts


def _wrong_notices(body: OrderBody, today: date) -> list[FieldError]:
    numbers: set[int | None] = {part.number for part in body.installments or ()} or {None}
    errors = []
    for index, notice in enumerate(body.notices_sent):
        of_order = notice.kind is NoticeKind.INVOICE_NOTICE and notice.installment is None
        if notice.installment not in numbers and not of_order:
            field = f"notices_sent.{index}.installment"
            errors.append(FieldError(field=field, message="is no installment of this order"))
        if notice.sent_on > today:
            field = f"notices_sent.{index}.sent_on"
            errors.append(FieldError(field=field, message="lies in the future"))
    return errors


def _normalized(body: OrderBody, amounts: _Amounts) -> dict[str, Any]:
    """The order as it was given, with amounts in their one spelling, to compare and to show."""
    given = body.model_dump(mode="json")
    given["total"] = str(amounts.total)
    given["cancellation_costs"] = str(amounts.cancellation_costs)
    if given["installments"] is not None:
        for part, (_, _, amount) in zip(given["installments"], amounts.installments, strict=True):
            part["amount"] = str(amount)
    return given


def _cases(
    body: OrderBody,
    receivables: Sequence[Receivable],
    customer: CustomerRow,
    profile: SellerProfile,
    settings: SellerSettings,
    *,
    now: datetime,
    today: date,
    silent_until: datetime | None,
) -> dict[str, DunningCase]:
    """The cases of an order, the one due first at the head; it sends the invoice notice (R2)."""
    wanted = [
        receivable
        for receivable in receivables
        if settings.collecting.takes(
            receivable.due_date, invoice_date=body.invoice_date, today=today
        )
    ]
    invoiced = [n.sent_on for n in body.notices_sent if n.kind is NoticeKind.INVOICE_NOTICE]
    is_early = wants_invoice_notice(invoice_date=body.invoice_date, today=today)
    sends = is_early and not body.notices_sent
    cases = {}
    for receivable in wanted:
        is_first = receivable is wanted[0]
        cases[receivable.case_id] = open_case(
            receivable,
            terms=terms_of(
                profile,
                settings,
                country=(customer.address or {}).get("country"),
                due_date=receivable.due_date,
                now=now,
                no_handoff_before=silent_until,
            ),
            at=now,
            opening=Opening(
                invoice_notice=is_first and sends,
                address_incomplete=is_first and bool(customer.missing),
            ),
            invoice_notice_on=max(invoiced) if invoiced else (today if sends else None),
            missing=customer.missing,
            had=_had(body, receivable.installment),
            option=settings.dunning_option,
        )
    return cases


def _had(body: OrderBody, installment: int | None) -> list[NoticeHad]:
    return [
        NoticeHad(kind=notice.kind, sent_on=notice.sent_on)
        for notice in body.notices_sent
        if notice.installment == installment
    ]


def _order_row(
    body: OrderBody, amounts: _Amounts, *, given: dict[str, Any], parts: int, now: datetime
) -> OrderRow:
    return OrderRow(
        seller_id=body.seller_id,
        order_id=body.order_id,
        customer_id=body.customer.customer_id,
        invoice_number=body.invoice_number,
        invoice_date=body.invoice_date,
        currency=body.currency,
        total=amounts.total.amount,
        cancellation_costs=amounts.cancellation_costs.amount,
        subject=body.subject,
        parts=parts,
        given=given,
        answer={},
        received_at=now,
    )


def _receivable_row(receivable: Receivable, *, has_case: bool) -> ReceivableRow:
    amount = receivable.amount.amount
    return ReceivableRow(
        case_id=receivable.case_id,
        seller_id=receivable.seller_id,
        order_id=receivable.order_id,
        installment=receivable.installment,
        due_date=receivable.due_date,
        currency=receivable.amount.currency,
        amount=amount,
        fees=Decimal(0),
        paid=Decimal(0),
        open_amount=amount,
        has_case=has_case,
    )


def _answer(body: OrderBody, cases: dict[str, DunningCase]) -> dict[str, Any]:
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
