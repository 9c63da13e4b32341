"""What a claim does not allow as it stands."""

from __future__ import annotations


class Refused(Exception):
    """`field` is what of the request is wrong; nothing was done."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
