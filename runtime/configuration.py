"""Reading settings from variables, files that variables name, `.env` and a TOML file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

PREFIX: Final = "DUNNING_"
CONFIG_FILE: Final = "DUNNING_CONFIG_FILE"
# Options of single commands; they are not allowed in the TOML file.
OF_COMMANDS: Final = frozenset(
    {
        "DUNNING_DATA",
        "DUNNING_MAIL_FOLDER",
        "DUNNING_MAIL_PAGE_PORT",
        "DUNNING_PARTNER_CLAIMS",
        "DUNNING_PARTNER_PORT",
        "DUNNING_TEMPORAL_PORT",
        "DUNNING_TEMPORAL_UI_PORT",
    }
)
_ENV_FILE: Final = ".env"
_FROM_FILE: Final = "_FILE"
_KINDS: Final = (bool, int, str)


class WrongSettings(Exception):
    """An error in the configuration: a line for each problem, without its value."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Found:
    """The values that were found, the place of each, and the problems of the places."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, name: str, value: Any, place: str) -> None:
        """Keep a value, unless a place that was read before has given one."""
        if name not in self.values:
            self.values[name] = value
            self.places[name] = place


def environment() -> dict[str, str]:
    """Return the variables of the process, and those that only the file `.env` has."""
    return {**_env_file(), **_not_empty(os.environ)}


def adopt_env_file() -> None:
    """Put the variables of `.env` into the environment, where options of commands are read."""
    for name, value in _env_file().items():
        os.environ.setdefault(name, value)


def gather(names: Collection[str]) -> Found:
    """Read the values of these settings.

    The environment overrides `.env`, and both override the TOML file. An empty variable counts as
    none.
    """
    found = Found()
    written = _env_file()
    own = {
        name: value for name, value in _not_empty(os.environ).items() if written.get(name) != value
    }
    _from_variables(found, names, own, place="")
    _from_variables(found, names, written, place=f" in {_ENV_FILE}")
    found.problems += (
        f"{name} in {_ENV_FILE}: there is no such setting" for name in unknown(written, names)
    )
    if path := environment().get(CONFIG_FILE):
        _from_toml(found, names, Path(path))
    return found


def unknown(variables: Collection[str], names: Collection[str]) -> list[str]:
    """Return the variables that look like settings and are none."""
    known = {CONFIG_FILE, *OF_COMMANDS}
    for name in names:
        known |= {variable_of(name), variable_of(name) + _FROM_FILE}
    return sorted({name for name in variables if name.startswith(PREFIX)} - known)


def variable_of(name: str) -> str:
    return PREFIX + name.upper()


def _from_variables(
    found: Found, names: Collection[str], variables: Mapping[str, str], *, place: str
) -> None:
    for name in names:
        variable = variable_of(name)
        by_file = variable + _FROM_FILE
        if variable in variables and by_file in variables:
            found.problems.append(f"{variable}{place}: given twice, {by_file} is set too")
        elif variable in variables:
            found.add(name, variables[variable], variable + place)
        elif by_file in variables:
            content = _content(found, Path(variables[by_file]), by_file + place)
            if secret := content.rstrip("\r\n"):
                found.add(name, secret, by_file + place)


def _from_toml(found: Found, names: Collection[str], path: Path) -> None:
    try:
        given = tomllib.loads(_content(found, path, CONFIG_FILE))
    except tomllib.TOMLDecodeError as error:
        found.problems.append(f"{path} is not TOML: {error}")
        return
    for name, value in given.items():
        if name not in names:
            found.problems.append(f"{name} in {path}: there is no such setting")
        elif not isinstance(value, _KINDS):
            found.problems.append(f"{name} in {path}: must be a text, a number, or true or false")
        else:
            found.add(name, value, f"{name} in {path}")


def _content(found: Found, path: Path, place: str) -> str:
    try:
        if content := path.read_text(encoding="utf-8"):
            return content
        found.problems.append(f"{place}: {path} is empty")
    except UnicodeDecodeError:
        found.problems.append(f"{place}: {path} is not a text in UTF-8")
    except OSError as error:
        found.problems.append(f"{place}: {path} cannot be read: {error.strerror}")
    return ""


def _env_file() -> dict[str, str]:
    return _not_empty(dotenv_values(_ENV_FILE))


def _not_empty(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value}
