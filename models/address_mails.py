"""The mail that a customer's address is incomplete: one case sends it for all (R14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from models.locks import lock_customer
from models.tables import CustomerRow

# Long enough for all steps that become due in one sending window.
_HOLDS_FOR: Final = timedelta(hours=12)


async def take_on_address_mail(
    session: AsyncSession, customer: CustomerRow, *, key: str, is_waiting: bool, at: datetime
) -> bool:
    """Decide whether this mail about an address is sent; a retry of it gets the same answer.

    It is not sent if another mail about the same address has just been sent. Only a mail that says
    that a case waits follows one that does not say so.
    """
    await lock_customer(session, customer)
    row = await session.get_one(
        CustomerRow, (customer.seller_id, customer.customer_id), populate_existing=True
    )
    known = row.address_mail
    if known is not None and known["key"] != key:
        is_fresh = at - datetime.fromisoformat(known["at"]) < _HOLDS_FOR
        if is_fresh and (known["is_waiting"] or not is_waiting):
            return False
    row.address_mail = {"key": key, "at": at.isoformat(), "is_waiting": is_waiting}
    session.add(row)
    return True
