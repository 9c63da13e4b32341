"""Scenario files: calls of the API and actions of the partner, each at its moment, one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from dunning.receivables import case_id_of

_ID: Final = r"[A-Za-z0-9._:-]{1,80}"
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_IDS: Final = ("payment_id", "chargeback_id")
_ACTIONS: Final = ("accepted", "rejected", "legal")
_CASE: Final = re.compile(rf"\{{case:({_ID})/({_ID})(?:/(\d+))?\}}")


class UnreadableScenario(ValueError):
    """A line cannot be read; nothing of the scenario was run."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


class Call(BaseModel):
    """One line: a call of the API at a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str = Field(pattern=r"^/")
    body: Any = None
    line: int = 0

    @property
    def url(self) -> str:
        """The path, with the ids of the cases that it names."""
        return _CASE.sub(
            lambda found: case_id_of(
                found[1], found[2], None if found[3] is None else int(found[3])
            ),
            self.path,
        )


class ClaimAction(BaseModel):
    """What the collection partner does about the claim of a case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seller_id: str
    order_id: str
    installment: int | None = None
    to: str = Field(pattern=rf"^({'|'.join((*_ACTIONS, 'Closed:[A-Za-z]+'))})$")
    amount: Decimal | None = Field(default=None, gt=0)


class PartnerAction(BaseModel):
    """One line: an action of the partner at a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    partner: ClaimAction
    line: int = 0


Line = Call | PartnerAction


class Scope(BaseModel, frozen=True):
    """What a call touches: a whole seller, one customer, one order, or nothing known."""

    seller_id: str | None = None
    customer_id: str | None = None
    order_id: str | None = None
    installment: int | None = None


def read_scenario(path: Path) -> list[Line]:
    """The lines of a file in the order of their moments; raises `UnreadableScenario`."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableScenario(0, f"the file cannot be read: {error}") from error
    read = [_line(number, text) for number, text in enumerate(lines, 1) if text.strip()]
    return sorted(read, key=lambda line: (line.at, line.line))


def _line(number: int, text: str) -> Line:
    try:
        given = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise UnreadableScenario(number, f"is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise UnreadableScenario(number, "is no JSON object")
    if not isinstance(given.get("at"), str):
        raise UnreadableScenario(number, "at: must be a time such as 2026-03-02T10:15:00+01:00")
    kind: type[Line] = PartnerAction if "partner" in given else Call
    try:
        line = kind.model_validate(given | {"line": number})
    except ValidationError as error:
        found = error.errors()[0]
        field = ".".join(str(part) for part in found["loc"])
        raise UnreadableScenario(number, f"{field}: {found['msg']}") from error
    if not _FIRST_YEAR <= line.at.year <= _LAST_YEAR:
        why = f"at: must lie between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise UnreadableScenario(number, why)
    if isinstance(line, Call) and "{" in _CASE.sub("", line.path):
        raise UnreadableScenario(number, "path: a case is named {case:SELLER/ORDER/INSTALLMENT}")
    return line


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


class Scopes:
    """Tells what each call touches, as far as the lines say it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._customers: dict[tuple[str, str], str] = {}
        self._payments: dict[str, list[Scope]] = {}
        self._granted: dict[str, Scope] = {}
        for line in lines:
            if isinstance(line, Call):
                self._learn(line)

    def of(self, call: Line) -> Scope:
        if isinstance(call, PartnerAction):
            action = call.partner
            return self._order(action.seller_id, action.order_id, action.installment)
        named = _CASE.search(call.path)
        if named:
            installment = None if named[3] is None else int(named[3])
            return self._order(named[1], named[2], installment)
        body = call.body if isinstance(call.body, dict) else {}
        match call.path.partition("?")[0].strip("/").split("/")[1:]:
            case ["orders"]:
                return self._order(_text(body, "seller_id"), _text(body, "order_id"))
            case ["payments"]:
                return self._order(
                    _text(body, "seller_id"), _text(body, "order_id"), body.get("installment")
                )
            case ["payments", payment_id, "chargebacks"]:
                paid = self._payments.get(payment_id, [Scope()])
                return self._granted.get(payment_id, paid[0])
            case ["orders", seller_id, order_id, *_]:
                return self._order(seller_id, order_id)
            case ["customers", seller_id, customer_id]:
                return Scope(seller_id=seller_id, customer_id=customer_id)
            case ["sellers", seller_id, *_]:
                return Scope(seller_id=seller_id)
        return Scope()

    def keys_of(self, call: Line) -> set[tuple[str, ...]]:
        """Lines that share a key keep their order; others may run side by side."""
        scope = self.of(call)
        given = call.body if isinstance(call, Call) else None
        body = given if isinstance(given, dict) else {}
        keys: set[tuple[str, ...]] = set()
        if scope.seller_id and scope.customer_id:
            keys.add(("customer", scope.seller_id, scope.customer_id))
        if scope.seller_id and scope.order_id:
            keys.add(("order", scope.seller_id, scope.order_id))
        customer = body.get("customer")
        if isinstance(customer, dict) and scope.seller_id:
            keys.add(("customer", scope.seller_id, str(customer.get("customer_id"))))
        keys |= {(name, body[name]) for name in _IDS if isinstance(body.get(name), str)}
        charged_back = _payment_charged_back(call) if isinstance(call, Call) else ""
        for paid in self._payments.get(charged_back, []):
            keys |= {("payment_id", charged_back)}
            keys |= {("order", paid.seller_id or "", paid.order_id or "")}
            keys |= {("customer", paid.seller_id or "", paid.customer_id or "")}
        return keys

    def granted(self, call: Call) -> None:
        """Note that a payment was accepted: a chargeback of its id means this one."""
        if call.path == "/v1/payments" and isinstance(call.body, dict):
            self._granted.setdefault(_text(call.body, "payment_id"), self.of(call))

    def _learn(self, call: Call) -> None:
        body = call.body if isinstance(call.body, dict) else {}
        customer = body.get("customer")
        if call.path == "/v1/orders" and isinstance(customer, dict):
            order = (_text(body, "seller_id"), _text(body, "order_id"))
            self._customers.setdefault(order, _text(customer, "customer_id"))
        if call.path == "/v1/payments":
            named = self._payments.setdefault(_text(body, "payment_id"), [])
            named.append(self.of(call))

    def _order(self, seller_id: str, order_id: str, installment: Any = None) -> Scope:
        return Scope(
            seller_id=seller_id,
            customer_id=self._customers.get((seller_id, order_id)),
            order_id=order_id,
            installment=installment if isinstance(installment, int) else None,
        )


def _payment_charged_back(call: Call) -> str:
    match call.path.strip("/").split("/"):
        case [_, "payments", payment_id, "chargebacks"]:
            return payment_id
    return ""


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
