"""Refusals of what the present state of a claim does not allow."""

from __future__ import annotations


class Refused(Exception):
    """A refused request, of which nothing was done; `field` is the wrong field."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
