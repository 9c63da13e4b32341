"""A seller's day in a browser: with and without script, by keyboard, in two languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.served_console import ServedConsole
from tests.examples import IS_THOROUGH
from tests.offline import NOW
from tests.statement_files import a_row, a_table

pytestmark = pytest.mark.one_database

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
PAGES = (
    *("", "cases", "cases?stage=active&period_from=x", "upcoming", "statements", "figures"),
    "settings",
)
IN_DARK = ("/console/", "/console/cases", "/console/figures", "/console/settings")
WIDTHS = (360, 800, 1400)
EVERY_CHECK = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLORS = ("color-contrast", "link-in-text-block")
WORDS: dict[str, dict[str, str]] = {
    "en-GB": {
        "enter": "Open the console",
        "stop": "Stop",
        "stopped": "A-1 is stopped.",
        "by": "by the seller: Maria",
        "hand_over": "Hand over",
        "handed": "A-4 is being handed over",
        "save": "Save",
        "saved": "The contact is saved.",
        "settings": "The settings are saved.",
    },
    "de-DE": {
        "enter": "Konsole öffnen",
        "stop": "Stoppen",
        "stopped": "A-1 ist gestoppt.",
        "by": "durch den Verkäufer: Maria",
        "hand_over": "Übergeben",
        "handed": "A-4 wird dem Inkassopartner übergeben.",
        "save": "Speichern",
        "saved": "Der Kontakt ist gespeichert.",
        "settings": "Die Einstellungen sind gespeichert.",
    },
}
# Each language and each way once; on purpose both ways in both.
DAYS = [
    pytest.param("en-GB", True, id="en-GB-script"),
    pytest.param("de-DE", False, id="de-DE-no script"),
]
if IS_THOROUGH:
    DAYS += [
        pytest.param("en-GB", False, id="en-GB-no script"),
        pytest.param("de-DE", True, id="de-DE-script"),
    ]


@asynccontextmanager
async def signed_in(
    browser: Any, console: ServedConsole, seller_id: str = "s-1", **how: Any
) -> AsyncIterator[Any]:
    """A page of somebody who is signed in, in a browser of its own; it complains of nothing."""
    context = await browser.new_context(**({"locale": "en-GB"} | how))
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            complaints.append(asked.url)
            if not asked.url.startswith((console.url, "data:", "about:"))
            else None
        ),
    )
    await page.goto(await console.link(seller_id))
    await page.fill("input[name=name]", "Maria")
    await page.click("main form button")
    await page.wait_for_url("**/console/")
    yield page
    await context.close()
    # A form with something wrong in it is answered 422, of which browsers complain.
    assert [said for said in complaints if "422" not in said and "404" not in said] == []


@pytest.mark.parametrize(("language", "scripts"), DAYS)
async def test_a_sellers_day(
    browser: Any, console: ServedConsole, language: str, scripts: bool
) -> None:
    words = WORDS[language]
    async with signed_in(browser, console, locale=language, java_script_enabled=scripts) as page:
        # What waits comes first, each with its button.
        await page.click(f"button:has-text('{words['hand_over']}')")
        assert words["handed"] in await page.inner_text("#answer")
        await page.click("a[href$='#contact']")
        await page.fill("#contact input[name=street]", "Hauptstr. 5")
        await page.click(f"#contact button:has-text('{words['save']}')")
        assert words["saved"] in await page.inner_text("#answer")

        # A search, and one case of it is stopped.
        await page.click("header nav a[href='/console/cases']")
        await page.fill("input[name=q]", "a-1")
        await page.press("input[name=q]", "Enter")
        await page.wait_for_url("**q=a-1**")
        assert await page.locator("tbody tr").count() == 1
        await page.click(f"tbody button:has-text('{words['stop']}')")
        assert words["stopped"] in await page.inner_text("#answer")
        assert "q=a-1" in page.url

        # Who did it stands in the history.
        await page.click("tbody .who a")
        assert words["by"] in await page.inner_text("#timeline")

        # A setting is changed.
        await page.click("header nav a[href='/console/settings']")
        await page.fill("input[name=phone]", "+49 30 1")
        await page.click("button[value=save]")
        assert words["settings"] in await page.inner_text("#answer")
        assert await page.input_value("input[name=phone]") == "+49 30 1"
    assert (await console.call("GET", "/v1/sellers/s-1"))["phone"] == "+49 30 1"


async def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    browser: Any, unchanged_console: ServedConsole
) -> None:
    console = unchanged_console
    async with signed_in(browser, console, bypass_csp=True) as page:
        await page.goto(f"{console.url}/console/cases")
        cases = [
            await link.get_attribute("href") for link in await page.locator("tbody .who a").all()
        ]
        days = [f"/console/upcoming/{NOW.date() + timedelta(days=ahead)}" for ahead in (0, 5)]
        answer = await console.settings_link("s-1")
        for path in [*(f"/console/{name}" for name in PAGES), *cases, *days, answer]:
            await page.goto(f"{console.url}{path}")
            await _fits(page, path)
            # All pages have the same colours, which tests/rules/test_colors compares.
            in_dark = path in IN_DARK or path == cases[0] or IS_THOROUGH
            await _is_accessible(page, path, in_dark=in_dark)
        await page.context.clear_cookies()
        for path in ("/console/sign-in", "/console/in/nothing", "/settings/nothing"):
            await page.goto(f"{console.url}{path}")
            await _is_accessible(page, path)


# Without script its forms are sent in tests/console, too.
@pytest.mark.parametrize(
    "scripts", [True, False] if IS_THOROUGH else [True], ids=lambda on: "script" if on else "none"
)
async def test_a_bank_statement_is_uploaded_booked_and_taken_back(
    browser: Any, console: ServedConsole, scripts: bool
) -> None:
    await console.order("s-1", "A-47110")
    table = a_table(a_row("A-47110"), a_row("?", "7,00", payer="X", iban=""))
    file = {"name": "march.csv", "mimeType": "text/csv", "buffer": table}
    how = {"bypass_csp": True} if scripts else {"java_script_enabled": False}
    async with signed_in(browser, console, **how) as page:
        await page.click("header nav a[href='/console/statements']")
        await page.set_input_files("input[name=file]", file)
        await page.click("main button.main")
        await page.wait_for_url("**/statements/st-*")
        if scripts:
            await _fits(page, "a statement")
            await _is_accessible(page, "a statement")
        await page.click("#group-certain form[action$='/book'] >> nth=0 >> button")
        assert "All that was certain is booked." in await page.inner_text("#answer")
        await page.click("#group-unknown details:has-text('Set aside') summary")
        await page.click("#group-unknown button:has-text('Set aside')")
        assert "The line is set aside." in await page.inner_text("#answer")
        await page.click("#group-booked > details > summary")
        await page.click("#group-booked details details summary")
        await page.click("#group-booked button:has-text('Take back')")
        assert "The decision is taken back." in await page.inner_text("#answer")
        assert await page.locator("#group-certain").count() == 1


async def _fits(page: Any, path: str) -> None:
    """No page is wider than the screen, on a telephone, a tablet or a desk."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        wider = "document.documentElement.scrollWidth - window.innerWidth"
        assert await page.evaluate(wider) <= 0, (path, width)


