"""R21: the page that the mail links to."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from models.tables import SellerRow
from simulation.world import World
from starter.routes.settings_page import _WORDS
from tests.starter.backend import PROFILE, Backend

pytestmark = pytest.mark.one_database


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
        with backend.world.clock.at(backend.now):
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


async def test_r21_after_the_last_day_no_answer_is_asked_for(asked: Backend) -> None:
    last_day = asked.now.replace(day=9, hour=22, minute=59)
    for asked.now, is_awaited in ((last_day, True), (last_day + timedelta(minutes=1), False)):
        page = await _get(asked, await _page(asked))
        assert ("Please answer by" in page.text) is is_awaited


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


async def test_the_link_ends_thirty_days_after_the_question(asked: Backend) -> None:
    page = await _page(asked)
    asked.now += timedelta(days=29, hours=23)
    assert (await _get(asked, page)).status_code == 200

    asked.now += timedelta(hours=1)
    assert (await _get(asked, page)).status_code == 404
    saved = await _save(asked, page, dunning_option="no_collection")
    assert saved.status_code == 404
    settings = (await asked.granted("GET", "/v1/sellers/{s}"))["settings"]
    assert settings["dunning_option"] == "court"


async def test_the_link_ends_when_the_mail_address_changes(asked: Backend) -> None:
    page = await _page(asked)
    await asked.granted("PUT", "/v1/sellers/{s}", PROFILE | {"company_name": "K GmbH"})
    assert (await _get(asked, page)).status_code == 200

    await asked.granted("PUT", "/v1/sellers/{s}", PROFILE | {"email": "new@example.org"})
    assert (await _get(asked, page)).status_code == 404
    assert (await _get(asked, await _page(asked))).status_code == 200


async def test_a_form_that_the_page_does_not_send_saves_nothing_and_shows_the_page(
    asked: Backend,
) -> None:
    page = await _page(asked)
    for form in ({}, {"dunning_option": "gallows"}, {"auto_handoff": "maybe"}):
        answer = await _save(asked, page, **form)
        assert answer.headers["content-type"].startswith("text/html")
        assert 'class="note saved"' not in answer.text


async def test_a_form_of_thousands_of_fields_is_refused(asked: Backend) -> None:
    async with _browser(asked) as browser:
        answer = await browser.post(await _page(asked), content=b"&" * 5_000)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("language", "words", "day"),
    [
        ("de", "Speichern", "9. März 2026"),
        ("en-GB", "Save", "9 March 2026"),
        ("es-CL", "Guardar", "9 de marzo de 2026"),
        ("fr", "Enregistrer", "9 mars 2026"),
        ("pt", "Save", "March 9, 2026"),
    ],
)
async def test_speaks_the_language_of_the_seller(
    asked: Backend, language: str, words: str, day: str
) -> None:
    profile = {key: value for key, value in PROFILE.items() if key != "address"}
    await asked.granted("PUT", "/v1/sellers/{s}", profile | {"language": language})

    page = (await _get(asked, await _page(asked))).text

    assert words in page
    assert day in page
    assert f'lang="{language[:2] if language != "pt" else "en"}"' in page


@pytest.mark.parametrize(
    ("accepted", "words"),
    [
        ("es-CL,es;q=0.9", "Esta página no existe"),
        ("pt, fr;q=0.5", "Cette page"),
        ("de", "Diese Seite gibt es nicht"),
        ("*", "This page does not exist"),
        (None, "This page does not exist"),
    ],
)
async def test_a_link_that_is_not_known_is_told_in_the_readers_language(
    asked: Backend, accepted: str | None, words: str
) -> None:
    async with _browser(asked) as browser:
        page = await browser.get(
            "/settings/none", headers={"Accept-Language": accepted} if accepted else {}
        )

    assert words in page.text


async def test_what_could_not_be_saved_is_still_chosen(asked: Backend) -> None:
    page = await _page(asked)
    await _save(asked, page, dunning_option="cancellation")

    refused = await _save(asked, page, dunning_option="no_collection", auto_handoff="true")

    assert re.search(r'value="no_collection" checked', refused.text)
    assert len(re.findall(r'type="checkbox"[^>]* checked', refused.text)) == 1


def test_every_language_has_all_words_of_the_page() -> None:
    english = _WORDS["en"]

    assert _WORDS.keys() == {"de", "en", "es", "fr"}
    for words in _WORDS.values():
        assert words.keys() == english.keys()
        for name, text in english.items():
            assert words[name].count("%s") == text.count("%s")
