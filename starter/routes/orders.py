"""Orders on account: opening, reading, canceling."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response, status
from sqlmodel import col, select

from models.queries import case_documents
from models.tables import OrderRow, PaymentRow
from starter.dependencies import OrderBatcherDep
from starter.input.fields import is_id
from starter.input.schemas import OrderBody, VerbBody
from starter.intake.cancel_order import cancel_known_order
from starter.openapi import documents, examples
from starter.openapi.described import Success, described, described_as_fact
from starter.reading.payment_documents import parts_of, payment_document
from starter.refusals import NotFound
from starter.services import ServicesDep

router = APIRouter(prefix="/v1/orders", tags=["orders"])


@router.post("", status_code=status.HTTP_201_CREATED)
@described_as_fact(Success(examples.OPENED_ORDER, documents.OpenedOrder), examples.ORDER_BODY)
async def post_order(
    body: OrderBody, services: ServicesDep, batcher: OrderBatcherDep, response: Response
) -> dict[str, Any]:
    """Open an order on account: 201, the same again 200 with the same answer."""
    opened = await batcher.open(services, body)
    if not opened.is_new:
        response.status_code = status.HTTP_200_OK
    await services.send_plans_soon(opened.unsent)
    return opened.answer


@router.get("/{seller_id}/{order_id}")
@described({200: Success(examples.ORDER, documents.OrderDocument)})
async def get_order(seller_id: str, order_id: str, services: ServicesDep) -> dict[str, Any]:
    """The order as it was given, with its cases and payments."""
    async with services.database.reading() as session:
        order = None
        if is_id(seller_id) and is_id(order_id):
            order = await session.get(OrderRow, (seller_id, order_id))
        if order is None:
            raise NotFound("order")
        cases = await case_documents(
            session, now=services.clock.now(), seller_id=seller_id, order_id=order_id
        )
        payments = await session.exec(
            select(PaymentRow)
            .where(
                PaymentRow.seller_id == seller_id,
                PaymentRow.order_id == order_id,
                col(PaymentRow.taken_back_at).is_(None),
            )
            .order_by(col(PaymentRow.received_at), col(PaymentRow.payment_id))
        )
        reported = list(payments)
        parts = await parts_of(session, [payment.payment_id for payment in reported])
    canceled_at = order.canceled_at.isoformat() if order.canceled_at else None
    return {
        **order.given,
        "canceled_at": canceled_at,
        "cases": cases,
        "payments": [
            payment_document(payment, parts[payment.payment_id])
            | {"reported_by": payment.reported_by}
            for payment in reported
        ],
    }


@router.post("/{seller_id}/{order_id}/cancel")
@described({200: Success(examples.CANCELED_ORDER, documents.CanceledOrder)}, body={})
async def post_cancel(
    seller_id: str,
    order_id: str,
    services: ServicesDep,
    body: VerbBody | None = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """R29: a fact, never refused; the second time it is answered the same.

    An `Idempotency-Key` is allowed and has no effect, as a repetition changes nothing.
    """
    reason = body.reason if body else None
    order = await cancel_known_order(services, seller_id, order_id, reason=reason)
    return {
        "seller_id": seller_id,
        "order_id": order_id,
        "canceled_at": order.canceled_at.isoformat() if order.canceled_at else None,
    }
