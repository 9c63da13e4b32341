"""Answers of Debitura as its contract has them, in `answers/`, and ways to change them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx

from adapters.partner.debitura import connect_partner

CASE_ID: Final = "8c5e7c1a-3c39-4b8e-9d6e-0b8f2b0f6a11"
# What is answered to what is sent, by the end of its path.
_MADE: Final = {
    "cases": "case",
    "chats": "chat",
    "divisions": "division",
    "files": "file",
    "replay": "webhook_replay",
    "test": "webhook_test",
    "webhooks": "webhook",
}
RECORDED: Final = {
    path.stem: json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    for path in (Path(__file__).parent / "answers").glob("*.json")
}
DATE_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z")
Change = Callable[[Any], Any]


class Recorded(httpx.AsyncBaseTransport):
    """A partner that answers as it is written down, or as a test has changed that."""

    def __init__(self, change: Change = lambda answer: answer) -> None:
        self.answers = {name: change(deepcopy(answer)) for name, answer in RECORDED.items()}
        self.written: list[Any] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *above, last = request.url.path.strip("/").split("/")
        if request.method == "POST":
            if request.headers["Content-Type"] == "application/json" and request.content:
                self.written.append(json.loads(request.content))
            return _answered(self.answers.get(_MADE[last]))
        match [*above, last]:
            case ["cases", "by-creditor-reference", reference]:
                known = reference == RECORDED["case"]["creditorReference"]
                return _answered(self.answers["case"] if known else None)
            case ["cases", case_id]:
                return _answered(self._case(case_id))
            case ["webhooks", "events"]:
                return _answered(self.answers["webhook_events"])
            case _:
                return _answered(self.answers.get(last))

    def _case(self, case_id: str) -> Any:
        """The whole case, or another one as the list has it."""
        others = {case.get("id"): case for case in self.answers["cases"].get("cases", [])}
        return self.answers["case"] if case_id == CASE_ID else others.get(case_id)


def _answered(answer: Any) -> httpx.Response:
    if answer is None:
        return httpx.Response(404, json={"error": "NotFound", "message": "There is none."})
    return httpx.Response(200, text=_as_json(answer))


def _as_json(answer: Any) -> str:
    return json.dumps(answer, default=float)


def with_unknown_fields(answer: Any) -> Any:
    match answer:
        case dict():
            known = {name: with_unknown_fields(value) for name, value in answer.items()}
            return {"aNewField": {"of": ["the future"]}, **known, "anotherOne": None}
        case list():
            return [with_unknown_fields(item) for item in answer]
        case _:
            return answer


def as_dates_are_written(replacement: str) -> Change:
    def change(answer: Any) -> Any:
        return json.loads(DATE_TIME.sub(replacement, _as_json(answer)), parse_float=Decimal)

    return change


def only(**needed: tuple[str, ...]) -> Change:
    """Leave of each answer nothing but these fields."""
    names = {name for names in needed.values() for name in names}

    def change(answer: Any) -> Any:
        match answer:
            case dict():
                return {name: change(value) for name, value in answer.items() if name in names}
            case list():
                return [change(item) for item in answer]
            case _:
                return answer

    return change


def with_nulls(answer: Any) -> Any:
    """Say of what is not there that it is null, as some services do."""
    absent = dict.fromkeys(
        ("dateUpdated", "dateFinished", "closeCode", "tag", "disabledReason", "deliveredAt")
    )
    match answer:
        case dict():
            return absent | {name: with_nulls(value) for name, value in answer.items()}
        case list():
            return [with_nulls(item) for item in answer]
        case _:
            return answer


def connected(transport: Recorded) -> httpx.AsyncClient:
    return connect_partner("https://partner.example", "the-key", transport=transport)


def fields(answer: Any, above: str = "") -> set[str]:
    """The names of all fields in an answer, each with those above it."""
    match answer:
        case dict():
            names = {f"{above}{name}": value for name, value in answer.items()}
            below = (fields(value, f"{name}.") for name, value in names.items())
            return set(names).union(*below)
        case list():
            return set().union(*(fields(item, above) for item in answer))
        case _:
            return set()
