"""What `dunning up` keeps is its user's alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.folder_lock import locked
from runtime.private_files import keep_files_private


@pytest.fixture
def umask() -> Iterator[None]:
    """That of most machines, and afterwards what it was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_nobody_else_looks_into_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "dunning-data"
    folder.mkdir(mode=0o755)

    with locked(folder):
        assert _mode(folder) == 0o700


@pytest.mark.usefixtures("umask")
def test_nobody_else_reads_what_is_written(tmp_path: Path) -> None:
    keep_files_private()
    (tmp_path / "logs").mkdir()
    (tmp_path / "claims.jsonl").write_text("{}", "utf-8")

    assert _mode(tmp_path / "logs") == 0o700
    assert _mode(tmp_path / "claims.jsonl") == 0o600


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
