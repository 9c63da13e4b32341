"""`dunning simulate`: what it reads, refuses, writes and says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from commands.simulate import simulate
from simulation.scenario import UnreadableScenario, read_scenario
from tests.bodies import a_seller, ada, an_order
from tests.child_processes import DUNNING

SELLER = {
    "at": "2026-03-02T08:00:00+01:00",
    "method": "PUT",
    "path": "/v1/sellers/s-1",
    "body": a_seller(),
}
ORDER = {
    "at": "2026-03-02T10:15:00+01:00",
    "method": "POST",
    "path": "/v1/orders",
    "body": an_order(customer=ada(address=None)),
}


def write(folder: Path, lines: list[Any]) -> Path:
    scenario = folder / "scenario.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    scenario.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return scenario


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2"),
        ("[]", "line 2"),
        ("{}", "line 2: at"),
        ({**ORDER, "at": "2026-03-02T10:15:00"}, "line 2: at"),
        ({**ORDER, "at": "yesterday"}, "line 2: at"),
        ({**ORDER, "at": 1772442900}, "line 2: at"),
        ({**ORDER, "method": "BREW"}, "line 2: method"),
        ({**ORDER, "path": "v1/orders"}, "line 2: path"),
        ({**ORDER, "path": "/v1/cases/{case:s-1}/stop"}, "line 2: path"),
        ({**ORDER, "unknown": 1}, "line 2: unknown"),
    ],
)
def test_an_unreadable_line_is_named(tmp_path: Path, line: Any, why: str) -> None:
    scenario = write(tmp_path, [SELLER, line])

    with pytest.raises(UnreadableScenario) as unreadable:
        read_scenario(scenario)

    assert why in str(unreadable.value)


def test_an_unreadable_scenario_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario, out = write(tmp_path, [SELLER, "{"]), tmp_path / "events.jsonl"

    with pytest.raises(typer.Exit) as exit_:
        simulate(scenario, until=None, out=out, mail=None, show_timeline=False)

    assert exit_.value.exit_code == 2
    assert "line 2" in capsys.readouterr().err
    assert not out.exists()


def test_a_missing_file_is_an_unreadable_scenario(tmp_path: Path) -> None:
    with pytest.raises(UnreadableScenario, match="cannot be read"):
        read_scenario(tmp_path / "none.jsonl")


# --- the command, run once ----------------------------------------------------------------------

LAST_DAY = "2026-03-16"  # a Monday


class Run(NamedTuple):
    """The process of `dunning simulate`, with the events and mails that it wrote."""

    process: subprocess.CompletedProcess[str]
    events: list[dict[str, Any]]
    mails: list[EmailMessage]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a scenario whose lines are in no order, on a machine at the other end of the world."""
    weekly = {"debt_summary": "weekly", "dunning_option": "court"}
    settings = {"path": "/v1/sellers/s-1/settings", "method": "PATCH", "body": weekly}
    unknown = {"path": "/v1/cases/{case:s-1/B-9}/stop", "body": None}
    early = {"path": "/v1/cases/{case:s-1/A-1}/escalate", "body": None}
    lines = [
        {**ORDER, **early, "at": "2026-03-04T10:15:00+01:00"},
        {**ORDER, **unknown, "at": "2026-03-03T10:15:00+01:00"},
        ORDER,
        {**ORDER, "body": ORDER["body"] | {"order_id": "B-1", "total": "-1.00"}},
        {**ORDER, "body": ORDER["body"] | {"order_id": "A-2"}},
        SELLER | settings | {"at": "2026-03-02T08:01:00+01:00"},
        SELLER,
    ]
    folder = tmp_path_factory.mktemp("simulation")
    scenario, out, mail = write(folder, lines), folder / "events.jsonl", folder / "mail"
    options = ("--until", LAST_DAY, "--out", str(out), "--mail", str(mail))
    process = subprocess.run(
        [str(DUNNING), "simulate", str(scenario), *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TZ": "Pacific/Auckland"},
    )
    assert process.returncode == 0, process.stderr
    events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    mails = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in mail.iterdir()]
    return Run(process, events, mails)


def test_refused_calls_are_reported_with_their_line(run: Run) -> None:
    refused = [event for event in run.events if event["event"] == "request.refused"]

    assert [event["detail"] for event in refused] == [
        {"status": 422, "line": 4, "reason": "total: must be more than zero"},
        {"status": 404, "line": 2, "reason": "There is no such case."},
        {"status": 409, "line": 1, "reason": "final_notice_not_sent"},
    ]
    assert refused[2]["order_id"] == "A-1"
    assert "line 1: 409 final_notice_not_sent" in run.process.stderr


def test_the_events_are_in_order_and_end_with_the_last_day(run: Run) -> None:
    places = [(event["at"], event["order_id"] or "") for event in run.events]

    assert [event["event"] for event in run.events[:2]] == ["case.opened", "address.incomplete"]
    assert places == sorted(places)
    assert max(event["at"] for event in run.events) < "2026-03-17"


def test_r24_summaries_are_mailed_dated_by_the_scenario_and_counted(run: Run) -> None:
    """None on the 9th, two days after the reminders; the next would come after the last day."""
    [summary] = [one for one in run.mails if "debt-summary" in str(one["Message-ID"])]

    assert summary["Date"].datetime.isoformat()[:16] == "2026-03-16T08:00"
    assert "Messages by kind" in run.process.stdout
    assert re.search(r"^  debt_summary +1$", run.process.stdout, re.MULTILINE)
