"""A bank statement of 10,000 lines imported, the whole way: read, known again, kept, and judged.

The seller has 20,000 open receivables, in a file of SQLite.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from sqlalchemy import insert

from bench.figures import show
from bench.offline import offline_services
from bench.statements import DAY, RECEIVABLES, WRITERS, an_order
from models.tables import CustomerRow, OrderRow, ReceivableRow, SellerRow
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.migrate import upgrade
from starter.intake.statements import seller_actions
from starter.intake.statements.files import Uploaded

_SELLER: Final = "s-1"
_PROFILE: Final = {"company_name": "Shop", "email": "shop@example.org", "time_zone": "UTC"}


def main() -> None:
    """One format, `camt` or `mt940`, so that each has the peak of its memory for itself."""
    form = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        # what filling the database takes is none of the import's memory
        filling = get_context("spawn").Process(target=_fill, args=(url,))
        filling.start()
        filling.join()
        asyncio.run(_import(form, url))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    show(f"{form}: peak memory of the whole import", f"{peak:.0f} MB")


async def _import(form: str, url: str) -> None:
    database = Database(url)
    services = await offline_services(database)
    uploaded = Uploaded(WRITERS[form](), "statement")
    # as a served process does
    gc.collect()
    gc.freeze()
    for what in ("the whole import", "the same file again"):
        used, passed = process_time(), perf_counter()
        taken = await seller_actions.import_with_lines(services, _SELLER, uploaded, by="bench")
        used, passed = process_time() - used, perf_counter() - passed
        show(f"{form}: {what}", f"{used:.1f} s of a processor, {passed:.1f} s passed")
        del taken
    await database.close()


def _fill(url: str) -> None:
    asyncio.run(_fill_with(url))


async def _fill_with(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    now = SystemClock().now()
    orders = [an_order(number) for number in range(RECEIVABLES)]
    async with database.writing() as session:
        session.add(SellerRow(seller_id=_SELLER, profile=_PROFILE, settings={}))
        await session.flush()
        connection = await session.connection()
        customers = [
            {
                "seller_id": _SELLER,
                "customer_id": f"c-{order.order_id}",
                "last_name": order.names[0],
                "email": "ada@example.org",
                "missing": [],
            }
            for order in orders
        ]
        await connection.execute(insert(CustomerRow), customers)
        amounts = [order.items[0].open_amount.amount for order in orders]
        given: list[dict[str, object]] = [
            {
                "seller_id": _SELLER,
                "order_id": order.order_id,
                "customer_id": f"c-{order.order_id}",
                "invoice_number": order.invoice_number,
                "invoice_date": DAY,
                "currency": order.currency,
                "total": amount,
                "cancellation_costs": 0,
                "parts": 1,
                "given": {},
                "answer": {},
                "received_at": now,
            }
            for order, amount in zip(orders, amounts, strict=True)
        ]
        await connection.execute(insert(OrderRow), given)
        receivables = [
            {
                "case_id": order.items[0].case_id,
                "seller_id": _SELLER,
                "order_id": order.order_id,
                "due_date": order.items[0].due_date,
                "currency": order.currency,
                "amount": amount,
                "fees": 0,
                "paid": 0,
                "open_amount": amount,
                "has_case": False,
            }
            for order, amount in zip(orders, amounts, strict=True)
        ]
        await connection.execute(insert(ReceivableRow), receivables)
    await database.close()


if __name__ == "__main__":
    main()
