"""Calls of the partner's API, and reading its answers: JSON, refusals, pauses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from adapters.partner.port import ClaimUnknown, PartnerError
from adapters.retry_after import LONGEST_PAUSE, pause_asked

_LONGEST_PAUSE_SECONDS: Final = int(LONGEST_PAUSE.total_seconds())
_LONGEST_WORDS: Final = 1000
_TIMEOUT: Final = httpx.Timeout(30, connect=5)
_GOOD: Final = (HTTPStatus.OK, HTTPStatus.CREATED)

Json = dict[str, Any]
Read = TypeVar("Read", bound=BaseModel)


def connect_partner(
    base_url: str, api_key: str, *, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return the HTTP client for `DebituraPartner`; the caller closes it."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"XApiKey": api_key},
        timeout=_TIMEOUT,
        transport=transport,
    )


class Api:
    """The calls of the API; they return any answer, and raise `PartnerError` if there is none."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        return await self._ask("GET", path, params=query)

    async def post(
        self, path: str, content: bytes = b"", *, once: str | None = None
    ) -> httpx.Response:
        """Send JSON; a second call with the same key `once` gets the answer of the first."""
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


def known(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is good (200, 201).

    Raises `ClaimUnknown` for 404, unless a proxy's page says it, and `PartnerError` for all else.
    """
    if answer.status_code == HTTPStatus.NOT_FOUND and not is_page(answer):
        raise ClaimUnknown("the partner has no such claim")
    if not is_good(answer):
        raise unexpected(answer)
    return answer


def rendered(value: Any) -> str:
    """Write JSON in which a decimal keeps all its digits; `json.dumps` has only binary floats."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            fields = (f"{json.dumps(name)}: {rendered(inner)}" for name, inner in value.items())
            return f"{{{', '.join(fields)}}}"
        case _:
            return json.dumps(value)


def present(**fields: Any) -> Json:
    """Return an object without the fields that are None or empty."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def parsed(answer: httpx.Response) -> Any:
    """Read the JSON of an answer, with exact numbers."""
    try:
        return json.loads(answer.content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise unreadable(answer) from error


def parsed_object(answer: httpx.Response) -> Json:
    """Read the JSON object of an answer; anything else, such as a proxy's page, is unreadable."""
    body = parsed(answer)
    if not isinstance(body, dict):
        raise unreadable(answer)
    return body


def parsed_list(answer: httpx.Response) -> list[Json]:
    return objects(answer, parsed(answer))


def objects(answer: httpx.Response, listed: object) -> list[Json]:
    """Check that a value is a list of objects; anything else is unreadable."""
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise unreadable(answer)
    return listed


def read(answer: httpx.Response, of: type[Read], body: object) -> Read:
    """Check the content of an answer."""
    try:
        return of.model_validate(body)
    except ValidationError as error:
        raise unreadable(answer) from error


def refusals(answer: httpx.Response) -> list[tuple[str, str]]:
    """Read the refusals in an answer 400 or 422: each a type or a field, and the words about it.

    The answer is a list of `businessErrors`, or an object with messages for each field. If it has
    another form, all its texts are read.
    """
    body = parsed_object(answer)
    errors = body.get("businessErrors")
    typed = [
        (str(error.get("type") or ""), str(error.get("message") or ""))
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]
    return typed or list(_named_texts(body.get("errors") or body))


def is_about(refused: Iterable[tuple[str, str]], what: str) -> bool:
    """Whether the name of a refusal's field or type contains `what`."""
    labels = (text if name == "error" else name for name, text in refused)
    return any(what in label.casefold() for label in labels)


def masked(refused: Iterable[tuple[str, str]], personal: Iterable[str | None] = ()) -> str:
    """Return the words of a refusal with personal values replaced by an ellipsis.

    Longer values are replaced first, because they may contain shorter ones.
    """
    words = (": ".join(filter(None, one)) for one in refused)
    text = "; ".join(words) or "refused without a reason"
    for value in sorted((value for value in personal if value), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text[:_LONGEST_WORDS]


def is_page(answer: httpx.Response) -> bool:
    """Whether a proxy or web server answered with HTML, instead of the partner with JSON."""
    kind: str = answer.headers.get("Content-Type", "")
    return kind.casefold().startswith("text/html")


def unexpected(answer: httpx.Response) -> PartnerError:
    pause = pause_asked(answer)
    return PartnerError(
        f"the partner answered {answer.status_code} to {answer.request.method}",
        retry_after=_pause_in_body(answer) if pause is None else pause,
    )


def unreadable(answer: httpx.Response) -> PartnerError:
    return PartnerError(
        f"the partner's answer {answer.status_code} to {answer.request.method} is unreadable"
    )


def texts(value: Any) -> Iterator[str]:
    """Yield every text in an answer, with the name of its field."""
    return (": ".join(filter(None, one)) for one in _named_texts(value))


def _named_texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _named_texts(inner, key)
        case list():
            for inner in value:
                yield from _named_texts(inner, name)
        case str() if value:
            yield name, value


def _pause_in_body(answer: httpx.Response) -> timedelta | None:
    """Return the pause in a body with 429: `{"retryAfter": 42.0}`. The partner sets no header."""
    if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    try:
        seconds = parsed_object(answer).get("retryAfter")
    except PartnerError:
        return None  # somebody else answered, such as a proxy
    if isinstance(seconds, bool) or not isinstance(seconds, int | Decimal):
        return None
    return timedelta(seconds=float(min(max(seconds, 0), _LONGEST_PAUSE_SECONDS)))


def _no_number(_given: str) -> NoReturn:
    raise ValueError("is no number")
