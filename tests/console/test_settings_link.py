"""R21: the page that the mail links to."""

from __future__ import annotations

import re

import httpx
import pytest

from models.tables import SellerRow
from simulation.world import World
from tests.starter.backend import PROFILE, Backend


@pytest.fixture
async def asked(world: World, request: pytest.FixtureRequest) -> Backend:
    """A seller that was asked with its first order."""
    backend = Backend(world, request.node.nodeid)
    await backend.granted("PUT", "/v1/sellers/{s}", PROFILE | {"company_name": "<b>K</b> GmbH"})
    await backend.open_order()
    return backend


async def _page(backend: Backend) -> str:
    async with backend.world.database.reading() as session:
        seller = await session.get_one(SellerRow, backend.seller_id)
    return f"/settings/{seller.settings_token}"


async def _get(backend: Backend, path: str) -> httpx.Response:
    """As a browser asks, without a key."""
    async with _browser(backend) as browser:
        return await browser.get(path)


async def _save(backend: Backend, path: str, **form: str) -> httpx.Response:
    async with _browser(backend) as browser:
        with backend.world.clock.at(backend.now):
            return await browser.post(path, data=form)


def _browser(backend: Backend) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=backend.world.api._transport, base_url="http://dunning.localhost"
    )


async def test_shows_what_is_in_force(asked: Backend) -> None:
    page = await _get(asked, await _page(asked))

    assert page.status_code == 200
    assert re.search(r'value="court" checked', page.text)
    assert len(re.findall(r'type="checkbox"[^>]* checked', page.text)) == 2
    assert "&lt;b&gt;K&lt;/b&gt; GmbH" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script" not in page.text


async def test_what_is_saved_is_the_answer(asked: Backend) -> None:
    saved = await _save(asked, await _page(asked), dunning_option="court", auto_handoff="true")

    assert saved.status_code == 200
    assert 'class="note saved"' in saved.text
    settings = (await asked.granted("GET", "/v1/sellers/{s}"))["settings"]
    assert settings["auto_handoff"] is True
    assert settings["auto_chargeback_handoff"] is False
    async with asked.world.database.reading() as session:
        seller = await session.get_one(SellerRow, asked.seller_id)
    assert seller.settings_answered_at == asked.now


async def test_a_locked_option_is_named_with_its_day_and_nothing_is_saved(asked: Backend) -> None:
    page = await _page(asked)
    await _save(asked, page, dunning_option="cancellation")
    refused = await _save(asked, page, dunning_option="no_collection", auto_handoff="true")

    assert refused.status_code == 409
    assert "April 1, 2026" in refused.text
    settings = (await asked.granted("GET", "/v1/sellers/{s}"))["settings"]
    assert (settings["dunning_option"], settings["auto_handoff"]) == ("cancellation", False)


async def test_what_is_no_option_is_refused(asked: Backend) -> None:
    assert (await _save(asked, await _page(asked), dunning_option="mercy")).status_code == 422
    assert (await _save(asked, await _page(asked))).status_code == 422


@pytest.mark.parametrize("path", ["/settings/none", "/settings/None", "/settings/%00"])
async def test_a_link_that_is_not_known_opens_nothing(asked: Backend, path: str) -> None:
    assert (await _get(asked, path)).status_code == 404
    assert (await _save(asked, path, dunning_option="court")).status_code == 404


@pytest.mark.parametrize(("language", "words"), [("de", "Speichern"), ("en", "Save")])
async def test_speaks_the_language_of_the_seller(asked: Backend, language: str, words: str) -> None:
    await asked.granted("PUT", "/v1/sellers/{s}", PROFILE | {"language": language})
    assert words in (await _get(asked, await _page(asked))).text
