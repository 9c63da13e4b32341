"""R24: Temporal looks for summaries when the seller's sending window opens, in its time zone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import Client, ScheduleDescription
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from models.payloads import SendSummaries
from models.tables import SellerRow
from runtime.ports import free_port
from runtime.temporal import TemporalUnavailable
from simulation.world import World
from starter.delivery.summary_schedules import SummarySchedules, summary_schedule_id_of
from tests.bodies import a_seller
from tests.patience import PATIENCE_SECONDS
from tests.starter.backend import Backend

pytestmark = pytest.mark.one_database

SETTINGS = "/v1/sellers/{s}/settings"


@pytest.fixture
def backend(running: Backend) -> Backend:
    return running


@pytest.fixture
def schedules(world: World) -> SummarySchedules:
    return SummarySchedules(world.database, world.temporal)


async def unreachable(world: World) -> SummarySchedules:
    """As an API has them whose Temporal is away."""
    address = f"127.0.0.1:{free_port()}"
    nobody = await Client.connect(address, lazy=True, data_converter=pydantic_data_converter)
    return SummarySchedules(world.database, nobody)


async def described(backend: Backend) -> ScheduleDescription | None:
    schedule_id = summary_schedule_id_of(backend.seller_id)
    try:
        return await backend.world.temporal.get_schedule_handle(schedule_id).describe()
    except RPCError:
        return None


async def when(backend: Backend) -> str | None:
    """At what time of which zone, every day; None if there is no Schedule."""
    known = await described(backend)
    if known is None:
        return None
    [calendar] = known.schedule.spec.calendars
    hour, minute = calendar.hour[0].start, calendar.minute[0].start
    assert len(calendar.day_of_month) == len(calendar.day_of_week) == 1
    return f"{hour:02d}:{minute:02d} {known.schedule.spec.time_zone_name}"


async def set_to(backend: Backend, schedules: SummarySchedules, **settings: Any) -> str | None:
    """Change the settings, tell Temporal, and see what it has."""
    await backend.granted("PATCH", SETTINGS, settings)
    await schedules.renew(backend.seller_id)
    return await when(backend)


async def columns(backend: Backend) -> tuple[str | None, str | None]:
    async with backend.world.database.reading() as session:
        row = await session.get_one(SellerRow, backend.seller_id)
    return row.summary_wanted, row.summary_schedule


async def test_r24_a_schedule_is_made_moved_and_removed(
    backend: Backend, schedules: SummarySchedules
) -> None:
    window = {"from": "07:30", "to": "12:00"}

    assert await set_to(backend, schedules, payment_term_days=14) is None
    assert await set_to(backend, schedules, debt_summary="weekly") == "09:00 Europe/Berlin"
    assert await set_to(backend, schedules, sending_window=window) == "07:30 Europe/Berlin"
    assert await set_to(backend, schedules, debt_summary="monthly") == "07:30 Europe/Berlin"
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller(time_zone="America/Santiago"))
    await schedules.renew(backend.seller_id)
    assert await when(backend) == "07:30 America/Santiago"
    assert await set_to(backend, schedules, debt_summary="off") is None
    assert await columns(backend) == (None, None)


async def test_r24_it_starts_the_search_of_this_seller(
    backend: Backend, schedules: SummarySchedules
) -> None:
    await set_to(backend, schedules, debt_summary="weekly")

    known = await described(backend)

    assert known is not None
    action: Any = known.schedule.action
    assert (action.workflow, action.id) == ("DebtSummaries", f"debt-summary/{backend.seller_id}")
    [given] = await backend.world.temporal.data_converter.decode(action.args, [SendSummaries])
    assert given == SendSummaries(seller_id=backend.seller_id)


async def test_r24_whether_an_operator_has_paused_it_is_left(
    backend: Backend, schedules: SummarySchedules
) -> None:
    await set_to(backend, schedules, debt_summary="weekly")
    handle = backend.world.temporal.get_schedule_handle(summary_schedule_id_of(backend.seller_id))
    await handle.pause()

    await set_to(backend, schedules, sending_window={"from": "10:00", "to": "12:00"})

    assert (await handle.describe()).schedule.state.paused


async def test_r24_what_temporal_was_not_told_it_is_told_by_the_sweep(
    world: World, backend: Backend, schedules: SummarySchedules
) -> None:
    away = await unreachable(world)
    await backend.granted("PATCH", SETTINGS, {"debt_summary": "weekly"})
    await away.renew_or_leave(backend.seller_id)
    with pytest.raises(TemporalUnavailable):
        await away.renew(backend.seller_id)
    assert await columns(backend) == ("09:00 Europe/Berlin", None)

    assert await schedules.renew_all() >= 1

    assert await when(backend) == "09:00 Europe/Berlin"
    assert await columns(backend) == ("09:00 Europe/Berlin", "09:00 Europe/Berlin")
    assert await schedules.renew_all() == 0


async def test_r24_a_schedule_that_is_gone_already_can_be_removed(
    backend: Backend, schedules: SummarySchedules
) -> None:
    await set_to(backend, schedules, debt_summary="weekly")
    schedule_id = summary_schedule_id_of(backend.seller_id)
    await backend.world.temporal.get_schedule_handle(schedule_id).delete()

    assert await set_to(backend, schedules, debt_summary="off") is None
    assert await columns(backend) == (None, None)


async def test_r24_a_seller_that_was_refused_a_change_keeps_its_schedule(
    backend: Backend, schedules: SummarySchedules
) -> None:
    await set_to(backend, schedules, debt_summary="weekly", dunning_option="cancellation")

    locked = {"debt_summary": "off", "dunning_option": "court"}
    assert (await backend.send("PATCH", SETTINGS, locked)).status_code == 409
    await schedules.renew(backend.seller_id)

    assert await when(backend) == "09:00 Europe/Berlin"


async def test_r24_a_search_is_for_the_day_for_which_it_was_planned(
    backend: Backend, schedules: SummarySchedules
) -> None:
    """However late a worker takes it up."""
    await set_to(backend, schedules, debt_summary="weekly")
    temporal = backend.world.temporal
    schedule = temporal.get_schedule_handle(summary_schedule_id_of(backend.seller_id))
    await schedule.trigger()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (actions := (await schedule.describe()).info.recent_actions):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    action: Any = actions[0].action
    search = temporal.get_workflow_handle(action.workflow_id)
    await search.result()

    events = [event async for event in search.fetch_history_events()]
    [given] = [
        event.activity_task_scheduled_event_attributes.input.payloads
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    [task] = await temporal.data_converter.decode(given, [SendSummaries])
    assert task.at.replace(microsecond=0) == actions[0].scheduled_at.replace(microsecond=0)
