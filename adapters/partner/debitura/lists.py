"""Reading lists, which the partner sends in pages: `{"page": {"currentPage", …}, "cases": […]}`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from itertools import count
from typing import Final

import httpx
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from adapters.partner.debitura.api import (
    Api,
    Json,
    objects,
    parsed_object,
    read,
    unexpected,
    unreadable,
)
from adapters.partner.port import PartnerError

# The largest page that the partner sends; its default is 10.
PAGE_SIZE: Final = 100


class _Page(BaseModel, alias_generator=to_camel):
    """The partner's fields about a page. Pages count from 1; any field may be missing."""

    current_page: int | None = None
    response_count: int | None = None
    total_pages: int | None = None
    total_results: int | None = None

    @property
    def is_said_to_be_empty(self) -> bool:
        counts = (self.response_count, self.total_results)
        return 0 in counts


async def listed(api: Api, path: str, name: str) -> AsyncIterator[Json]:
    """Yield everything in the list `name`, each thing once, even if pages overlap.

    The list ends with the last page that the partner names, or when as many items came as it says
    there are, or with an empty page if it says neither. Raises `PartnerError` for an answer that is
    another page than the one asked for, because a partner that ignores the page number would be
    asked for ever.
    """
    seen: set[str] = set()
    answered = 0
    for number in count(1):
        answer = await api.get(path, Page=number, PageSize=PAGE_SIZE)
        page, items = _page(answer, name)
        if page.current_page not in (None, number):
            raise PartnerError(
                f"the partner answered page {page.current_page} of its {name} when asked for"
                f" page {number}"
            )
        new = [item for item in items if _key(item) not in seen]
        if items and not new and number > 1:
            raise PartnerError(f"the partner answered page {number - 1} of its {name} again")
        seen.update(map(_key, new))
        for item in new:
            yield item
        answered += len(items)
        if _is_last(page, number, answered, is_empty=not items):
            return
        if not items:
            raise PartnerError(
                f"the partner's {name} end on page {number} before they are complete"
            )


def _page(answer: httpx.Response, name: str) -> tuple[_Page, list[Json]]:
    """Read a page and its items. A missing list counts as empty only if the page says so."""
    if answer.status_code != HTTPStatus.OK:
        raise unexpected(answer)
    body = parsed_object(answer)
    page = read(answer, _Page, body.get("page") or {})
    items = body.get(name)
    if items is None and page.is_said_to_be_empty:
        return page, []
    if items is None:
        raise unreadable(answer)
    return page, objects(answer, items)


def _is_last(page: _Page, number: int, answered: int, *, is_empty: bool) -> bool:
    if page.total_results is not None and answered >= page.total_results:
        return True
    if page.total_pages is not None:
        return number >= page.total_pages
    return is_empty and page.total_results is None


def _key(item: Json) -> str:
    return str(item.get("id") or item)
