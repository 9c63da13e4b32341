"""Repeatable randomness: the same seed gives the same order and the same losses."""

from __future__ import annotations

import hashlib


def drawn(seed: int, *words: object) -> int:
    """Return a number that looks random and follows from seed and words."""
    text = "\n".join(map(str, (seed, *words)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def happens(percent: int, seed: int, *words: object) -> bool:
    return drawn(seed, *words) % 100 < percent
