"""Canceling an order, with all its cases (R29)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders import bring_up_order, cancel_order, locked_order
from models.outbox import CaseRef
from models.tables import OrderRow
from starter.input.fields import is_id
from starter.refusals import NotFound
from starter.services import Services


async def cancel_known_order(
    services: Services,
    seller_id: str,
    order_id: str,
    *,
    by: str | None = None,
    reason: str | None = None,
) -> OrderRow:
    """R29: cancel the order; return it afterwards. `by` names who of the seller's people asks."""
    change = partial(
        _cancel,
        seller_id=seller_id,
        order_id=order_id,
        by=by,
        reason=reason,
        now=services.clock.now(),
    )
    order, unsent = await services.database.in_transaction(change)
    await services.send_plans_soon(unsent)
    return order


async def _cancel(
    session: AsyncSession,
    *,
    seller_id: str,
    order_id: str,
    by: str | None,
    reason: str | None,
    now: datetime,
) -> tuple[OrderRow, list[CaseRef]]:
    order = None
    if is_id(seller_id) and is_id(order_id):
        order = await locked_order(session, seller_id, order_id)
    if order is None:
        raise NotFound("order")
    if order.canceled_at is not None:
        return order, []
    order.canceled_by, order.cancel_reason = by, reason
    await cancel_order(session, order, at=now)
    return order, await bring_up_order(session, order, at=now)