async def _is_accessible(page: Any, path: str, *, in_dark: bool = False) -> None:
    """axe finds nothing in the page, with all that can be unfolded; nor in its dark colours."""
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    await page.evaluate(AXE)
    dark = [("dark", COLORS)] if in_dark else []
    for scheme, checks in (*dark, ("light", EVERY_CHECK)):
        await page.emulate_media(color_scheme=scheme)
        found = await page.evaluate(
            "async (checks) => (await axe.run({exclude: [['iframe']]}, {runOnly: checks,"
            " resultTypes: ['violations'], selectors: false}))"
            ".violations.map((one) => [one.id, one.nodes.map((node) => node.html)])",
            checks,
        )
        assert found == [], (path, scheme)


async def test_everything_is_reached_by_keyboard_alone(
    browser: Any, console: ServedConsole
) -> None:
    async with signed_in(browser, console) as page:
        await page.goto(f"{console.url}/console/cases?q=A-1")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        for _ in range(40):
            await page.keyboard.press("Tab")
            if (await page.evaluate("document.activeElement.value") or "").startswith("stop/"):
                break
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#answer")
        assert "A-1 is stopped." in await page.inner_text("#answer")


async def test_rows_change_without_a_reload_and_keep_what_is_chosen_and_the_focus(
    browser: Any, console: ServedConsole
) -> None:
    async with signed_in(browser, console) as page:
        await page.clock.install()
        await page.goto(f"{console.url}/console/cases")
        first, second = (await page.locator("input[name=case]").all())[:2]
        await first.check()
        await second.focus()
        value = await second.get_attribute("value")
        case_id = await page.locator("tr", has_text="A-1").first.get_attribute("id")
        assert case_id
        await console.call("POST", f"/v1/cases/{case_id.removeprefix('case-')}/stop")
        async with page.expect_response(re.compile("part=rows")):
            await page.clock.run_for(11_000)
        await page.locator(f"#{case_id} .badge:has-text('stopped')").wait_for()

        assert await page.locator("input[name=case]").first.is_checked()
        assert await page.evaluate("document.activeElement.value") == value


