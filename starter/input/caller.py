"""Who calls: a backend or a seller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """The key that was sent; `seller_id` is None for a backend."""

    key_id: str
    seller_id: str | None

    def may_see(self, seller_id: str) -> bool:
        return self.seller_id is None or self.seller_id == seller_id
