"""How fast summaries of debts go out, and whether many need more room than few."""

from __future__ import annotations

import asyncio
import dataclasses
import resource
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from sqlalchemy import insert
from sqlmodel import SQLModel
from temporalio.testing import ActivityEnvironment

from activities.summaries import SummaryActivities
from adapters.mail import SmtpMailer
from bench.figures import show
from dunning.receivables import case_id_of
from dunning.stages import Stage
from dunning.summaries import Rhythm
from models.payloads import SendSummaries, SummariesSent
from models.seller import SellerSettings
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from runtime.database import Database
from runtime.migrate import upgrade
from sandbox.mail_sink import MailSink

SUMMARIES: Final = 5_000
_SELLER: Final = "s-1"
_MONDAY: Final = datetime(2026, 3, 9, 9, tzinfo=UTC)
_DUE: Final = date(2026, 3, 2)
_AMOUNT: Final = Decimal(119)
_ORDERS_OF_A_CUSTOMER: Final = 2
_AT_ONCE: Final = 2000


async def main(summaries: int) -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="dunning-bench-"))
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        stack.push_async_callback(database.close)
        await upgrade(database)
        await _seed(database, summaries)
        sink = await stack.enter_async_context(MailSink())
        mailer = SmtpMailer(host="127.0.0.1", port=sink.port)
        stack.push_async_callback(mailer.close)
        await _send(SummaryActivities(database, mailer, mail_from="dunning@example.com"))
        assert sink.messages == summaries


async def _send(activities: SummaryActivities) -> None:
    """Page by page, as the workflow does."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, started_time=_MONDAY)
    began, sent, after, room = perf_counter(), 0, "", 0
    while True:
        task = SendSummaries(seller_id=_SELLER, at=_MONDAY, after_customer=after)
        page: SummariesSent = await environment.run(activities.send_summaries, task)
        sent += page.sent
        room = room or _room()
        if page.after_customer is None:
            break
        after = page.after_customer
    took = perf_counter() - began
    show("summaries of debts by SMTP", f"{sent / took:,.0f} mails/s ({sent:,} in {took:.0f} s)")
    show("  peak memory over that of the first page", f"{(_room() - room) / 1024:,.1f} MiB")


def _room() -> int:
    """The most memory that the process has had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def _seed(database: Database, customers: int) -> None:
    """One seller, and customers with two overdue orders each."""
    settings = SellerSettings(debt_summary=Rhythm.WEEKLY)
    profile = {"company_name": "Kurse GmbH", "email": "shop@example.org"}
    async with database.writing() as session:
        row = SellerRow(
            seller_id=_SELLER, profile=profile, settings=settings.model_dump(mode="json")
        )
        session.add(row)
    orders = customers * _ORDERS_OF_A_CUSTOMER
    for table, rows in (
        (CustomerRow, map(_customer, range(customers))),
        (OrderRow, map(_order, range(orders))),
        (ReceivableRow, map(_receivable, range(orders))),
        (CaseRow, map(_case, range(orders))),
    ):
        await _write(database, table, rows)


async def _write(database: Database, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        async with database.writing() as session:
            connection = await session.connection()
            await connection.execute(insert(table), some)


def _customer(number: int) -> dict[str, Any]:
    return {
        "seller_id": _SELLER,
        "customer_id": f"c-{number}",
        "first_name": "Ada",
        "last_name": f"Muster {number}",
        "email": f"c{number}@example.org",
        "language": "de",
        "address": {"country": "DE"},
        "missing": [],
    }


def _ids(number: int) -> dict[str, Any]:
    return {"seller_id": _SELLER, "order_id": f"A-{number}"}


def _order(number: int) -> dict[str, Any]:
    return {
        **_ids(number),
        "customer_id": f"c-{number // _ORDERS_OF_A_CUSTOMER}",
        "invoice_date": _DUE,
        "currency": "EUR",
        "total": _AMOUNT,
        "cancellation_costs": Decimal(0),
        "parts": 1,
        "given": {},
        "answer": {},
        "received_at": _MONDAY,
    }


def _receivable(number: int) -> dict[str, Any]:
    return {
        "case_id": case_id_of(_SELLER, f"A-{number}", None),
        **_ids(number),
        "due_date": _DUE,
        "currency": "EUR",
        "amount": _AMOUNT,
        "fees": Decimal(0),
        "paid": Decimal(0),
        "open_amount": _AMOUNT,
        "has_case": True,
    }


def _case(number: int) -> dict[str, Any]:
    return {
        "case_id": case_id_of(_SELLER, f"A-{number}", None),
        **_ids(number),
        "customer_id": f"c-{number // _ORDERS_OF_A_CUSTOMER}",
        "due_date": _DUE,
        "stage": Stage.REMINDED,
        "actions": [],
        "updated_at": _MONDAY,
        "state": {},
    }


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else SUMMARIES))
