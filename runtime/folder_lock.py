"""A folder that one process at a time works in."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Another one runs on the same data."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is in use by another `dunning up`; end it, or give --data")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else may use the folder meanwhile, and no other user look into it.

    Raises `FolderInUse`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(folder) from error
        yield