async def test_two_tabs_and_the_back_button_do_nothing_twice(
    browser: Any, console: ServedConsole
) -> None:
    async with signed_in(browser, console) as page:
        await page.goto(f"{console.url}/console/cases?q=A-1")
        other = await page.context.new_page()
        await other.goto(f"{console.url}/console/cases?q=A-1")
        await page.click("tbody button:has-text('Stop')")
        await other.click("tbody button:has-text('Stop')")
        assert "A-1 is stopped." in await other.inner_text("#answer")

        case_id = (await page.locator("tbody tr").get_attribute("id")).removeprefix("case-")
        await console.call("POST", f"/v1/cases/{case_id}/start")
        await page.go_back()
        await page.go_forward()
        await page.reload()
        case = await console.call("GET", f"/v1/cases/{case_id}")
        assert case["stage"] != "stopped"
        assert [event["event"] for event in case["history"]].count("case.stopped") == 1


async def test_hostile_names_are_text_everywhere(
    browser: Any, unchanged_console: ServedConsole
) -> None:
    console = unchanged_console
    async with signed_in(browser, console) as page:
        for path in ("cases", "cases?q=img", "upcoming", ""):
            await page.goto(f"{console.url}/console/{path}")
            assert await page.title() != "1"
            assert await page.locator("img[src=x]").count() == 0
        await page.goto(f"{console.url}/console/cases?q=A-6")
        await page.click("tbody .who a")
        assert "<img" in await page.inner_text("h1")


async def test_the_preview_follows_what_is_typed(
    browser: Any, unchanged_console: ServedConsole
) -> None:
    console = unchanged_console
    async with signed_in(browser, console) as page:
        await page.goto(f"{console.url}/console/settings")
        await page.fill("input[name=company_name]", "Tulpen & Söhne")
        frame = page.frame_locator("#preview")
        await frame.get_by_text("Tulpen & Söhne").first.wait_for()
        assert await page.is_visible("#unsaved")


async def test_a_logo_is_in_the_preview_before_it_is_saved(
    browser: Any, console: ServedConsole
) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    logo = svg + b'<rect width="40" height="20" fill="#0a0"/></svg>'
    file = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": logo}
    async with signed_in(browser, console) as page:
        await page.goto(f"{console.url}/console/settings")
        frame = page.frame_locator("#preview")
        await frame.locator("h1, h2, p").first.wait_for()
        before = await frame.locator("img").count()
        await page.set_input_files("input[name=logo]", [file])
        await page.locator("#logo-said").get_by_text("not saved yet").wait_for()
        await frame.locator("img").nth(before).wait_for()
        assert await page.is_visible("#unsaved")
        await page.click("button[value=save]")
        assert await page.locator("img.logo").count() == 1


async def test_language_and_colours_stay_as_chosen(
    browser: Any, unchanged_console: ServedConsole
) -> None:
    console = unchanged_console
    async with signed_in(browser, console, java_script_enabled=False) as page:
        await page.goto(f"{console.url}/console/cases?q=A-1")
        await page.click("header .menu summary")
        await page.click("button[value=fr]")
        assert "q=A-1" in page.url
        assert await page.inner_text("h1") == "Tous les dossiers"
        await page.click("header .menu summary")
        await page.click("button[value=dark]")
        assert await page.get_attribute("html", "data-theme") == "dark"
        assert await page.get_attribute("html", "lang") == "fr"
