"""The page on which a person plays the agency."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from sandbox.partner.claims import CloseCode
from tests.partners.sandbox import UNKNOWN, Caller, a_debtor, calling

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' autofocus onfocus='alert(1)",
    "</title></bdi></a><style>*{display:none}</style>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#39;",
    "\u202egnp.exe \u200b\x00 عبد الله",
    "x" * 3000,
]
OWN = {"Origin": "http://sandbox"}
PAGES = ("/", "/claims/{}", "/sent", "/claims/unknown")


class Page(HTMLParser):
    """What a browser would make of it: elements with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def all(self, tag: str, name: str) -> list[str | None]:
        return [attributes.get(name) for found, attributes in self.elements if found == tag]


@pytest.fixture
async def agency() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def press(agency: Caller, path: str, **form: str) -> httpx.Response:
    return await agency.http.post(path, data=form, headers=OWN)


async def look(agency: Caller, path: str = "/") -> Page:
    answer = await agency.http.get(path)
    assert answer.status_code == 200
    return Page(answer.text)


async def case(agency: Caller, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await agency.get(f"/cases/{case_id}")
    return found


class TestLook:
    async def test_the_page_needs_no_key_and_the_api_does(self):
        async with calling(api_key="right") as agency:
            assert (await agency.http.get("/")).status_code == 200
            assert (await agency.http.get("/cases")).status_code == 401

    async def test_the_newest_claim_comes_first(self, agency):
        for name in ("first", "second", "third"):
            await agency.submit(creditorReference=name, debtor=a_debtor(name=name.title()))

        texts = (await look(agency)).texts

        assert [text for text in texts if text in ("First", "Second", "Third")] == [
            "Third",
            "Second",
            "First",
        ]

    async def test_a_claim_is_shown_with_all_that_belongs_to_it(self, agency):
        seller = await agency.post("/divisions", {"companyName": "Kurse & Co", "countryCode": "DE"})
        case_id = await agency.submit(
            creditorDivisionId=seller["id"],
            claimDescription="Photography course",
            debtor=a_debtor(address="Hauptstr. 5", zipCode="10115", city="Berlin"),
        )
        await agency.advance(case_id, "Legal", 19)
        await agency.post(f"/cases/{case_id}/chats", {"message": "Please wait"})
        await agency.http.post(f"/cases/{case_id}/files", files={"file": ("a.pdf", b"%PDF")})

        listed, shown = await look(agency), await look(agency, f"/claims/{case_id}")

        row = {"Jonas Weber", "abcd2345-1", "119.00 EUR", "19.00 EUR", "in court", "Kurse & Co"}
        assert row <= set(listed.texts)
        whole = {"100.00 EUR", "Hauptstr. 5", "10115 Berlin", "Please wait", "a.pdf", "2026-01-16"}
        assert row | whole | {"Photography course"} <= set(shown.texts)

    @pytest.mark.parametrize(
        ("step", "words"),
        [
            (None, "submitted"),
            (("Active",), "in collection"),
            (("Legal",), "in court"),
            (("Closed:Paid", 119), "paid"),
            (("Closed:Other",), "rejected"),
            (("Closed:NoPayment",), "closed"),
        ],
    )
    async def test_a_claim_says_where_it_stands(self, agency, step, words):
        case_id = await agency.submit()
        if step:
            await agency.advance(case_id, *step)

        assert f"1 {words}" in (await look(agency)).texts
        assert words in (await look(agency, f"/claims/{case_id}")).texts

    async def test_many_claims_come_in_pages(self, agency):
        for number in range(51):
            await agency.submit(creditorReference=f"r-{number}")

        first, second = await look(agency), await look(agency, "/?page=2")

        assert "r-50" in first.texts
        assert "r-0" not in first.texts
        assert "/?page=2" in first.all("a", "href")
        assert "r-0" in second.texts
        assert "/?page=3" not in second.all("a", "href")

    @pytest.mark.parametrize(
        ("amount", "currency", "shown"),
        [
            ("1234567.89", "EUR", "1,234,567.89 EUR"),
            ("1.005", "EUR", "1.005 EUR"),
            ("250000", "CLP", "250,000 CLP"),
            ("5", "KWD", "5.000 KWD"),
        ],
    )
    async def test_amounts_have_the_digits_of_their_currency(self, agency, amount, currency, shown):
        body = '{"currencyCode": "%s", "amountToRecover": %s, "date": "2026-01-02", ' % (  # noqa: UP031
            currency,
            amount,
        )
        body += '"dueDate": "2026-01-02", "creditorReference": "r", "debtor": '
        body += '{"type": "Private", "name": "N", "countryAlpha2": "DE"}}'
        await agency.http.post("/cases", content=body)

        assert shown in (await look(agency)).texts

    async def test_what_is_not_there_is_said_on_a_page(self, agency):
        for path in (f"/claims/{UNKNOWN}", f"/claims/{UNKNOWN}/files/{UNKNOWN}"):
            answer = await agency.http.get(path)
            assert answer.status_code == 404
            assert "text/html" in answer.headers["content-type"]

    async def test_a_file_is_downloaded_and_never_shown(self, agency):
        case_id = await agency.submit()
        file = ("Mahnung für <b>.pdf", b"%PDF<script>")
        await agency.http.post(f"/cases/{case_id}/files", files={"file": file})
        page = await look(agency, f"/claims/{case_id}")
        (link,) = [href for href in page.all("a", "href") if href and "/files/" in href]

        answer = await agency.http.get(link)

        assert answer.content == b"%PDF<script>"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == (
            "attachment; filename*=utf-8''Mahnung%20f%C3%BCr%20%3Cb%3E.pdf"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        other = await agency.submit(creditorReference="other")
        assert (await agency.http.get(link.replace(case_id, other))).status_code == 404


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE)
    async def test_what_a_debtor_is_called_is_never_markup(self, agency, text):
        plain = text.replace("\x00", "")
        case_id = await agency.submit(
            creditorReference=plain[:50],
            claimDescription=plain,
            comments=plain,
            tag=plain[:100],
            debtor=a_debtor(name=plain, address=plain, city=plain, email=plain, phone=plain),
        )
        await agency.post("/webhooks", {"url": "http://b/", "events": ["case.updated"]})
        await agency.advance(case_id, "Active")
        await agency.post(f"/cases/{case_id}/chats", {"message": plain, "userEmail": plain})

        for path in PAGES[:3]:
            page = await look(agency, path.format(case_id))
            assert not page.tags & {"script", "style", "img", "iframe", "object", "svg", "base"}
            assert page.tags <= KNOWN_TAGS
            names = {name for _, attributes in page.elements for name in attributes}
            assert names <= KNOWN_ATTRIBUTES
            links = [*page.all("a", "href"), *page.all("form", "action")]
            assert all(
                re.fullmatch(r"/(claims/|sent|\?|$)[-\w/?=.]*", link or "") for link in links
            )
            if path != "/sent":
                assert plain in page.texts

    @pytest.mark.parametrize("path", PAGES)
    async def test_every_page_lets_the_browser_load_nothing_but_its_styles(self, agency, path):
        answer = await agency.http.get(path.format(await agency.submit()))

        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        page = Page(answer.text)
        assert page.all("link", "href") == ["/style.css"]
        assert not any("style" in attributes for _, attributes in page.elements)

    async def test_the_styles_load_nothing(self, agency):
        answer = await agency.http.get("/style.css")

        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert "url(" not in answer.text
        assert "@import" not in answer.text

    async def test_a_note_is_never_taken_from_the_address(self, agency):
        case_id = await agency.submit()

        answer = await agency.http.get(f"/claims/{case_id}?done=<b>Transfer+money")

        assert "Transfer" not in answer.text


KNOWN_TAGS = set(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "body",
        "header",
        "div",
        "a",
        "nav",
        "main",
        "footer",
        "p",
        "h1",
        "h2",
        "h3",
        "span",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "bdi",
        "small",
        "section",
        "form",
        "label",
        "input",
        "select",
        "option",
        "button",
        "dl",
        "dt",
        "dd",
        "ul",
        "ol",
        "li",
        "article",
        "strong",
        "details",
        "summary",
        "pre",
        "code",
    ]
)
KNOWN_ATTRIBUTES = set(
    [
        "lang",
        "charset",
        "name",
        "content",
        "rel",
        "href",
        "class",
        "aria-label",
        "aria-current",
        "scope",
        "data-label",
        "method",
        "action",
        "type",
        "value",
        "inputmode",
        "autocomplete",
        "maxlength",
        "required",
        "role",
        "dir",
        "min",
        "max",
        "checked",
        "selected",
    ]
)


