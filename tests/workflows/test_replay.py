"""Histories of cases that run in production must replay on the code as it is now."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.histories.ways import WAYS
from worker import WORKFLOWS, sandbox

HISTORIES = Path(__file__).parent.parent / "histories"


def recorded(name: str) -> dict[str, Any]:
    history: dict[str, Any] = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    return history


def texts(value: Any) -> Iterator[str]:
    """Every text in a history, payloads decoded."""
    if isinstance(value, dict):
        for name, inner in value.items():
            is_payload = name == "data" and isinstance(inner, str)
            yield from texts(base64.b64decode(inner).decode() if is_payload else inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


@pytest.mark.parametrize("name", WAYS)
async def test_a_recorded_history_replays(name: str) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=sandbox(),
    )

    await replayer.replay_workflow(WorkflowHistory.from_json(name, recorded(name)))


def test_every_recorded_history_is_replayed() -> None:
    assert {path.stem for path in HISTORIES.glob("*.json")} == set(WAYS)


@pytest.mark.parametrize("name", WAYS)
def test_r28_a_history_holds_nobodys_name_address_or_words(name: str) -> None:
    words = "\n".join(texts(recorded(name)))

    assert "A-1" in words
    for private in ("Ada", "Muster", "NoPartner", "example.org", "Hauptstr", "10115", "a dispute"):
        # As a word: the same digits may stand in a time.
        assert not re.search(rf"\b{re.escape(private)}\b", words), private


def test_a_case_costs_under_100_events_to_the_handoff() -> None:
    """With documents for the partner and the mail to the seller."""
    activities = [
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        if event["eventType"] == "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
        else ""
        for event in recorded("followed")["events"]
    ]

    assert activities.index("submit_claim") < activities.index("attach_documents")
    assert activities.index("tell_seller") < 100 - 5  # it is begun, heard of, and a task ends


def test_a_year_in_court_costs_under_400_events_more() -> None:
    assert len(recorded("a_year_in_court")["events"]) < 400


def test_a_case_paid_before_its_first_step_costs_a_timer_a_signal_and_one_record() -> None:
    kinds = [event["eventType"] for event in recorded("paid_scheduled")["events"]]

    opened = kinds.index("EVENT_TYPE_TIMER_STARTED")
    costs = ("TIMER_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "MARKER_RECORDED")
    assert [kinds.count(f"EVENT_TYPE_{cost}") for cost in costs] == [1, 1, 1]
    assert "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED" not in kinds[opened:]
    assert not any("UPSERT" in kind for kind in kinds)
