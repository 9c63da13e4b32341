"""Unambiguous JSON: UTF-8, no name twice in an object, no NaN or infinity."""

from __future__ import annotations

import json
from typing import Any, Final

# Far more than any object of the contract has.
MOST_FIELDS: Final = 100
_LONGEST_NAME: Final = 80


class NotJson(ValueError):
    """The text is not JSON."""


class GivenTwice(ValueError):
    """An object has two members with the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name[:_LONGEST_NAME] or '""'


class TooManyFields(ValueError):
    """An object has far more fields than the contract knows."""


def read_json(text: bytes) -> Any:
    """Parse a text. Raises `NotJson`, `GivenTwice` and `TooManyFields`."""
    try:
        return json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number
        )
    except (GivenTwice, TooManyFields):
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_FIELDS:
        raise TooManyFields
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise GivenTwice(next(name for name in names if names.count(name) > 1))
    return found


def _no_number(word: str) -> float:
    raise NotJson(word)
