"""Commands that are imported when they are called, so that none loads what only others need."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

_PLACES: Final = {
    "doctor": "commands.doctor:doctor",
    "import": "commands.import_orders:import_file",
    "simulate": "commands.simulate:simulate",
    "up": "commands.up:up",
    "mail-catcher": "commands.mail_catcher:mail_catcher",
    "partner-sandbox": "commands.partner_sandbox:partner_sandbox",
    "worker": "commands.serving:worker",
    "api": "commands.serving:api",
    "cases": "commands.cases:app",
    "console": "commands.console:app",
    "db": "commands.database:app",
    "keys": "commands.keys:app",
    "partner": "commands.partner:app",
    "statements": "commands.statements:app",
    "temporal": "commands.temporal:app",
}


class _Loaded(UserDict[str, Any]):
    """The commands by name, each imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, str):
            found = self.data[name] = _load(name, found)
        return found


class OnDemand(TyperGroup):
    """The group of all commands."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Loaded(_PLACES)

    def list_commands(self, _context: Any) -> list[str]:
        return list(self.commands)


def _load(name: str, place: str) -> Any:
    """Import a command: a function becomes a command, a Typer application becomes a group."""
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command = get_command(found)
    command.name = name
    return command
