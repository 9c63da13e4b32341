"""Files that only their owner can read, because they hold orders, mails, claims and secrets."""

from __future__ import annotations

import os
from typing import Final

_OWNER_ONLY: Final = 0o077


def keep_files_private() -> None:
    """Have this process and its children write files that only their user can read."""
    os.umask(_OWNER_ONLY)
