"""R25: a seller sees every message before anybody gets it, also with settings not yet saved."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from threading import Event
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from dunning.notices import NoticeKind, SellerMailKind
from runtime.turns import Turns
from starter.messages.sample_messages import KINDS, sample_message
from tests.bodies import a_seller
from tests.offline import NOW, OfflineApi
from tests.starter.backend import Backend, refused

pytestmark = pytest.mark.one_database

LANGUAGES = ("en", "de", "es", "fr", "de-AT", "ja")


async def preview(backend: Backend, kind: str, **asked: str) -> httpx.Response:
    query = f"?{urlencode(asked)}" if asked else ""
    return await backend.send("GET", f"/v1/sellers/{{s}}/preview/{kind}{query}")


def test_every_kind_of_message_can_be_looked_at() -> None:
    assert set(KINDS) == {*NoticeKind, *SellerMailKind, "debt_summary"}


@pytest.mark.parametrize("kind", KINDS)
async def test_r25_every_message_is_a_page_a_text_and_a_file(backend: Backend, kind: str) -> None:
    """One kind in every language; that each kind is there in each, the tests of mails show."""
    for language in LANGUAGES if kind == NoticeKind.FINAL_NOTICE else ("en",):
        page = await preview(backend, kind, language=language)
        text = await preview(backend, kind, language=language, part="text")
        file = await preview(backend, kind, language=language, part="eml")

        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        assert file.headers["content-type"] == "message/rfc822"
        body = message_from_bytes(file.content, policy=SMTP).get_body(("plain",))
        assert body is not None
        assert text.text.splitlines() == body.get_content().splitlines()


async def test_r25_it_is_the_sellers_own(backend: Backend) -> None:
    profile = a_seller() | {"company_name": "Ölmühle & Söhne", "language": "de"}
    await backend.granted("PUT", "/v1/sellers/{s}", profile)

    page = (await preview(backend, "payment_reminder", part="text")).text

    assert "Ölmühle & Söhne" in page
    assert "Zahlungserinnerung" in page
    assert "119,00\xa0€" in page


async def test_r25_in_chile_amounts_are_pesos(backend: Backend) -> None:
    chile = {"address": {"country": "CL"}, "tax_id": "76.086.428-5"}
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller() | chile)

    text = (await preview(backend, "first_notice", part="text")).text
    assert "45.000\N{NO-BREAK SPACE}CLP" in text


async def test_r25_drafts_are_shown_and_not_kept(backend: Backend) -> None:
    before = await backend.granted("GET", "/v1/sellers/{s}")
    drafts = {
        "company_name": "Kurse 2 GmbH",
        "payment_instructions": "Cash only.",
        "primary_color": "#0000FF",
        "accent_color": "#00ff00",
        "logo_alignment": "center",
    }

    page = (await preview(backend, "payment_reminder", **drafts)).text

    assert "Kurse 2 GmbH" in page
    assert "Cash only." in page
    assert await backend.granted("GET", "/v1/sellers/{s}") == before


async def test_r25_instructions_can_be_tried_without(backend: Backend) -> None:
    instructed = a_seller(payment_instructions="Cash only.")
    await backend.granted("PUT", "/v1/sellers/{s}", instructed)

    page = (await preview(backend, "payment_reminder", payment_instructions="")).text

    assert "Cash only." not in page


@pytest.mark.parametrize("option", ["court", "cancellation", "no_collection"])
async def test_r6_the_final_notice_warns_of_what_the_seller_has_chosen(
    offline: OfflineApi, request: pytest.FixtureRequest, option: str
) -> None:
    backend = Backend(offline, request.node.nodeid)
    await backend.granted("PUT", "/v1/sellers/{s}", a_seller())
    await backend.granted("PATCH", "/v1/sellers/{s}/settings", {"dunning_option": option})

    text = (await preview(backend, "final_notice", part="text")).text

    assert ("collection" in text) == (option != "no_collection")
    # The choice is locked for 30 days; before it is made, its words can be read.
    tried = await preview(backend, "final_notice", part="text", dunning_option="no_collection")
    assert "collection" not in tried.text


async def test_r25_the_api_answers_while_a_preview_is_written(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = Event(), Event()

    def when_it_may(*given: Any, **how: Any) -> EmailMessage:
        begun.set()
        assert may_go_on.wait(30)
        return sample_message(*given, **how)

    monkeypatch.setattr("starter.reading.previews.sample_message", when_it_may)
    writing = asyncio.create_task(preview(backend, "first_notice", part="pdf"))
    assert await asyncio.to_thread(begun.wait, 30)

    alive = await backend.send("GET", "/healthz")

    assert alive.status_code == 200
    assert not writing.done()
    may_go_on.set()
    assert (await writing).content.startswith(b"%PDF")


async def test_r25_too_many_previews_at_a_time_are_to_be_asked_for_again(
    offline: OfflineApi, backend: Backend
) -> None:
    app = offline.app
    turns, app.state.preview_turns = app.state.preview_turns, Turns(0, wait_seconds=0)

    answer = await preview(backend, "payment_reminder")

    app.state.preview_turns = turns
    refused(answer, 503)
    assert "retry-after" in answer.headers
    assert (await preview(backend, "payment_reminder")).status_code == 200


async def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(backend: Backend) -> None:
    answer = await preview(backend, "payment_reminder", company_name="<script>alert(1)</script>")

    assert "<script>" not in answer.text
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_letter_there_is_for_the_written_notices_only(backend: Backend) -> None:
    for kind in ("payment_reminder", "settings_wanted", "debt_summary"):
        refused(await preview(backend, kind, part="pdf"), 404)


@pytest.mark.parametrize("kind", ["reminder", "PAYMENT_REMINDER", "%00", "x" * 3000, "html"])
async def test_an_unknown_kind_is_not_found(backend: Backend, kind: str) -> None:
    refused(await backend.send("GET", f"/v1/sellers/{{s}}/preview/{kind}"), 404)


async def test_an_unknown_seller_is_not_found(offline: OfflineApi) -> None:
    with offline.clock.at(NOW):
        refused(await offline.api.get("/v1/sellers/s-nobody/preview/payment_reminder"), 404)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("part", "png"),
        ("part", ""),
        ("language", "de_DE!"),
        ("company_name", " "),
        ("company_name", "x" * 201),
        ("company_name", "two\nlines"),
        ("payment_instructions", "x" * 2001),
        ("payment_instructions", "\x00"),
        ("primary_color", "blue"),
        ("accent_color", "#12345"),
        ("logo_alignment", "top"),
        ("dunning_option", "never"),
        ("logo", "data:image/png;base64,"),
    ],
)
async def test_bad_input_r25_a_draft(backend: Backend, field: str, value: str) -> None:
    refused(await preview(backend, "payment_reminder", **{field: value}), 422, field)
