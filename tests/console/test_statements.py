"""Bank statements in the console: uploaded, decided line by line, taken back (R20)."""

from __future__ import annotations

import html as html_of
import re
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from console import match_cache
from tests.bodies import a_payment
from tests.console.offline_console import SAME_ORIGIN, Clerk, OfflineConsole, nonce_of
from tests.statement_files import a_row, a_table, camt, entry

pytestmark = pytest.mark.one_database

STATEMENTS = "/console/statements"


async def upload(clerk: Clerk, content: bytes, name: str = "march.csv") -> httpx.Response:
    with clerk.console.clock.at(clerk.console.now):
        return await clerk.browser.post(
            STATEMENTS,
            data={"nonce": secrets.token_urlsafe(16)},
            files={"file": (name, content, "application/octet-stream")},
            headers=SAME_ORIGIN,
        )


async def imported(clerk: Clerk, content: bytes, name: str = "march.csv") -> tuple[str, str]:
    """The path of a statement that was taken, and its page."""
    answer = await upload(clerk, content, name)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    return place.partition("?")[0], await clerk.page(place)


def group(page: str, name: str) -> str:
    """What a page shows of one group."""
    found = re.search(rf'<section class="card" id="group-{name}">.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def line_in(part: str) -> str:
    found = re.search(r'<li id="line-([^"]+)"', part)
    assert found, part
    return found[1]


def choice_in(part: str) -> str:
    found = re.search(r'name="choice" value="([^"]+)"', part)
    assert found, part
    return html_of.unescape(found[1])


async def paid(console: OfflineConsole, order_id: str) -> list[str]:
    order = await console.granted("GET", f"/v1/orders/s-1/{order_id}")
    return [payment["amount"] for payment in order["payments"]]


async def test_r20_all_that_is_certain_is_booked_at_one_click_and_only_once(
    console: OfflineConsole, clerk: Clerk
) -> None:
    for order_id in ("A-47110", "A-47120"):
        await console.order(order_id)
    path, page = await imported(clerk, a_table(a_row("A-47110"), a_row("A-47120")))
    assert "The bank statement is imported." in page
    assert "Book all 2" in group(page, "certain")

    for _ in range(2):
        after = await clerk.followed(f"{path}/book", nonce=nonce_of(page))
    assert "All that was certain is booked." in after
    assert not group(after, "certain")
    assert "by the seller: Maria" in group(after, "booked")
    assert await paid(console, "A-47110") == ["119.00"]
    assert await paid(console, "A-47120") == ["119.00"]


async def test_r20_a_line_to_decide_shows_each_order_with_its_reasons(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-1", customer={"first_name": "Eva", "last_name": "Frei"})
    await console.order("A-2", customer={"first_name": "Otto", "last_name": "Klein"})
    path, page = await imported(clerk, a_table(a_row("danke", payer="Jemand <b>")))
    part = group(page, "decide")
    assert part.count('name="choice"') == 2
    assert "The amount €119.00 is what is open." in part
    assert f'href="/console/cases/{case_id}"' in part
    assert "Jemand &lt;b&gt;" in part

    line_id, choice = line_in(part), choice_in(part)
    for _ in range(2):
        after = await clerk.followed(
            f"{path}/lines/{line_id}/book", nonce=nonce_of(page), choice=choice
        )
    assert "The line is booked." in after
    assert sorted([*await paid(console, "A-1"), *await paid(console, "A-2")]) == ["119.00"]


async def test_r20_a_line_is_split_over_orders_that_are_typed(
    console: OfflineConsole, clerk: Clerk
) -> None:
    for order_id in ("A-1", "A-2"):
        await console.order(order_id)
    path, page = await imported(clerk, a_table(a_row("?", "150,00", payer="X", iban="")))
    line_id = line_in(group(page, "unknown"))
    form = {"order_1": "A-1", "amount_1": "100,00", "order_2": "A-2", "amount_2": "60"}
    wrong = await clerk.post(f"{path}/lines/{line_id}/book", nonce="s" * 16, **form)
    assert wrong.status_code == 422
    assert "more than the line has" in wrong.text
    assert 'value="60"' in wrong.text

    nothing = await clerk.post(
        f"{path}/lines/{line_id}/book", nonce="s" * 16, order_1="A-9", amount_1="1"
    )
    assert "There is no such order" in nothing.text

    await clerk.followed(
        f"{path}/lines/{line_id}/book", nonce="s" * 16, **form | {"amount_2": "50"}
    )
    assert (await paid(console, "A-1"), await paid(console, "A-2")) == (["100.00"], ["50.00"])


async def test_r20_a_line_is_set_aside_with_a_reason_and_taken_back(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-1")
    path, page = await imported(clerk, a_table(a_row("Spende", "5,00", payer="X", iban="")))
    line_id = line_in(group(page, "unknown"))
    after = await clerk.followed(
        f"{path}/lines/{line_id}/aside", nonce=nonce_of(page), reason="a <gift>"
    )
    assert "“a &lt;gift&gt;”" in group(after, "aside")

    again = await clerk.followed(f"{path}/lines/{line_id}/take-back", nonce=nonce_of(after))
    assert group(again, "unknown")
    assert not group(again, "aside")


async def test_r20_a_booking_is_taken_back_and_booked_again(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-47110")
    path, page = await imported(clerk, a_table(a_row("A-47110")))
    page = await clerk.followed(f"{path}/book", nonce=nonce_of(page))
    line_id = line_in(group(page, "booked"))
    page = await clerk.followed(f"{path}/lines/{line_id}/take-back", nonce=nonce_of(page))
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["open_amount"] == "119.00"
    assert group(page, "certain")

    await clerk.followed(f"{path}/book", nonce=nonce_of(page))
    assert (await console.granted("GET", f"/v1/cases/{case_id}"))["stage"] == "paid"


async def test_r13_a_return_is_offered_with_the_payment_that_it_undoes(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-47110")
    path, page = await imported(clerk, camt(entry("A-47110")), "one.xml")
    await clerk.followed(f"{path}/book", nonce=nonce_of(page))
    path, page = await imported(clerk, camt(entry("A-47110", returned=True)), "two.xml")
    part = group(page, "returns")
    assert "It takes back the payment" in part
    assert f"?line={line_in(part)}" in await clerk.page("/console/")  # it waits on the front page

    after = await clerk.followed(
        f"{path}/lines/{line_in(part)}/book", nonce=nonce_of(page), choice=choice_in(part)
    )
    assert "take-back" not in group(after, "booked")
    case = await console.granted("GET", f"/v1/cases/{case_id}")
    assert case["open_amount"] == "119.00"


async def test_r20_what_is_known_is_shown_once_and_the_same_file_leads_to_its_page(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-47110")
    table = a_table(a_row("A-47110"))
    path, _ = await imported(clerk, table)
    again, page = await imported(clerk, table)
    assert again == path
    assert "was imported before" in page

    _, page = await imported(clerk, a_table(a_row("A-47110"), a_row("B", day="01.03.2026")))
    known = group(page, "known")
    assert f'href="{path}?line=' in known
    assert "take-back" not in known


async def test_an_unclear_table_is_shown_and_corrected_once(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-47110")

    def table(day: str) -> bytes:
        rows = [f"{day},Ada Muster,A-47110,119.00,EUR", f"{day},Eva,x,5.00,EUR"]
        return "\r\n".join(["Date,Payer,Text,Amount,Currency", *rows, ""]).encode()

    unclear = await upload(clerk, table("03/02/2026"))
    assert unclear.status_code == 422
    assert "The dates can be read in two ways." in unclear.text
    assert "Mar 2, 2026" in unclear.text
    assert "Feb 3, 2026" in unclear.text
    fields = dict(re.findall(r'name="(reading|content|filename)" value="([^"]+)"', unclear.text))
    form = {name: html_of.unescape(value) for name, value in fields.items()}
    columns = re.findall(r'<select name="(column_\d+)">(.*?)</select>', unclear.text, re.DOTALL)
    for name, options in columns:
        chosen = re.search(r'value="([^"]+)" selected', options)
        form[name] = chosen[1] if chosen else ""
    form |= {"decimal_sign": ".", "currency": "", "date_order": "mdy", "nonce": "n" * 16}

    looked = await clerk.post(STATEMENTS, do="look", **form)
    assert looked.status_code == 200
    assert "Mar 2, 2026" in looked.text
    assert await console.granted("GET", "/v1/sellers/s-1/statements") == {"items": []}

    page = await clerk.followed(STATEMENTS, do="import", **form)
    assert "march.csv" in page
    assert "Mar 2, 2026" in group(page, "certain")
    assert (await upload(clerk, table("03/01/2026"))).status_code == 303


async def test_what_is_no_statement_is_refused_with_a_word(
    console: OfflineConsole, clerk: Clerk
) -> None:
    for content, words in ((b"", "There is nothing"), (b"%PDF-1.7 x", "This is no bank statement")):
        answer = await upload(clerk, content)
        assert answer.status_code == 422
        assert words in answer.text
    nothing = await clerk.post(STATEMENTS, nonce="n" * 16)
    assert "Please choose a file." in nothing.text


async def test_a_file_of_some_megabytes_is_read_and_one_beyond_20_is_refused(
    console: OfflineConsole, clerk: Clerk
) -> None:
    large = a_table(*(a_row(f"text {number} {'x' * 900}") for number in range(2_000)))
    assert len(large) > 1_500_000
    assert (await upload(clerk, large)).status_code == 303
    assert (await upload(clerk, b"x" * 20_500_000)).status_code == 413


async def test_a_second_seller_sees_and_decides_nothing(
    console: OfflineConsole, clerk: Clerk
) -> None:
    await console.order("A-1")
    await console.seller("s-2")
    path, page = await imported(clerk, a_table(a_row("danke")))
    line_id = line_in(page)
    async with console.clerk("s-2") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.post(f"{path}/book", nonce="n" * 16)).status_code == 404
        for act in ("book", "aside", "take-back"):
            answer = await other.post(f"{path}/lines/{line_id}/{act}", nonce="n" * 16)
            assert answer.status_code == 404
        mine, _ = await imported(other, a_table(a_row("danke")))
        answer = await other.post(f"{mine}/lines/{line_id}/aside", nonce="n" * 16)
        assert answer.status_code == 404
    async with console.stranger() as stranger:
        assert (await stranger.get(path)).status_code == 303
        assert (await upload(stranger, b"x")).headers["location"] == "/console/sign-in"


async def test_a_large_group_has_pages_of_its_own_and_none_is_large(
    console: OfflineConsole, clerk: Clerk
) -> None:
    for number in range(8):
        await console.order(f"A-{number}")
    rows = [a_row(f"text {number}", f"{number},01", payer="X") for number in range(1, 71)]
    rows += [a_row(f"danke {number}", payer="Jemand") for number in range(50)]
    path, page = await imported(clerk, a_table(*rows))
    assert group(page, "unknown").count('<li id="line-') == 10
    assert "?group=unknown" in page
    last = await clerk.page(f"{path}?group=unknown&page=4")
    assert last.count('<li id="line-') == 10
    decide = await clerk.page(f"{path}?group=decide")
    assert decide.count('<li id="line-') == 20
    for html in (page, decide):
        assert len(html.encode()) < 150_000


async def test_r27_the_case_names_the_line_and_who_booked_it_and_can_take_it_back(
    console: OfflineConsole, clerk: Clerk
) -> None:
    case_id = await console.order("A-47110")
    path, page = await imported(clerk, a_table(a_row("A-47110")))
    await clerk.followed(f"{path}/book", nonce=nonce_of(page))
    page = await clerk.page(f"/console/cases/{case_id}")
    assert "from a bank statement · march.csv, line 1 · by the seller: Maria" in page
    lead = re.search(rf'href="({path}\?line=[^"]+)">march.csv, line 1</a>', page)
    assert lead
    assert "by the seller: Maria" in group(await clerk.page(lead[1]), "booked")

    back = re.findall(r'action="([^"]+/take-back)"', page)[0]
    page = await clerk.followed(back, nonce=nonce_of(page))
    assert "<b>taken back</b>" in page
    assert group(await clerk.page(path), "certain")
    case = await console.granted("GET", f"/v1/cases/{case_id}")
    assert (case["open_amount"], case["stage"]) == ("119.00", "scheduled")


async def test_r20_the_board_says_how_old_the_books_are_and_what_goes_out_meanwhile(
    console: OfflineConsole, clerk: Clerk
) -> None:
    reminded = [{"kind": "payment_reminder", "sent_on": "2026-03-01"}]
    await console.order("A-1", invoice_date="2026-02-24", notices_sent=reminded)
    assert "No bank statement was imported yet." in await clerk.page("/console/")
    await imported(clerk, a_table(a_row("?", payer="X", iban="", day="25.02.2026", amount="1,00")))
    for path in ("/console/", "/console/cases", STATEMENTS):
        page = await clerk.page(path)
        assert "The last bank statement is 5 days old (Feb 25, 2026)." in page
        assert "In the next 7 days 1 notice goes out." in page
        assert 'class="note warn" id="freshness"' in page
    assert "1 line of a bank statement is not decided." in await clerk.page("/console/")


async def test_r20_a_large_statement_is_not_judged_anew_for_each_page(
    console: OfflineConsole, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []
    judge = match_cache.matches_of_statement

    async def counted(session: Any, seller: Any, statement: Any) -> Any:
        judged.append(statement.statement_id)
        return await judge(session, seller, statement)

    monkeypatch.setattr(match_cache, "matches_of_statement", counted)
    monkeypatch.setattr(match_cache, "_FEW", 3)
    await console.order("A-4711")
    rows = [a_row(f"danke {number}", f"{number},77", payer="X") for number in range(1, 31)]
    path, page = await imported(clerk, a_table(*rows))
    await clerk.page(f"{path}?group=unknown&page=2")
    assert len(judged) == 1

    # the books have changed: for two minutes the earlier judgment is shown, and says so
    await clerk.followed(
        f"{path}/lines/{line_in(page)}/book", nonce=nonce_of(page), order_1="A-4711", amount_1="1"
    )
    shown = await clerk.page(path)
    assert len(judged) == 1
    assert "suggestions are as of" in shown
    assert group(shown, "booked").count('<li id="line-') == 1

    console.now += timedelta(minutes=3)
    shown = await clerk.page(path)
    assert len(judged) == 2
    assert "suggestions are as of" not in shown


async def test_r20_a_page_of_before_books_nothing_that_is_no_longer_certain(
    console: OfflineConsole, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_cache, "_FEW", 0)
    await console.order("A-47110")
    path, page = await imported(clerk, a_table(a_row("A-47110")))
    assert line_in(group(page, "certain"))

    await console.granted("POST", "/v1/payments", a_payment("119.00", "A-47110"))
    after = await clerk.followed(f"{path}/book", nonce=nonce_of(page))

    assert await paid(console, "A-47110") == ["119.00"]
    assert not group(after, "certain")


async def test_money_that_nobody_has_assigned_waits_on_the_front_page(
    console: OfflineConsole, clerk: Clerk
) -> None:
    table = a_table(a_row("no number", "77,00", payer="Stranger <b>"))
    place, _ = await imported(clerk, table)
    html = await clerk.page("/console/")

    assert "Money that nobody has assigned" in html
    assert "<b>Stranger &lt;b&gt;</b>" in html
    [decide] = re.findall(rf'href="({place}\?line=[^"]+)"', html)
    assert "Stranger" in await clerk.page(decide)
    assert '<b class="count">1</b>' in html