class TestButtons:
    async def test_accept(self, agency):
        case_id = await agency.submit()

        answer = await press(agency, f"/claims/{case_id}/accept")

        assert answer.status_code == 303
        shown = await look(agency, answer.headers["location"])
        assert "Accepted: collection has begun." in shown.texts
        assert (await case(agency, case_id))["dateCollectionStarted"]

    async def test_reject(self, agency):
        case_id = await agency.submit()

        await press(agency, f"/claims/{case_id}/reject")

        found = await case(agency, case_id)
        assert found["closeCode"] == "Other"
        assert "dateCollectionStarted" not in found

    @pytest.mark.parametrize(
        ("amount", "code"), [("19.00", None), ("119", "Paid"), ("200", "Paid")]
    )
    async def test_pay(self, agency, amount, code):
        case_id = await agency.submit()

        await press(agency, f"/claims/{case_id}/pay", amount=amount)

        (payment,) = await agency.get(f"/cases/{case_id}/payments")
        assert payment["grossAmount"] == int(amount.split(".")[0])
        assert (await case(agency, case_id)).get("closeCode") == code

    async def test_what_is_left_is_filled_in(self, agency):
        case_id = await agency.submit()
        await press(agency, f"/claims/{case_id}/pay", amount="19.50")
        page = await look(agency, f"/claims/{case_id}")

        (left,) = [a["value"] for t, a in page.elements if a.get("name") == "amount"]
        assert left == "99.50"
        await press(agency, f"/claims/{case_id}/pay", amount=left)
        assert (await case(agency, case_id))["closeCode"] == "Paid"

    async def test_go_to_court(self, agency):
        case_id = await agency.submit()

        await press(agency, f"/claims/{case_id}/court")

        timeline = await agency.get(f"/cases/{case_id}/timeline")
        assert timeline["currentEngagementPhase"] == "Legal"

    @pytest.mark.parametrize("code", CloseCode)
    async def test_close(self, agency, code):
        case_id = await agency.submit()
        assert code in (await look(agency, f"/claims/{case_id}")).texts

        await press(agency, f"/claims/{case_id}/close", code=code)

        assert (await case(agency, case_id))["closeCode"] == code

    async def test_dispute(self, agency):
        case_id = await agency.submit()
        for disputed, words in (("yes", "Yes, the claim is"), ("no", "No, the claim is not")):
            await press(agency, f"/claims/{case_id}/dispute", disputed=disputed)
            assert (await case(agency, case_id))["disputeStatus"] == f"{words} disputed"

    @pytest.mark.parametrize(
        ("action", "form"),
        [
            ("accept", {}),
            ("reject", {}),
            ("pay", {"amount": "1"}),
            ("court", {}),
            ("close", {"code": "Paid"}),
        ],
    )
    async def test_with_a_closed_claim_nothing_can_be_done(self, agency, action, form):
        case_id = await agency.submit()
        await agency.advance(case_id, "Closed:WithdrawnByClient")
        before = await agency.get(f"/cases/{case_id}/timeline")
        forms = (await look(agency, f"/claims/{case_id}")).all("form", "action")

        answer = await press(agency, f"/claims/{case_id}/{action}", **form)

        assert forms == []
        assert answer.status_code == 409
        assert "Nothing was done: the case is closed: WithdrawnByClient." in answer.text
        assert await agency.get(f"/cases/{case_id}/timeline") == before

    @pytest.mark.parametrize("action", ["accept", "reject"])
    async def test_a_button_pressed_twice_does_it_once(self, agency, action):
        case_id = await agency.submit()
        first = await press(agency, f"/claims/{case_id}/{action}")
        before = await agency.get(f"/cases/{case_id}/timeline")

        second = await press(agency, f"/claims/{case_id}/{action}")

        assert (first.status_code, second.status_code) == (303, 409)
        assert await agency.get(f"/cases/{case_id}/timeline") == before

    @pytest.mark.parametrize(
        "amount", ["", "x", "0", "-1", "1.005", "1,50", "1e400", "NaN", "Infinity", "<b>", "9" * 40]
    )
    async def test_what_is_no_amount_is_not_booked(self, agency, amount):
        case_id = await agency.submit()

        answer = await press(agency, f"/claims/{case_id}/pay", amount=amount)

        assert answer.status_code == 409
        assert "Nothing was done: amount " in answer.text
        assert await agency.get(f"/cases/{case_id}/payments") == []

    @pytest.mark.parametrize(
        ("action", "form"),
        [("close", {"code": "Lost"}), ("close", {"code": ""}), ("dispute", {"disputed": "maybe"})],
    )
    async def test_a_form_that_the_page_does_not_have_does_nothing(self, agency, action, form):
        case_id = await agency.submit()

        answer = await press(agency, f"/claims/{case_id}/{action}", **form)

        assert answer.status_code == 400
        assert (await case(agency, case_id))["lifecycle"] == "PendingVerification"

    async def test_what_is_not_there_has_no_buttons(self, agency):
        assert (await press(agency, f"/claims/{UNKNOWN}/accept")).status_code == 404
        assert (await press(agency, f"/sent/{UNKNOWN}/replay")).status_code == 404

    async def test_what_webhooks_were_told_is_shown_and_can_be_sent_again(self):
        async def deliver(*_given: object) -> int:
            return statuses.pop(0)

        statuses = [500, 204]
        async with calling(deliver=deliver) as agency:
            await agency.subscribe("http://dunning.localhost/told")
            case_id = await agency.submit()
            waiting = await look(agency, f"/claims/{case_id}")
            await agency.deliver()
            failed = await look(agency, "/sent")
            (event,) = await agency.events(case_id)
            answer = await press(agency, f"/sent/{event['id']}/replay")
            await agency.deliver()
            taken = await look(agency, answer.headers["location"])

        assert "waiting" in waiting.texts
        assert "1 try, answered 500; again 2 Mar, 09:30:01" in failed.texts
        assert {"taken", "2 Mar, 09:30:00, 2 tries", "The event is sent again."} <= set(taken.texts)
        assert event["payload"] in taken.texts

    async def test_what_gets_lost_and_what_has_nobody_to_go_to_is_said(self, agency):
        hook = await agency.subscribe("http://dunning.localhost/told")
        await agency.behave(lost=True)
        await agency.submit()
        lost = await look(agency, "/sent")
        await agency.http.delete(f"/webhooks/{hook['id']}")

        assert "lost" in lost.texts
        assert "the webhook is gone" in (await look(agency, "/sent")).texts

    async def test_how_webhooks_go_wrong_is_chosen(self, agency):
        form = {"delay_seconds": "30", "copies": "2", "order": "shuffled", "lost": "true"}
        form |= {"lost_percent": "25"}

        answer = await press(agency, "/sent/behavior", **form)

        assert answer.status_code == 303
        assert await agency.get("/test/webhooks/behavior") == {
            "delaySeconds": 30,
            "copies": 2,
            "order": "shuffled",
            "lost": True,
            "lostPercent": 25,
            "seed": 0,
        }
        page = await look(agency, "/sent")
        fields = {a["name"]: a for t, a in page.elements if t == "input"}
        assert (fields["delay_seconds"]["value"], fields["copies"]["value"]) == ("30", "2")
        assert "checked" in fields["lost"]

    @pytest.mark.parametrize("changes", [{"delay_seconds": "x"}, {"copies": "9"}, {"copies": "²"}])
    async def test_a_behavior_that_cannot_be_is_not_taken(self, agency, changes):
        form = {"delay_seconds": "0", "copies": "1", "order": "asItHappened"} | changes

        answer = await press(agency, "/sent/behavior", **form)

        assert answer.status_code == 422
        assert "Nothing was changed" in answer.text


