"""The parts of an application that its routes and pages share, beside the services."""

from __future__ import annotations

from typing import Annotated, Final

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


async def _order_batcher(request: Request) -> OrderBatcher:
    batcher: OrderBatcher = request.app.state.order_batcher
    return batcher


async def _logos(request: Request) -> Logos:
    logos: Logos = request.app.state.logos
    return logos


async def _preview_turns(request: Request) -> Turns:
    turns: Turns = request.app.state.preview_turns
    return turns


async def _statement_turns(request: Request) -> Turns:
    turns: Turns = request.app.state.statement_turns
    return turns


OrderBatcherDep = Annotated[OrderBatcher, Depends(_order_batcher)]
LogosDep = Annotated[Logos, Depends(_logos)]
PreviewTurnsDep = Annotated[Turns, Depends(_preview_turns)]
StatementTurnsDep = Annotated[Turns, Depends(_statement_turns)]
