"""The settings form: from stored settings to its values, and from these to the API's bodies."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from console.form_values import ADDRESS, address_in
from models.seller import SellerProfile, SellerSettings
from starter.input.schemas import SellerBody, SettingsBody
from starter.reading.sellers import settings_document
from starter.refusals import FieldError, Invalid, field_errors

PLAIN: Final = (
    *("company_name", "email", "phone", "website", "iban", "bic", "tax_id"),
    *("registration_number", "payment_instructions", "language", "time_zone"),
)
SWITCHES: Final = ("auto_handoff", "auto_chargeback_handoff", "business_days_only", "book_certain")
CHOICES: Final = (
    *("dunning_option", "payment_term_days", "collect_past_from", "collect_new_from"),
    *("window_from", "window_to", "debt_summary", "hold_when_stale_days"),
)
BRAND: Final = ("logo_alignment", "primary_color", "accent_color")
LISTS: Final = ("reply_to", "waive_below", "legal_notice")
DEDUCTS: Final[dict[str, bool | None]] = {"yes": True, "no": False}
_OF_LOGO: Final = ("remove_logo", "logo_draft")
_TEXTS: Final = (*PLAIN, *ADDRESS, *CHOICES, *BRAND, *LISTS, "may_deduct_input_tax")


class Bodies(NamedTuple):
    """The bodies of the API that correspond to a form."""

    seller: SellerBody
    settings: SettingsBody


def shown(profile: SellerProfile, settings: SellerSettings) -> dict[str, str]:
    """Return the values that the form shows for a seller."""
    kept = profile.model_dump(mode="json")
    address = kept["address"] or {}
    document = settings_document(settings)
    window = document["sending_window"]
    values = {name: kept[name] for name in PLAIN}
    values |= {name: address.get(name) for name in ADDRESS}
    values |= {name: document.get(name) for name in CHOICES}
    values |= {"window_from": window["from"], "window_to": window["to"]}
    values |= {name: document["brand"][name] for name in BRAND}
    texts = {name: "" if value is None else str(value) for name, value in values.items()}
    switches = {name: "true" if document[name] else "" for name in SWITCHES}
    lists = {
        "reply_to": "\n".join(profile.reply_to),
        "legal_notice": "\n".join(profile.legal_notice),
        "waive_below": "\n".join(f"{one} {rest}" for one, rest in document["waive_below"].items()),
    }
    deducts = {value: name for name, value in DEDUCTS.items()}
    known = {"may_deduct_input_tax": deducts.get(profile.may_deduct_input_tax, "")}
    return texts | switches | lists | known | dict.fromkeys(_OF_LOGO, "")


def typed(form: FormData) -> dict[str, str]:
    """Return the values that were typed into the form."""
    values = {name: _text(form, name) for name in _TEXTS}
    return values | {name: _text(form, name) for name in (*SWITCHES, *_OF_LOGO)}


def bodies_of(form: FormData, *, logo: str | None = None) -> Bodies:
    """Return the bodies, with a new logo if there is one.

    Raises `Invalid` with the fields that are wrong.
    """
    values = typed(form)
    errors: list[FieldError] = []
    seller = _validated(SellerBody, _seller(values), errors)
    settings = _validated(SettingsBody, _settings(values, logo), errors)
    if errors:
        raise Invalid(*errors)
    return Bodies(seller, settings)


def _validated(model: Any, given: Mapping[str, Any], errors: list[FieldError]) -> Any:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        errors += field_errors(error).errors
        return None


def _seller(values: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: values[name] or None for name in PLAIN}
    given["company_name"], given["email"] = values["company_name"], values["email"]
    address = address_in(values)
    given["address"] = address if any(address.values()) else None
    given["legal_notice"] = lines_of(values["legal_notice"])
    given["may_deduct_input_tax"] = DEDUCTS.get(values["may_deduct_input_tax"])
    return given | {"reply_to": values["reply_to"].split()}


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not empty, stripped."""
    return [line for line in map(str.strip, text.splitlines()) if line]


def _settings(values: Mapping[str, str], logo: str | None) -> dict[str, Any]:
    term, stale = values["payment_term_days"], values["hold_when_stale_days"]
    given: dict[str, Any] = {
        "dunning_option": values["dunning_option"],
        "payment_term_days": int(term) if term.isdecimal() else term or None,
        "collect_past_from": values["collect_past_from"] or None,
        "collect_new_from": values["collect_new_from"] or None,
        "hold_when_stale_days": int(stale) if stale.isdecimal() else stale or None,
        "waive_below": _rests(values["waive_below"]),
        "sending_window": {"from": values["window_from"], "to": values["window_to"]},
        "debt_summary": values["debt_summary"],
        "brand": {name: values[name] or None for name in BRAND},
    }
    given["brand"]["logo_alignment"] = values["logo_alignment"] or "left"
    if values["remove_logo"]:
        given["brand"]["logo"] = None
    elif logo is not None:
        given["brand"]["logo"] = logo
    return given | {name: bool(values[name]) for name in SWITCHES}


def _rests(text: str) -> dict[str, str]:
    """Parse the waiver thresholds: a currency and an amount on each line."""
    found = {}
    for line in lines_of(text):
        currency, _, amount = line.partition(" ")
        found[currency.upper()] = amount.strip().replace(",", ".")
    return found


async def chosen_logo(form: FormData) -> str | None:
    """Return the chosen picture as a `data:` URL; None if none was chosen."""
    file = form.get("logo")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    content = base64.b64encode(await file.read()).decode()
    return f"data:{file.content_type};base64,{content}"


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""


def field_of(error: FieldError) -> str:
    """Return the form field that an error is about."""
    path = error.field.split(".")
    if path[0] == "sending_window":
        return "window_to" if path[-1] in ("to", "sending_window") else "window_from"
    return path[0] if path[0] in LISTS else path[-1]


def changed_fields(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[str]:
    return [name for name, value in after.items() if value != before.get(name, "")]