class TestGuard:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Sec-Fetch-Site": "same-origin", "Origin": "http://sandbox"}, 303),
            ({"Sec-Fetch-Site": "none"}, 303),
            ({"Origin": "http://sandbox"}, 303),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, 403),
            ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://sandbox"}, 403),
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": "http://sandbox:81"}, 403),
            ({"Origin": "http://sandbox.evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({}, 403),
        ],
    )
    async def test_only_the_page_itself_may_press_its_buttons(self, agency, headers, status):
        case_id = await agency.submit()

        answer = await agency.http.post(f"/claims/{case_id}/accept", headers=headers)

        assert answer.status_code == status
        begun = "dateCollectionStarted" in await case(agency, case_id)
        assert begun is (status == 303)

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("127.0.0.1:8026", 200),
            ("localhost:8026", 200),
            ("[::1]:8026", 200),
            ("192.168.1.5", 200),
            ("partner.localhost", 200),
            ("partner-sandbox:8026", 200),
            ("evil.example", 421),
            ("127.0.0.1.evil.example", 421),
            ("localhost.evil.example:8026", 421),
            ("[::1", 421),
            ("", 421),
        ],
    )
    async def test_dns_rebinding_is_refused(self, agency, host, status):
        assert (await agency.http.get("/", headers={"Host": host})).status_code == status

    async def test_looking_changes_nothing(self, agency):
        case_id = await agency.submit()
        before = await agency.get(f"/cases/{case_id}/timeline")

        for path in (f"/claims/{case_id}/accept", f"/claims/{case_id}/pay", "/sent/behavior"):
            assert (await agency.http.get(path)).status_code == 405

        assert await agency.get(f"/cases/{case_id}/timeline") == before

    async def test_it_says_that_it_is_alive(self):
        async with calling(api_key="right") as agency:
            assert (await agency.http.get("/healthz")).json() == {"status": "ok"}
