"""Conditions on rows with a key of two columns: the seller's id and an id that the seller gave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

Pair = tuple[str, str]


def named_by(seller_id: Any, own_id: Any, pairs: Iterable[Pair]) -> ColumnElement[bool]:
    """Whether two columns are one of these pairs; `pairs` must not be empty.

    The condition is built seller by seller: for a list of pairs SQLite would read the whole table.
    """
    ids_of: dict[str, set[str]] = {}
    for seller, own in pairs:
        ids_of.setdefault(seller, set()).add(own)
    return or_(
        *(
            and_(col(seller_id) == seller, col(own_id).in_(sorted(ids)))
            for seller, ids in sorted(ids_of.items())
        )
    )
