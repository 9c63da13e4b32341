"""`dunning simulate` as others call it: exit codes, refusals, order, and the same again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulation.scenario import UnreadableScenario, read_scenario
from tests.bodies import ada, an_order

DUNNING = Path(sys.executable).parent / "dunning"
SELLER = {
    "at": "2026-03-02T08:00:00+01:00",
    "method": "PUT",
    "path": "/v1/sellers/s-1",
    "body": {
        "company_name": "Kurse GmbH",
        "email": "seller@example.org",
        "time_zone": "Europe/Berlin",
    },
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


def simulate(folder: Path, lines: list[Any], *options: str) -> subprocess.CompletedProcess[str]:
    scenario = write(folder, lines)
    return subprocess.run(
        [str(DUNNING), "simulate", str(scenario), *options], capture_output=True, text=True
    )


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
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: Any, why: str) -> None:
    scenario = write(tmp_path, [SELLER, line])

    with pytest.raises(UnreadableScenario) as unreadable:
        read_scenario(scenario)

    assert why in str(unreadable.value)


def test_of_a_scenario_that_cannot_be_read_nothing_is_run(tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"

    run = simulate(tmp_path, [SELLER, "{"], "--out", str(out))

    assert run.returncode == 2
    assert "line 2" in run.stderr
    assert not out.exists()


def test_a_file_that_is_not_there_is_an_unreadable_scenario(tmp_path: Path) -> None:
    with pytest.raises(UnreadableScenario, match="cannot be read"):
        read_scenario(tmp_path / "none.jsonl")


def test_lines_come_in_any_order_and_refused_calls_are_told_with_their_line(
    tmp_path: Path,
) -> None:
    unknown = {**ORDER, "at": "2026-03-03T10:15:00+01:00", "path": "/v1/cases/{case:s-1/B-9}/stop"}
    early = {
        **ORDER,
        "at": "2026-03-04T10:15:00+01:00",
        "path": "/v1/cases/{case:s-1/A-1}/escalate",
        "body": None,
    }
    cheap = {**ORDER, "body": ORDER["body"] | {"order_id": "B-1", "total": "-1.00"}}
    out, mail = tmp_path / "events.jsonl", tmp_path / "mail"

    run = simulate(
        tmp_path,
        [early, {**unknown, "body": None}, ORDER, cheap, SELLER],
        *("--until", "2026-03-10", "--out", str(out), "--mail", str(mail)),
    )

    events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    refused = [event for event in events if event["event"] == "request.refused"]
    assert run.returncode == 0, run.stderr
    assert [event["detail"] for event in refused] == [
        {"status": 422, "line": 4, "reason": "total: must be more than zero"},
        {"status": 404, "line": 2, "reason": "There is no such case."},
        {"status": 409, "line": 1, "reason": "final_notice_not_sent"},
    ]
    assert refused[2]["order_id"] == "A-1"
    assert [event["event"] for event in events[:2]] == ["case.opened", "address.incomplete"]
    places = [(event["at"], event["order_id"] or "") for event in events]
    assert places == sorted(places)
    assert max(event["at"] for event in events) < "2026-03-11"
    assert any(path.suffix == ".eml" for path in mail.iterdir())
    assert "Messages by kind" in run.stdout


def test_the_same_scenario_gives_the_same_events_to_the_minute_in_any_year(
    tmp_path: Path,
) -> None:
    told = []
    for year in ("2013", "2013", "2031"):
        out = tmp_path / "events.jsonl"
        lines = [
            json.loads(json.dumps(line).replace("2026-03-02", f"{year}-03-04"))
            for line in (SELLER, ORDER)
        ]
        assert simulate(tmp_path, lines, "--out", str(out)).returncode == 0
        events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        told.append([event | {"at": event["at"][4:16]} for event in events])

    assert told[0] == told[1] == told[2]
    assert [event["event"] for event in told[0]].count("notice.sent") == 2
