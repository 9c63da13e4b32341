"""R25: drawing a logo holds up nobody, whatever the logo is."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.types import Message

from adapters.branding import drawing_process
from starter.intake import logos as logos_module
from starter.intake.logos import Logos, while_connected
from starter.refusals import Problem
from tests.bodies import a_seller
from tests.child_processes import children, continue_child, stopped_child
from tests.images import SVG, an_image, data_url
from tests.offline import OfflineApi
from tests.starter.backend import Backend, refused

pytestmark = pytest.mark.one_database

SETTINGS = "/v1/sellers/{s}/settings"
QUICK, OTHER = data_url("svg+xml", SVG), data_url("jpeg", an_image("JPEG"))


@pytest.fixture(autouse=True)
def a_day_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing that a test has stopped does not run into the time limit."""
    monkeypatch.setattr(drawing_process, "_SECONDS", 86_400)


def set_logo(backend: Backend, logo: str) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(backend.send("PATCH", SETTINGS, {"brand": {"logo": logo}}))


async def test_r25_the_api_answers_while_a_logo_is_drawn(backend: Backend) -> None:
    before = children()
    setting = set_logo(backend, QUICK)
    child = await stopped_child(before)

    alive = await backend.send("GET", "/healthz")
    seller = await backend.send("GET", "/v1/sellers/{s}")

    assert not setting.done()
    assert (alive.status_code, seller.status_code) == (200, 200)
    continue_child(child)
    assert (await setting).status_code == 200
    assert children() == before


async def test_r25_another_seller_sets_its_logo_meanwhile(
    backend: Backend, offline: OfflineApi
) -> None:
    other = Backend(offline, f"{backend.seller_id} another")
    await other.granted("PUT", "/v1/sellers/{s}", a_seller())
    before = children()
    setting = set_logo(backend, QUICK)
    child = await stopped_child(before)

    answer = await set_logo(other, QUICK)

    assert answer.status_code == 200
    assert not setting.done()
    continue_child(child)
    assert (await setting).status_code == 200


async def test_r25_one_seller_has_one_logo_drawn_at_a_time(backend: Backend) -> None:
    before = children()
    setting = set_logo(backend, QUICK)
    child = await stopped_child(before)

    second = await set_logo(backend, OTHER)

    refused(second, 503)
    assert int(second.headers["retry-after"]) > 0
    assert "Nothing was changed; ask again" in second.json()["detail"]
    continue_child(child)
    assert (await setting).status_code == 200
    assert (await set_logo(backend, OTHER)).status_code == 200


async def test_r25_who_waits_too_long_for_its_turn_is_to_ask_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logos_module, "_WAIT_SECONDS", 0)
    monkeypatch.setattr(logos_module, "_AT_ONCE", 1)
    before, logos = children(), Logos()
    drawing = asyncio.create_task(logos.drawn("s-1", QUICK, kept=None))
    child = await stopped_child(before)

    with pytest.raises(Problem) as busy:
        await logos.drawn("s-2", QUICK, kept=None)

    assert busy.value.status == 503
    continue_child(child)
    assert await drawing == await logos.drawn("s-2", QUICK, kept=None)


async def test_r25_a_machine_that_is_too_busy_is_no_fault_of_the_logo(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing_process, "_SECONDS", 0)

    answer = await set_logo(backend, QUICK)

    refused(answer, 503)
    assert "retry-after" in answer.headers


async def test_r25_a_logo_that_is_set_again_is_not_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logos = Logos()
    kept = await logos.drawn("s-1", OTHER, kept=None)
    monkeypatch.setattr(logos_module, "draw", None)

    assert await logos.drawn("s-1", kept, kept=kept) == kept


async def test_r25_a_caller_that_goes_away_leaves_nothing_running() -> None:
    before, logos = children(), Logos()
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    drawing = asyncio.create_task(while_connected(receive, logos.drawn("s-1", QUICK, kept=None)))
    await stopped_child(before)
    gone.set()

    with pytest.raises(Problem, match="caller is gone"):
        await drawing
    assert children() == before
    assert await logos.drawn("s-1", QUICK, kept=None)


async def test_r25_a_call_that_is_canceled_leaves_nothing_running(backend: Backend) -> None:
    before = children()
    setting = set_logo(backend, QUICK)
    await stopped_child(before)

    setting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await setting

    assert children() == before
    assert (await set_logo(backend, QUICK)).status_code == 200
