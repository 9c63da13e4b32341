"""R21: the page that the mail links to."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from models.tables import SellerRow
from tests.bodies import a_seller, an_order
from tests.console.offline_console import Document, OfflineConsole

pytestmark = pytest.mark.one_database

MINUTE = timedelta(minutes=1)


class Asked:
    """A seller that was asked with its first order, and whoever has the link."""

    def __init__(self, console: OfflineConsole) -> None:
        self.console = console

    async def page(self) -> str:
        return f"/settings/{(await self.seller()).settings_token}"

    async def seller(self) -> SellerRow:
        async with self.console.database.reading() as session:
            return await session.get_one(SellerRow, "s-2")

    async def settings(self) -> Document:
        settings: Document = (await self.console.granted("GET", "/v1/sellers/s-2"))["settings"]
        return settings

    async def change(self, **profile: object) -> None:
        await self.console.granted("PUT", "/v1/sellers/s-2", a_seller() | profile)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        async with self.console.stranger() as browser:
            return await browser.get(path, **headers)

    async def save(self, path: str, **form: str) -> httpx.Response:
        async with self.console.stranger() as browser:
            return await browser.send(path, form, headers={})


@pytest.fixture
async def asked(console: OfflineConsole) -> Asked:
    asked = Asked(console)
    await asked.change(company_name="<b>K</b> GmbH")
    await console.granted("POST", "/v1/orders", an_order(seller_id="s-2"))
    return asked


async def test_shows_what_is_in_force(asked: Asked) -> None:
    page = await asked.get(await asked.page())

    assert page.status_code == 200
    assert re.search(r'value="court" checked', page.text)
    assert len(re.findall(r'type="checkbox"[^>]* checked', page.text)) == 2
    assert "&lt;b&gt;K&lt;/b&gt; GmbH" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "script" not in page.text


async def test_r21_after_the_last_day_no_answer_is_asked_for(asked: Asked) -> None:
    path, last_day = await asked.page(), asked.console.now.replace(day=9, hour=22, minute=59)
    for asked.console.now, is_awaited in ((last_day, True), (last_day + MINUTE, False)):
        page = await asked.get(path)
        assert ("Please answer by" in page.text) is is_awaited


async def test_what_is_saved_is_the_answer(asked: Asked) -> None:
    saved = await asked.save(await asked.page(), dunning_option="court", auto_handoff="true")

    assert saved.status_code == 200
    assert 'id="saved"' in saved.text
    settings = await asked.settings()
    assert settings["auto_handoff"] is True
    assert settings["auto_chargeback_handoff"] is False
    assert (await asked.seller()).settings_answered_at == asked.console.now


async def test_a_locked_option_is_named_with_its_day_and_nothing_is_saved(asked: Asked) -> None:
    page = await asked.page()
    await asked.save(page, dunning_option="cancellation")
    refused = await asked.save(page, dunning_option="no_collection", auto_handoff="true")

    assert refused.status_code == 409
    assert "April 1, 2026" in refused.text
    settings = await asked.settings()
    assert (settings["dunning_option"], settings["auto_handoff"]) == ("cancellation", False)


async def test_what_is_no_option_is_refused(asked: Asked) -> None:
    assert (await asked.save(await asked.page(), dunning_option="mercy")).status_code == 422
    assert (await asked.save(await asked.page())).status_code == 422


@pytest.mark.parametrize("path", ["/settings/none", "/settings/None", "/settings/%00"])
async def test_a_link_that_is_not_known_opens_nothing(asked: Asked, path: str) -> None:
    assert (await asked.get(path)).status_code == 404
    assert (await asked.save(path, dunning_option="court")).status_code == 404


async def test_the_link_ends_thirty_days_after_the_question(asked: Asked) -> None:
    page = await asked.page()
    asked.console.later(days=29, hours=23)
    assert (await asked.get(page)).status_code == 200

    asked.console.later(hours=1)
    assert (await asked.get(page)).status_code == 404
    saved = await asked.save(page, dunning_option="no_collection")
    assert saved.status_code == 404
    settings = await asked.settings()
    assert settings["dunning_option"] == "court"


async def test_the_link_ends_when_the_mail_address_changes(asked: Asked) -> None:
    page = await asked.page()
    await asked.change(company_name="K GmbH")
    assert (await asked.get(page)).status_code == 200

    await asked.change(email="new@example.org")
    assert (await asked.get(page)).status_code == 404
    assert (await asked.get(await asked.page())).status_code == 200


async def test_a_form_that_the_page_does_not_send_saves_nothing_and_shows_the_page(
    asked: Asked,
) -> None:
    page = await asked.page()
    for form in ({}, {"dunning_option": "gallows"}, {"auto_handoff": "maybe"}):
        answer = await asked.save(page, **form)
        assert answer.headers["content-type"].startswith("text/html")
        assert 'id="saved"' not in answer.text


async def test_a_form_of_thousands_of_fields_is_refused(asked: Asked) -> None:
    async with asked.console.stranger() as stranger:
        answer = await stranger.browser.post(await asked.page(), content=b"&" * 5_000)
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
    asked: Asked, language: str, words: str, day: str
) -> None:
    await asked.change(language=language)

    page = (await asked.get(await asked.page())).text

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
    asked: Asked, accepted: str | None, words: str
) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    page = await asked.get("/settings/none", **headers)

    assert words in page.text


async def test_what_could_not_be_saved_is_still_chosen(asked: Asked) -> None:
    page = await asked.page()
    await asked.save(page, dunning_option="cancellation")

    refused = await asked.save(page, dunning_option="no_collection", auto_handoff="true")

    assert re.search(r'value="no_collection" checked', refused.text)
    assert len(re.findall(r'type="checkbox"[^>]* checked', refused.text)) == 1


async def test_the_other_settings_are_there_to_be_read_and_changed_after_signing_in(
    asked: Asked,
) -> None:
    await asked.change(iban="DE89370400440532013000", phone="<i>030</i>")
    page = (await asked.get(await asked.page())).text

    assert "DE89" in page
    assert "&lt;i&gt;030&lt;/i&gt;" in page
    assert len(re.findall(r"<(?:input|textarea|select) ", page)) == 5
    assert 'href="/console/sign-in?next=/console/settings"' in page
