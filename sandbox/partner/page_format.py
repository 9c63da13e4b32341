"""Amounts, moments and states in the form that the page shows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dunning.money import CURRENCY_DIGITS
from sandbox.partner.claims import Claim, CloseCode, Dispatch, Lifecycle, Memory, Phase

PAGES: Final = Path(__file__).parent / "pages"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # With `no-referrer` a browser would not send the origin of a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def rendered_page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    html = _TEMPLATES.get_template(template).render(**values)
    return HTMLResponse(html, status_code=status, headers=_HEADERS)


def state_words(claim: Claim) -> str:
    match claim.lifecycle:
        case Lifecycle.PENDING:
            return "submitted"
        case Lifecycle.ACTIVE:
            return "in court" if claim.phase is Phase.LEGAL else "in collection"
        case Lifecycle.CLOSED if claim.close_code is CloseCode.PAID:
            return "paid"
        case Lifecycle.CLOSED if claim.started_at is None and claim.close_code is CloseCode.OTHER:
            return "rejected"
        case _:
            return "closed"


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with the digits of its currency, or more if it has more."""
    digits = max(CURRENCY_DIGITS.get(currency, 0), -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{digits}f} {currency}"


def plain(amount: Decimal, currency: str) -> str:
    """Write an amount as a form takes it."""
    return money(amount, currency).split()[0].replace(",", "")


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%-d %b %Y, %H:%M")


def day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def to_the_second(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%-d %b, %H:%M:%S")


def delivery(dispatch: Dispatch, memory: Memory) -> tuple[str, str]:
    """Return the state of an event in one word, and a description."""
    tries = f"{dispatch.attempts} {'try' if dispatch.attempts == 1 else 'tries'}"
    if dispatch.webhook_id not in memory.webhooks:
        return ("removed", "the webhook is gone")
    if dispatch.delivered_at is not None and dispatch.due_at is None:
        return ("taken", f"{to_the_second(dispatch.delivered_at)}, {tries}")
    if dispatch.due_at is None:
        return ("lost", "on purpose: it is not sent unless replayed")
    if dispatch.last_error is not None:
        again = to_the_second(dispatch.due_at)
        return ("failed", f"{tries}, {dispatch.last_error}; again {again}")
    return ("waiting", f"to be sent {to_the_second(dispatch.due_at)}")


def seller_name(claim: Claim, memory: Memory) -> str:
    division = memory.divisions.get(claim.sent.get("creditorDivisionId", ""), {})
    return str(division.get("companyName", ""))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=money,
        plain=plain,
        moment=moment,
        day=day,
        to_the_second=to_the_second,
        state=state_words,
        seller=seller_name,
        delivery=delivery,
    )
    return environment


_TEMPLATES: Final = _environment()
