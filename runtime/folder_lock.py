"""A lock that lets one process at a time work in a folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Another process works in the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is in use by another `dunning up`; end it, or give --data")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder for this process, and keep other users from reading it.

    Makes the folder if it does not exist. Raises `FolderInUse`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(folder) from error
        yield
