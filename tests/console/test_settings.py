"""The settings: saved or named at their field, previewed, and what they would do (R21 to R25)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from models.tables import SellerRow
from tests.console.offline_console import SAME_ORIGIN, Clerk, OfflineConsole, nonce_of

pytestmark = pytest.mark.one_database

PATH = "/console/settings"
LINES = "Sitz:%20Berlin%0AHRB%201"


async def form_of(clerk: Clerk) -> dict[str, Any]:
    """What stands in the form, as a browser would send it."""
    html = await clerk.page(PATH)
    form: dict[str, Any] = {"nonce": nonce_of(html)}
    for tag in re.findall(r"<input [^>]+>", html):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        is_box = 'type="checkbox"' in tag or 'type="radio"' in tag
        if name and 'type="file"' not in tag and (not is_box or " checked" in tag):
            form[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r"<option(?: value=\"([^\"]*)\")? selected>([^<]*)", body)
        form[name] = (chosen[1] or chosen[2]) if chosen else ""
    for name, body in re.findall(
        r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL
    ):
        form[name] = body
    return form


async def kept(console: OfflineConsole) -> dict[str, Any]:
    return await console.granted("GET", "/v1/sellers/s-1")


async def test_a_form_that_is_sent_as_it_stands_changes_nothing(
    console: OfflineConsole, clerk: Clerk
) -> None:
    before = await kept(console)
    html = await clerk.followed(PATH, **await form_of(clerk))

    assert "The settings are saved." in html
    after = await kept(console)
    assert {**after, "address": before["address"]} == before


async def test_everything_is_saved_at_once(console: OfflineConsole, clerk: Clerk) -> None:
    form = await form_of(clerk)
    form |= {
        "company_name": "Neue Kurse GmbH",
        "reply_to": "a@example.org\nb@example.org",
        "iban": "DE89370400440532013000",
        "payment_term_days": "14",
        "window_from": "10:00",
        "window_to": "16:30",
        "business_days_only": "true",
        "primary_color": "#0f5132",
        "debt_summary": "weekly",
    }
    form.pop("auto_handoff", None)
    await clerk.followed(PATH, **form)
    seller = await kept(console)

    assert seller["company_name"] == "Neue Kurse GmbH"
    assert seller["reply_to"] == ["a@example.org", "b@example.org"]
    settings = seller["settings"]
    assert settings["payment_term_days"] == 14
    assert settings["sending_window"] == {"from": "10:00", "to": "16:30"}
    assert settings["auto_handoff"] is False
    assert settings["business_days_only"] is True
    assert settings["brand"]["primary_color"] == "#0f5132"


async def test_what_is_wrong_is_named_at_its_field_and_nothing_is_saved(
    console: OfflineConsole, clerk: Clerk
) -> None:
    before = await kept(console)
    form = await form_of(clerk)
    form |= {"iban": "DE00", "payment_term_days": "99", "window_to": "09:10", "company_name": ""}
    answer = await clerk.send(PATH, form)

    assert answer.status_code == 422
    for name in ("iban", "payment_term_days", "window_to", "company_name"):
        assert f'id="error-{name}"' in answer.text, name
    assert 'value="DE00"' in answer.text
    assert await kept(console) == before


async def test_r21_the_lock_is_shown_as_a_date_before_one_tries(
    console: OfflineConsole, clerk: Clerk
) -> None:
    form = await form_of(clerk) | {"dunning_option": "cancellation"}
    html = await clerk.followed(PATH, **form)
    assert "The option can be changed again from Apr 1, 2026 on." in html

    again = await form_of(clerk) | {"dunning_option": "no_collection", "phone": "1"}
    answer = await clerk.send(PATH, again)
    assert answer.status_code == 422
    assert 'id="error-dunning_option"' in answer.text
    assert (await kept(console))["phone"] is None


async def test_what_a_change_would_do_is_said_before_it_is_saved(
    console: OfflineConsole, clerk: Clerk
) -> None:
    # The final notice falls on Saturday, 7 March 2026.
    had = [{"kind": "first_notice", "sent_on": "2026-02-25"}]
    await console.order("A-1", invoice_date="2026-02-10", notices_sent=had)
    form = await form_of(clerk) | {"business_days_only": "true", "do": "effect"}
    answer = await clerk.send(PATH, form)

    assert answer.status_code == 200
    assert "1 running case looks at this" in answer.text
    assert "1 step moves to Mon, Mar 9, 2026" in answer.text
    assert (await kept(console))["settings"]["business_days_only"] is False


async def test_the_preview_shows_what_is_typed_in_a_frame_of_its_own(clerk: Clerk) -> None:
    form = await form_of(clerk) | {"company_name": "Tulpen & Söhne", "do": "preview"}
    answer = await clerk.send(PATH, form)
    address = re.search(r'id="preview" src="([^"]+)"', answer.text)
    assert address
    framed = await clerk.get(address[1].replace("&amp;", "&"))

    assert "Tulpen" in framed.text
    assert "sandbox" in framed.headers["content-security-policy"]
    letter = await clerk.get("/console/settings/preview/first_notice?part=pdf&iban=half")
    assert letter.content.startswith(b"%PDF")


async def test_another_mail_address_ends_the_links_that_were_sent_before(
    console: OfflineConsole, clerk: Clerk
) -> None:
    async with console.database.writing() as session:
        seller = await session.get_one(SellerRow, "s-1")
        seller.settings_token, seller.settings_asked_at = "token-1", console.now
        session.add(seller)
    async with console.stranger() as stranger:
        assert (await stranger.get("/settings/token-1")).status_code == 200
        await clerk.followed(PATH, **await form_of(clerk) | {"email": "new@example.org"})
        assert (await stranger.get("/settings/token-1")).status_code == 404


async def test_r25_what_letters_have_to_carry_by_law_is_kept_changed_and_shown_before(
    console: OfflineConsole, clerk: Clerk
) -> None:
    known: dict[str, Any] = {
        "legal_notice": ["Geschäftsführung: Ada Muster"],
        "may_deduct_input_tax": True,
    }
    await console.seller(**known)
    form = await form_of(clerk)
    assert form["legal_notice"] == "Geschäftsführung: Ada Muster"

    await clerk.followed(PATH, **form | {"phone": "+49 30 1"})
    seller = await kept(console)
    assert {name: seller[name] for name in known} == known

    form |= {"legal_notice": "Sitz: Berlin\nHRB 1", "may_deduct_input_tax": ""}
    shown = await clerk.get(f"/console/settings/preview/first_notice?legal_notice={LINES}")
    assert "Sitz: Berlin" in shown.text
    await clerk.followed(PATH, **form | {"nonce": (await form_of(clerk))["nonce"]})
    seller = await kept(console)
    assert seller["legal_notice"] == ["Sitz: Berlin", "HRB 1"]
    assert seller["may_deduct_input_tax"] is None

    wrong = await clerk.post(PATH, **await form_of(clerk) | {"legal_notice": "x\n" * 11})
    assert wrong.status_code == 422
    assert 'id="error-legal_notice"' in wrong.text


async def test_r20_what_bank_statements_do_is_set_and_wrong_values_are_named(
    console: OfflineConsole, clerk: Clerk
) -> None:
    form = await form_of(clerk)
    form |= {
        "book_certain": "true",
        "hold_when_stale_days": "5",
        "waive_below": "eur 0,50\nCLP 100",
    }
    await clerk.followed(PATH, **form)
    seller = (await kept(console))["settings"]
    assert (seller["book_certain"], seller["hold_when_stale_days"]) == (True, 5)
    assert seller["waive_below"] == {"EUR": "0.50", "CLP": "100"}
    shown = (await form_of(clerk))["waive_below"].splitlines()
    assert sorted(shown) == ["CLP 100", "EUR 0.50"]

    for field, value in (
        ("hold_when_stale_days", "366"),
        ("hold_when_stale_days", "x"),
        ("waive_below", "EUR"),
        ("waive_below", "XXQ 5"),
        ("waive_below", "CLP 0.5"),
    ):
        answer = await clerk.post(PATH, **await form_of(clerk) | {field: value})
        assert answer.status_code == 422
        assert f'id="error-{field}"' in answer.text

    effect = await clerk.post(PATH, **await form_of(clerk) | {"waive_below": "", "do": "effect"})
    assert "notices that fall due from now on" in effect.text


async def test_the_link_of_the_mail_ends_after_thirty_days_and_opens_no_session(
    console: OfflineConsole,
) -> None:
    async with console.database.writing() as session:
        seller = await session.get_one(SellerRow, "s-1")
        seller.settings_token, seller.settings_asked_at = "token-1", console.now
        session.add(seller)
    async with console.stranger() as stranger:
        console.later(days=29)
        page = await stranger.get("/settings/token-1")
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert (await stranger.get("/console/")).status_code == 303
        console.later(days=1)
        assert (await stranger.get("/settings/token-1")).status_code == 404


async def test_figures_are_the_same_in_the_picture_and_in_the_table(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-1", total="77.00")
    html = await clerk.page("/console/figures")
    picture = re.findall(r'text-anchor="end">([^<]+)</text>', html)
    table = re.findall(r'<td class="num">([^<]+)</td>', html)

    assert "€77.00" in picture
    assert picture == table


async def test_r25_a_logo_is_shown_before_it_is_saved_and_is_not_chosen_twice(
    console: OfflineConsole, clerk: Clerk
) -> None:
    form = await form_of(clerk)
    drawn = b'<rect width="40" height="20" fill="#0a0"/></svg>'
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">' + drawn
    picture = ("logo.svg", svg)
    with console.clock.at(console.now):
        answer = await clerk.browser.post(
            PATH,
            data=form | {"do": "preview"},
            files={"logo": (*picture, "image/svg+xml")},
            headers=SAME_ORIGIN,
        )
    [draft] = re.findall(r'name="logo_draft" value="([0-9a-f]+)"', answer.text)
    [address] = re.findall(r'<iframe id="preview" src="([^"]+)"', answer.text)
    assert (await kept(console))["settings"]["brand"]["logo"] is None

    shown = await clerk.get(unescape(address))
    assert "data:image/png" in shown.text or "cid:" in shown.text
    async with console.clerk(name="Otto") as other:
        plain = await other.get("/console/settings/preview/first_notice")
    assert len(shown.text) > len(plain.text)

    await clerk.followed(PATH, **form | {"logo_draft": draft})
    assert (await kept(console))["settings"]["brand"]["logo"].startswith("data:image/png")


async def test_a_picture_that_is_none_is_named_at_its_field(
    console: OfflineConsole, clerk: Clerk
) -> None:
    with console.clock.at(console.now):
        said = await clerk.browser.post(
            f"{PATH}/logo", files={"logo": ("x.png", b"x", "image/png")}, headers=SAME_ORIGIN
        )
        answer = await clerk.browser.post(
            PATH,
            data=await form_of(clerk) | {"phone": "030 1"},
            files={"logo": ("x.png", b"x", "image/png")},
            headers=SAME_ORIGIN,
        )
    assert said.json()["draft"] == ""
    assert answer.status_code == 422
    assert 'id="error-logo"' in answer.text
    assert 'value="030 1"' in answer.text
