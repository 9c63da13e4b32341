"""The parts of an application that its routes and pages share, beside the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Request

from runtime.turns import Turns
from starter.intake.logos import Logos
from starter.intake.order_batcher import OrderBatcher

_PREVIEWS_AT_ONCE: Final = 2
_PREVIEW_WAITS_SECONDS: Final = 10
_STATEMENTS_AT_ONCE: Final = 2
_STATEMENT_WAITS_SECONDS: Final = 30


def install(app: FastAPI) -> None:
    """Give an application its parts. Previews and statements are limited: one can take seconds."""
    app.state.order_batcher = OrderBatcher()
    app.state.logos = Logos()
    app.state.preview_turns = Turns(_PREVIEWS_AT_ONCE, wait_seconds=_PREVIEW_WAITS_SECONDS)
    app.state.statement_turns = Turns(_STATEMENTS_AT_ONCE, wait_seconds=_STATEMENT_WAITS_SECONDS)


def _in_state(name: str) -> Callable[[Request], Awaitable[Any]]:
    """Return a dependency on a part of the application that answers the request."""

    async def part(request: Request) -> Any:
        return getattr(request.app.state, name)

    return part


OrderBatcherDep = Annotated[OrderBatcher, Depends(_in_state("order_batcher"))]
LogosDep = Annotated[Logos, Depends(_in_state("logos"))]
PreviewTurnsDep = Annotated[Turns, Depends(_in_state("preview_turns"))]
StatementTurnsDep = Annotated[Turns, Depends(_in_state("statement_turns"))]
