"""The pages of the console, each in a module of its own."""

from typing import Final

from fastapi import APIRouter

from console import assets
from console.pages import (
    acts,
    board,
    case,
    customer,
    figures,
    messages,
    money,
    needs,
    preferences,
    settings,
    sign_in,
    statement,
    statements,
    upcoming,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    assets.router,
    sign_in.router,
    preferences.router,
    needs.router,
    board.router,
    acts.router,
    upcoming.router,
    customer.router,
    money.router,
    messages.router,
    case.router,
    settings.router,
    figures.router,
    statements.router,
    statement.router,
)
