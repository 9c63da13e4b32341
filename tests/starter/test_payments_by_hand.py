"""Payments that somebody of the seller records in the console."""

from __future__ import annotations

import pytest

from dunning.movements import ReportedBy
from models.tables import SellerRow
from starter.input.schemas import PaymentBody
from starter.intake.record_payments import Origin, record_payment
from starter.intake.take_back_payments import take_back_recorded_by_hand
from starter.refusals import NotFound
from tests.starter.backend import Backend


async def test_r20_a_payment_recorded_by_hand_says_so_and_can_be_taken_back(
    backend: Backend,
) -> None:
    await backend.open_order("A-4711")
    payment_id = "hand-1"
    body = PaymentBody.model_validate(backend.payment("119.00", "A-4711", payment_id=payment_id))
    origin = Origin(ReportedBy.BY_HAND, by="console")

    async def record() -> bool:
        async with backend.world.database.writing() as session:
            recorded = await record_payment(session, body, now=backend.now, origin=origin)
        return recorded.is_new

    assert (await record(), await record()) == (True, False)
    [payment] = (await backend.granted("GET", "/v1/orders/{s}/A-4711"))["payments"]
    assert payment["reported_by"] == "by_hand"
    case = await backend.case("A-4711")
    assert case["stage"] == "paid"
    [told] = [one["detail"] for one in case["history"] if one["event"] == "payment.recorded"]
    assert told["reported_by"] == "by_hand"

    async with backend.world.database.writing() as session:
        seller = await session.get_one(SellerRow, backend.seller_id)
        await take_back_recorded_by_hand(session, seller, payment_id, now=backend.now)
    assert (await backend.case("A-4711"))["stage"] == "scheduled"


async def test_r20_what_the_backend_reported_is_not_taken_back_by_hand(backend: Backend) -> None:
    await backend.open_order("A-4711")
    await backend.granted("POST", "/v1/payments", backend.payment("119.00", "A-4711"))

    async with backend.world.database.reading() as session:
        seller = await session.get_one(SellerRow, backend.seller_id)
        with pytest.raises(NotFound):
            await take_back_recorded_by_hand(session, seller, f"p-{backend.mark}", now=backend.now)
