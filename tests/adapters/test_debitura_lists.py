"""Lists at Debitura: all pages, each thing once, and never for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.partner.debitura import DebituraPartner, connect_partner
from adapters.partner.debitura.api import Api
from adapters.partner.debitura.lists import PAGE_SIZE, listed
from adapters.partner.port import PartnerError
from tests.adapters.claims import a_known_creditor, a_submission
from tests.partners.pairs import sandbox_pair

URL = "https://partner.example"
CASE = {"creditorReference": "abcd2345-1", "grossAmount": 119.0, "currency": "EUR"}
FINISHED = {"dateFinished": "2026-05-02T08:00:00Z"}


@pytest.fixture
def api() -> Iterator[respx.Router]:
    """A partner that has any case it is asked for but `gone`, and knows nothing more of it."""
    with respx.mock(base_url=URL, assert_all_called=False) as router:
        router.get(path__regex=r"^/cases/[^/]+/timeline$").respond(json={"items": []})
        router.get(path__regex=r"^/cases/[^/]+/payments$").respond(json=[])
        router.get(path__regex=r"^/cases/(?P<name>[^/]+)$").side_effect = a_case
        yield router


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """One for all tests: its certificates are read for 60 ms."""
    async with connect_partner(URL, "the-key") as http:
        yield http


@pytest.fixture
def partner(client: httpx.AsyncClient) -> DebituraPartner:
    return DebituraPartner(client)


def a_case(request: httpx.Request, name: str) -> httpx.Response:
    if name == "gone":
        return httpx.Response(404)
    return httpx.Response(200, json={**CASE, "id": name})


def cases(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"case-{number}"} for number in numbers]


def answers(route: respx.Route, *pages: dict[str, Any]) -> None:
    """Answer each request with the next page, and the last one again from then on."""
    left = list(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    route.side_effect = answer


async def found(partner: DebituraPartner) -> list[str]:
    return [claim.handle.partner_id async for claim in partner.open_claims()]


def names(*numbers: int) -> list[str]:
    return [f"case-{number}" for number in numbers]


class TestPages:
    async def test_all_pages_are_asked_for_by_their_number(self, api, partner):
        route = api.get("/cases")
        answers(
            route,
            {"page": {"currentPage": 1, "totalPages": 3}, "cases": cases(1, 2)},
            {"page": {"currentPage": 2, "totalPages": 3}, "cases": cases(3, 4)},
            {"page": {"currentPage": 3, "totalPages": 3}, "cases": cases(5)},
        )

        assert await found(partner) == names(1, 2, 3, 4, 5)
        asked = [dict(call.request.url.params) for call in route.calls]
        assert asked == [{"Page": str(page), "PageSize": "100"} for page in (1, 2, 3)]

    async def test_the_page_as_the_contract_has_it(self, api, partner):
        page = {
            "totalResults": 2,
            "pageSize": 100,
            "currentPage": 1,
            "responseCount": 2,
            "totalPages": 1,
        }
        answers(api.get("/cases"), {"page": page, "cases": cases(1, 2), "more": {"a": 1}})

        assert await found(partner) == names(1, 2)

    @pytest.mark.parametrize(
        "page",
        [
            {"totalResults": 3},
            {"totalResults": 3, "currentPage": None, "totalPages": None},
            # Not even paged: what was asked for is overlooked, and all is there at once.
            {"totalResults": 3, "pageSize": 1, "responseCount": 3, "totalPages": 3},
        ],
    )
    async def test_when_as_much_was_answered_as_there_is_no_more_is_asked_for(
        self, api, partner, page
    ):
        route = api.get("/cases")
        answers(route, {"page": page, "cases": cases(1, 2, 3)})

        assert await found(partner) == names(1, 2, 3)
        assert route.call_count == 1

    @pytest.mark.parametrize("page", [{}, {"pageSize": 2}, {"unknown": 1}])
    async def test_without_a_count_it_ends_with_an_empty_page(self, api, partner, page):
        route = api.get("/cases")
        answers(
            route,
            {"page": page, "cases": cases(1, 2)},
            {"page": page, "cases": cases(3)},
            {"page": page, "cases": []},
        )

        assert await found(partner) == names(1, 2, 3)
        assert route.call_count == 3

    @pytest.mark.parametrize("page", [{"totalResults": 0}, {"responseCount": 0, "totalPages": 0}])
    @pytest.mark.parametrize("listed_cases", [{}, {"cases": None}, {"cases": []}])
    async def test_nothing_is_nothing(self, api, partner, page, listed_cases):
        answers(api.get("/cases"), {"page": page, **listed_cases})

        assert await found(partner) == []

    async def test_what_has_moved_to_the_next_page_meanwhile_is_found_once(self, api, partner):
        answers(
            api.get("/cases"),
            {"page": {"currentPage": 1, "totalPages": 2}, "cases": cases(3, 2)},
            {"page": {"currentPage": 2, "totalPages": 2}, "cases": cases(2, 1)},
        )

        assert await found(partner) == names(3, 2, 1)


class TestPartnersThatPageOtherwise:
    async def test_one_that_names_another_page_is_not_asked_for_ever(self, api, partner):
        route = api.get("/cases")
        answers(route, {"page": {"currentPage": 1, "totalPages": 9}, "cases": cases(1, 2)})

        with pytest.raises(
            PartnerError, match="answered page 1 of its cases when asked for page 2"
        ):
            await found(partner)

        assert route.call_count == 2

    @pytest.mark.parametrize("page", [{}, {"totalPages": 9}, {"totalResults": 900}])
    async def test_one_that_answers_the_same_page_again_is_not_asked_for_ever(
        self, api, partner, page
    ):
        route = api.get("/cases")
        answers(route, {"page": page, "cases": cases(1, 2)})

        with pytest.raises(PartnerError, match="page 1 of its cases again"):
            await found(partner)

        assert route.call_count == 2

    @pytest.mark.parametrize("page", [{"totalPages": 9}, {"totalResults": 900}])
    async def test_one_that_promises_more_than_it_has_is_not_asked_for_ever(
        self, api, partner, page
    ):
        route = api.get("/cases")
        answers(route, {"page": page, "cases": cases(1)}, {"page": page, "cases": []})

        with pytest.raises(PartnerError, match="end on page 2 before they are complete"):
            await found(partner)

        assert route.call_count == 2

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            {"items": [], "page": 1, "pageSize": 50, "totalCount": 0},  # not of this contract
            {"page": {"totalResults": 3}},
            {"page": {"totalResults": 3}, "cases": None},
            {"page": {"totalResults": 1}, "cases": [1]},
            {"page": {"totalResults": "many"}, "cases": []},
            {"page": 1, "cases": []},
        ],
    )
    async def test_a_page_that_is_none_is_an_error(self, api, partner, body):
        api.get("/cases").respond(json=body)

        with pytest.raises(PartnerError, match="unreadable"):
            await found(partner)

    @given(
        sizes=st.lists(st.integers(0, 3), min_size=1, max_size=6),
        page=st.fixed_dictionaries(
            {},
            optional={
                "currentPage": st.integers(0, 3),
                "totalPages": st.integers(0, 9),
                "totalResults": st.integers(0, 9),
                "responseCount": st.integers(0, 9),
            },
        ),
    )
    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_whatever_it_says_of_its_pages_there_is_an_end(self, sizes, page):
        """It has the pages of these sizes, and the last of them again from then on."""
        asked = []

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            number = min(len(asked), len(sizes))
            shown = [{"id": f"{number}-{item}"} for item in range(sizes[number - 1])]
            return httpx.Response(200, json={"page": page, "cases": shown})

        async with connect_partner(URL, "", transport=httpx.MockTransport(answer)) as http:
            try:
                items = [item["id"] async for item in listed(Api(http), "/cases", "cases")]
            except PartnerError:
                items = []

        assert len(asked) <= len(sizes) + 1
        assert len(set(items)) == len(items)


class TestOpenClaims:
    async def test_a_case_that_the_list_shows_as_closed_is_not_asked_for(self, api, partner):
        closed = [{"id": "a", "closeCode": "Paid"}, {"id": "b", **FINISHED}]
        api.get("/cases").respond(json={"page": {"totalResults": 2}, "cases": closed})

        assert await found(partner) == []

    async def test_a_case_that_is_gone_by_then_is_passed_over(self, api, partner):
        shown = [{"id": "gone"}, *cases(2)]
        api.get("/cases").respond(json={"page": {"totalResults": 2}, "cases": shown})

        assert await found(partner) == names(2)


async def test_a_seller_is_found_on_any_page_of_divisions() -> None:
    async with sandbox_pair() as pair:
        for number in range(PAGE_SIZE + 1):
            body = {"companyName": f"Shop {number}", "countryCode": "DE", "city": "Berlin"}
            await pair.agency.post("/divisions", body)
        await pair.partner().submit(a_submission(creditor=a_known_creditor()))

        await pair.partner().submit(a_submission(reference="later-1", creditor=a_known_creditor()))

        listed = await pair.agency.get("/divisions?pageSize=1")
        assert listed["page"]["totalResults"] == PAGE_SIZE + 2
