"""Calls of the partner's API, and what its answers have in common: JSON, refusals, pauses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from adapters.partner import PartnerError
from adapters.pauses import pause_asked

_LONGEST_WORDS: Final = 1000
_TIMEOUT: Final = httpx.Timeout(30, connect=5)
_GOOD: Final = (HTTPStatus.OK, HTTPStatus.CREATED)

Json = dict[str, Any]
Read = TypeVar("Read", bound=BaseModel)


def connect_partner(
    base_url: str, api_key: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """The HTTP client that `DebituraPartner` speaks through; close it when done."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"XApiKey": api_key},
        timeout=_TIMEOUT,
        transport=transport,
    )


class Api:
    """Asks, and hands back whatever was answered."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        return await self._ask("GET", path, params=query)

    async def post(
        self, path: str, content: bytes = b"", *, once: str | None = None
    ) -> httpx.Response:
        """Send JSON; `once` is the key under which a second one is answered like the first."""
        headers = {"Content-Type": "application/json"}
        if once is not None:
            headers["Idempotency-Key"] = once
        return await self._ask("POST", path, content=content, headers=headers)

    async def upload(
        self, path: str, fields: Mapping[str, str], file: tuple[str, bytes, str]
    ) -> httpx.Response:
        return await self._ask("POST", path, data=dict(fields), files={"file": file})

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **how)
        except httpx.RequestError as error:
            reason = type(error).__name__
            raise PartnerError(f"the partner did not answer {method}: {reason}") from error


def is_good(answer: httpx.Response) -> bool:
    return answer.status_code in _GOOD


def rendered(value: Any) -> str:
    """JSON in which a decimal keeps all of its digits: `json.dumps` knows binary floats only."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            fields = (f"{json.dumps(name)}: {rendered(inner)}" for name, inner in value.items())
            return f"{{{', '.join(fields)}}}"
        case _:
            return json.dumps(value)


def present(**fields: Any) -> Json:
    """An object in which absent fields are left out."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def parsed(answer: httpx.Response) -> Any:
    """The JSON of an answer, its numbers exact."""
    try:
        return json.loads(answer.content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise unreadable(answer) from error


def parsed_object(answer: httpx.Response) -> Json:
    """What an answer says; a page that some proxy put there instead is none."""
    body = parsed(answer)
    if not isinstance(body, dict):
        raise unreadable(answer)
    return body


def parsed_list(answer: httpx.Response) -> list[Json]:
    return objects(answer, parsed(answer))


def objects(answer: httpx.Response, listed: object) -> list[Json]:
    """A list of objects; anything else is unreadable."""
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise unreadable(answer)
    return listed


def read(answer: httpx.Response, of: type[Read], body: object) -> Read:
    """What an answer holds, checked."""
    try:
        return of.model_validate(body)
    except ValidationError as error:
        raise unreadable(answer) from error


def field_errors(body: Json) -> list[str]:
    return list(texts(body.get("errors") or body))


def business_errors(body: Json) -> list[tuple[str, str]]:
    """Type and message of each; of a refusal in another form, all that it says."""
    errors = body.get("businessErrors")
    listed = errors if isinstance(errors, list) else []
    return [
        (str(error.get("type") or ""), str(error.get("message") or ""))
        for error in listed
        if isinstance(error, dict)
    ] or [("", text) for text in texts(body)]


def refusal_words(answer: httpx.Response) -> list[str]:
    """The words of an answer 400 or 422."""
    body = parsed_object(answer)
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        return field_errors(body)
    return [": ".join(filter(None, error)) for error in business_errors(body)]


def masked(words: Iterable[str], personal: Iterable[str | None] = ()) -> str:
    """The words of a refusal without what they quote of a person, the longest first."""
    text = "; ".join(words) or "refused without a reason"
    for value in sorted((value for value in personal if value), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text[:_LONGEST_WORDS]


def unexpected(answer: httpx.Response) -> PartnerError:
    return PartnerError(
        f"the partner answered {answer.status_code} to {answer.request.method}",
        retry_after=pause_asked(answer),
    )


def unreadable(answer: httpx.Response) -> PartnerError:
    return PartnerError(
        f"the partner's answer {answer.status_code} to {answer.request.method} is unreadable"
    )


def texts(value: Any, name: str = "") -> Iterator[str]:
    """Every text in an answer, with the name of the field that it is about."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from texts(inner, key)
        case list():
            for inner in value:
                yield from texts(inner, name)
        case str() if value:
            yield f"{name}: {value}" if name else value


def _no_number(_given: str) -> NoReturn:
    raise ValueError("is no number")
