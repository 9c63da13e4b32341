"""The types of request fields, with their checks."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import unquote
from zoneinfo import available_timezones

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)
from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban

from dunning.money import CURRENCY_DIGITS

_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_PATHS: Final = frozenset({".", ".."})  # they have a meaning in paths
_ID_SCHEMA: Final = {"type": "string", "pattern": r"^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,80}$"}
NO_ID: Final = "must match [A-Za-z0-9._:-]{1,80}, and not be . or .."
_AMOUNT: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_CONSOLE_PATH: Final = re.compile(r"(/[A-Za-z0-9._:%-]+)+/?(\?[A-Za-z0-9._:%&=+-]*)?")
_REGION, _SCRIPT = 2, 4
_COLOR: Final = re.compile(r"#[0-9a-f]{6}")
_LOGO_KINDS: Final = frozenset(f"data:image/{kind};base64" for kind in ("png", "jpeg", "svg+xml"))
_LARGEST_LOGO: Final = 400_000
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
# Groups, private codes, and islands that ISO 3166-1 only reserves; Kosovo's XK is in use.
_NO_COUNTRIES: Final = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
_COUNTRIES: Final = (
    frozenset(
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
    )
    - _NO_COUNTRIES
)
_ZONES: Final = frozenset(available_timezones()) - {"Factory", "localtime"}


class Strict(BaseModel):
    """The base of request bodies; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _id(value: str) -> str:
    if not is_id(value):
        raise ValueError(NO_ID)
    return value


def _amount(value: Any) -> Decimal:
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError('must be a decimal string such as "119.00"')
    return Decimal(value)


def _date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2026-03-02")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a real date") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


def _timestamp(value: Any) -> Any:
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("must be a time such as 2026-03-02T10:15:00+01:00")
    _date(value[:10])
    return value


def _time_of_day(value: Any) -> time:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("must be a time of day such as 09:00")
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a real time of day") from None


def _currency(value: str) -> str:
    if value not in CURRENCY_DIGITS:
        raise ValueError("must be a currency code of ISO 4217 such as EUR")
    return value


def _country(value: str) -> str:
    if value not in _COUNTRIES:
        raise ValueError("must be a country code of ISO 3166-1 such as DE")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("must be a language tag of BCP 47 such as de or pt-BR")
    language, *others = value.split("-")
    return "-".join([language.lower(), *map(_subtag, others)])


def _subtag(part: str) -> str:
    """Return a subtag in the spelling of BCP 47, as in `zh-Hant-TW`."""
    if len(part) == _REGION and part.isalpha():
        return part.upper()
    return part.title() if len(part) == _SCRIPT and part.isalpha() else part.lower()


def _zone(value: str) -> str:
    if value not in _ZONES:
        raise ValueError("must be a time zone such as Europe/Berlin")
    return value


def _email(value: str) -> str:
    try:
        parsed = validate_email(
            value,
            check_deliverability=False,
            globally_deliverable=False,
            allow_smtputf8=False,
            strict=True,
        )
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None
    name, _, top_level = parsed.ascii_domain.rpartition(".")
    if not name or top_level.isdigit():
        raise ValueError("must be an e-mail address")
    return parsed.ascii_email or parsed.normalized


def _iban(value: str) -> str:
    if not stdnum_iban.is_valid(value):
        raise ValueError("is not a valid IBAN")
    return str(stdnum_iban.compact(value))


def _bic(value: str) -> str:
    if not stdnum_bic.is_valid(value):
        raise ValueError("is not a valid BIC")
    return str(stdnum_bic.compact(value))


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise ValueError("must be a color such as #1d4ed8")
    return value


def _logo(value: str) -> str:
    if len(value) > _LARGEST_LOGO:
        raise ValueError("is too large: an image may have 300 kB")
    kind, _, content = value.partition(",")
    try:
        base64.b64decode(content, validate=True)
    except binascii.Error:
        content = ""
    if kind not in _LOGO_KINDS or not content:
        raise ValueError("must be a PNG, JPEG or SVG image as a data: URL in base64")
    return value


def _console_path(value: str) -> str:
    if not is_console_path(value):
        raise ValueError("must be a path within the console such as /console/cases")
    return value


Id = Annotated[str, AfterValidator(_id), WithJsonSchema(_ID_SCHEMA)]
AMOUNT_PATTERN: Final = r"^[0-9]{1,20}(\.[0-9]{1,20})?$"
_AS_TEXT: Final = {"type": "string", "pattern": AMOUNT_PATTERN}
Amount = Annotated[
    Decimal, BeforeValidator(_amount), WithJsonSchema({**_AS_TEXT, "examples": ["119.00"]})
]
Day = Annotated[date, BeforeValidator(_date)]
Timestamp = Annotated[AwareDatetime, BeforeValidator(_timestamp)]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "examples": ["09:00"]}),
]
Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, StringConstraints(max_length=35), AfterValidator(_language)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Iban = Annotated[str, StringConstraints(max_length=50), AfterValidator(_iban)]
Bic = Annotated[str, StringConstraints(max_length=20), AfterValidator(_bic)]


Color = Annotated[str, StringConstraints(to_lower=True), AfterValidator(_color)]
Logo = Annotated[
    str,
    AfterValidator(_logo),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": _LARGEST_LOGO,
            "description": "A PNG, JPEG or SVG as a `data:` URL in base64. It is drawn as a PNG of "
            "at most 800 x 400 pixels, and this PNG is what is kept and shown.",
        }
    ),
]


ConsolePath = Annotated[str, StringConstraints(max_length=500), AfterValidator(_console_path)]


def is_console_path(path: str) -> bool:
    """Whether a path, however a browser reads it, stays within the console."""
    before, _, _ = path.partition("?")
    is_within = before == "/console" or before.startswith("/console/")
    steps = unquote(before).split("/")
    return is_within and _CONSOLE_PATH.fullmatch(path) is not None and not {".", ".."} & {*steps}


def is_id(text: str) -> bool:
    """Whether a text can be an id; any other text is answered as an unknown id."""
    return _ID.fullmatch(text) is not None and text not in _PATHS
