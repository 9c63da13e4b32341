"""`--sample` fills an empty folder, and touches nothing that somebody else has put there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from commands.sample import OtherData, make_room
from tests.child_processes import DUNNING

PORTS = ("API", "TEMPORAL", "TEMPORAL_UI", "SMTP", "MAIL_PAGE", "PARTNER", "METRICS")


def test_what_an_interrupted_loading_has_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    make_room(tmp_path)
    (tmp_path / "dunning.db").write_text("half a sample")
    (tmp_path / "mails").mkdir()

    make_room(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"lock", "sample-begun"}


def test_other_data_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")

    with pytest.raises(OtherData):
        make_room(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_up_with_a_sample_refuses_a_folder_with_other_data(tmp_path: Path) -> None:
    (tmp_path / "dunning.db").write_text("orders")

    ended = subprocess.run(
        [DUNNING, "up", "--sample", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {f"DUNNING_{part}_PORT": "0" for part in PORTS},
    )

    assert ended.returncode == 1
    assert "has other data than a sample" in ended.stderr
    assert (tmp_path / "dunning.db").read_text() == "orders"
