"""Rows that are read to be changed: nobody else changes them until the transaction ends.

Whoever locks several: the seller before the customer, the case before its customer or its order,
the order before its receivables, an endpoint before its messages.
"""

from __future__ import annotations

from typing import Any, Final

# FOR NO KEY UPDATE, as keys never change: rows that refer to a locked one can be written beside
# it. With FOR UPDATE a payment, which tells a case of itself, and this case, which cancels the
# order of that payment, would wait for each other.
LOCKED: Final[dict[str, Any]] = {"key_share": True}
