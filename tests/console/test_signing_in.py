"""Signing in and out: by links that work once, and only from the console's own pages."""

from __future__ import annotations

import pytest

from models.console.access import ConsoleSessionRow, SignInLinkRow
from tests.console.offline_console import BASE, Clerk, OfflineConsole
from tests.starter.backend import refused

pytestmark = pytest.mark.one_database


async def test_whoever_is_not_signed_in_is_led_to_the_form_and_back(
    console: OfflineConsole,
) -> None:
    async with console.stranger() as stranger:
        answer = await stranger.get("/console/cases?stage=active")

        assert answer.status_code == 303
        assert answer.headers["location"] == "/console/sign-in?next=/console/cases%3Fstage%3Dactive"
        form = await stranger.page(answer.headers["location"])
        assert 'name="next" value="/console/cases?stage=active"' in form


async def test_the_front_of_the_api_leads_to_the_console(console: OfflineConsole) -> None:
    async with console.stranger() as stranger:
        assert (await stranger.get("/")).headers["location"] == "/console/"
        assert (await stranger.get("/console")).headers["location"] == "/console/"


async def test_a_link_opens_a_page_of_the_console_once(console: OfflineConsole) -> None:
    link = await console.link(path="/console/settings")
    async with console.stranger() as scanner:
        for _ in range(2):  # a mail scanner opens links, and uses nothing up
            assert "Kurse GmbH" in await scanner.page(link)
    async with console.stranger() as clerk:
        entered = await clerk.post(link, name="Maria")

        assert entered.status_code == 303
        assert entered.headers["location"] == "/console/settings"
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
        assert "Settings" in await clerk.page("/console/settings")
    async with console.stranger() as second:
        assert (await second.post(link)).status_code == 410
        assert (await second.get(link)).status_code == 410


async def test_a_link_of_a_backend_ends_after_five_minutes(console: OfflineConsole) -> None:
    made = await console.call("POST", "/v1/sellers/s-1/console_links")
    assert made.status_code == 201
    assert made.json()["expires_at"] == "2026-03-02T09:20:00+00:00"
    link = made.json()["url"].removeprefix(BASE)

    console.later(minutes=5)
    async with console.stranger() as clerk:
        assert (await clerk.post(link)).status_code == 410
        assert (await clerk.get("/console/")).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/v1/cases",
        "/console/../v1",
        "/console//evil",
        "/console/%2e%2e/x",
        "/consoles",
        "/console\\x",
        "",
    ],
)
async def test_a_link_leads_nowhere_but_into_the_console(
    console: OfflineConsole, path: str
) -> None:
    refused(
        await console.call("POST", "/v1/sellers/s-1/console_links", {"path": path}), 422, "path"
    )


async def test_links_of_nobody_are_not_made(console: OfflineConsole) -> None:
    refused(await console.call("POST", "/v1/sellers/nobody/console_links"), 404)


async def test_a_mail_is_sent_to_who_is_known_and_the_answer_is_the_same(
    console: OfflineConsole,
) -> None:
    await console.seller("s-2", email="Other@Example.org")
    async with console.stranger() as stranger:
        known = await stranger.post("/console/sign-in", email="other@example.ORG ")
        unknown = await stranger.post("/console/sign-in", email="nobody@example.org")

    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    assert console.mailed == [("s-2", "/console/")]


async def test_one_address_is_mailed_three_times_in_a_quarter_of_an_hour(
    console: OfflineConsole,
) -> None:
    async with console.stranger() as stranger:
        answers = [
            await stranger.post("/console/sign-in", email="seller@example.org") for _ in range(4)
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == str(15 * 60)
    assert len(console.mailed) == 3


async def test_what_is_kept_of_links_and_sessions_opens_nothing(console: OfflineConsole) -> None:
    link = await console.link()
    async with console.stranger() as clerk:
        entered = await clerk.post(link, name="Maria")
        secret = entered.headers["set-cookie"].partition("=")[2].partition(";")[0]
    async with console.database.reading() as session:
        from sqlmodel import select

        links = list(await session.exec(select(SignInLinkRow)))
        sessions = list(await session.exec(select(ConsoleSessionRow)))

    kept = [row.model_dump_json() for row in (*links, *sessions)]
    assert all(secret not in row and link.rpartition("/")[2] not in row for row in kept)


async def test_signing_out_ends_one_session_and_everywhere_all_of_the_seller(
    console: OfflineConsole,
) -> None:
    await console.seller("s-2")
    async with (
        console.clerk() as one,
        console.clerk(name="Jan") as two,
        console.clerk("s-2") as other,
    ):
        cookies = dict(one.browser.cookies)
        assert (await one.post("/console/sign-out")).status_code == 303
        one.browser.cookies.update(cookies)
        assert (await one.get("/console/")).status_code == 303
        assert (await two.get("/console/")).status_code == 200

        async with console.clerk(name="Eva") as three:
            await three.post("/console/sign-out-everywhere")
        assert (await two.get("/console/")).status_code == 303
        assert (await other.get("/console/")).status_code == 200


async def test_a_session_ends_after_twelve_idle_hours_and_after_a_week(
    console: OfflineConsole,
) -> None:
    async with console.clerk() as clerk:
        console.later(hours=11)
        assert (await clerk.get("/console/")).status_code == 200
        console.later(hours=11)
        assert (await clerk.get("/console/")).status_code == 200
        console.later(hours=12)
        assert (await clerk.get("/console/")).status_code == 303
    async with console.clerk() as clerk:
        for _ in range(16):
            console.later(hours=11)
            last = await clerk.get("/console/")
        assert last.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://dunning.localhost:8001"},
        {"Origin": "null"},
    ],
)
async def test_a_change_that_comes_from_elsewhere_is_refused(
    console: OfflineConsole, clerk: Clerk, headers: dict[str, str]
) -> None:
    case_id = await console.order("A-1")
    form = {"nonce": "n" * 16}

    assert (await clerk.send(f"/console/cases/{case_id}/stop", form, headers)).status_code == 403
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["stage"] == "scheduled"


async def test_a_change_without_that_header_is_taken_from_the_own_origin(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1")
    form = {"nonce": "n" * 16}

    answer = await clerk.send(f"/console/cases/{case_id}/stop", form, {"Origin": BASE})
    assert answer.status_code == 303


async def test_pages_are_closed_to_scripts_and_to_other_hosts(
    console: OfflineConsole, clerk: Clerk
) -> None:
    answer = await clerk.get("/console/cases")
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in answer.text
    assert " onclick" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text


async def test_style_and_script_have_names_of_their_content_and_are_kept(clerk: Clerk) -> None:
    html = await clerk.page("/console/")
    start = html.index("/console/static/console.")
    sheet = await clerk.get(html[start : html.index('"', start)])

    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    assert (await clerk.get("/console/static/console.css")).status_code == 404


async def test_on_https_the_cookie_belongs_to_this_host_alone(console: OfflineConsole) -> None:
    console.app.state.console_url = "https://dunning.example"
    made = await console.granted("POST", "/v1/sellers/s-1/console_links")
    link = made["url"].removeprefix("https://dunning.example")
    async with console.stranger() as clerk:
        entered = await clerk.post(link)

    assert entered.headers["set-cookie"].startswith("__Host-dunning=")
    assert "secure" in entered.headers["set-cookie"].lower()
