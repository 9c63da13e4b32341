"""Files that nobody but their owner can read: orders, mails, claims and secrets are in them."""

from __future__ import annotations

import os
from typing import Final

_OWNER_ONLY: Final = 0o077


def keep_files_private() -> None:
    """What this process and its children write is for its user alone."""
    os.umask(_OWNER_ONLY)
