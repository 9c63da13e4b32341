"""Histories of workflows that run in production must replay on the code as it is now."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.histories import operators, settings
from tests.histories.texts import texts
from tests.histories.ways import WAYS
from worker import WORKFLOWS, without_import_checks

HISTORIES = Path(__file__).parent.parent / "histories"
CASES = (*WAYS, operators.NAME)
PATHS = (*(HISTORIES / f"{name}.json" for name in CASES), settings.FILE)


def recorded(name: str) -> dict[str, Any]:
    history: dict[str, Any] = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    return history


# What Temporal Cloud counts as an action of a workflow.
BILLABLE = frozenset(
    {
        "WORKFLOW_EXECUTION_STARTED",
        "ACTIVITY_TASK_SCHEDULED",
        "TIMER_STARTED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        "MARKER_RECORDED",
    }
)


def kinds(name: str) -> list[str]:
    """The kinds of the events of a history."""
    return [event["eventType"].removeprefix("EVENT_TYPE_") for event in recorded(name)["events"]]


def scheduled(name: str) -> list[str]:
    """The activity that each event of a history schedules; empty if it schedules none."""
    return [
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        if event["eventType"] == "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
        else ""
        for event in recorded(name)["events"]
    ]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=without_import_checks(),
    )

    history = WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))
    asyncio.run(replayer.replay_workflow(history))


def test_every_recorded_history_is_replayed() -> None:
    assert {path.stem for path in HISTORIES.glob("*.json")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_r28_a_history_holds_nobodys_name_address_or_words(name: str) -> None:
    words = "\n".join(texts(recorded(name)))

    assert "A-1" in words
    for private in ("Ada", "Muster", "NoPartner", "example.org", "Hauptstr", "10115", "119.00"):
        # As a word: the same digits may stand in a time.
        assert not re.search(rf"\b{re.escape(private)}\b", words), private
    if name != operators.NAME:  # What an operator types into a signal is there as it was typed.
        assert "a dispute" not in words


def test_a_case_costs_under_100_events_to_the_handoff_and_its_other_actions() -> None:
    """With documents for the partner and the mail to the seller."""
    activities = scheduled("followed")

    assert activities.index("hand_over") < activities.index("attach_documents")
    assert activities.index("tell_seller") < 100 - 5  # its start, its end, and a workflow task


def test_a_year_in_court_costs_under_400_events_more() -> None:
    assert len(recorded("a_year_in_court")["events"]) < 400


def test_a_case_that_is_paid_early_costs_five_billable_actions() -> None:
    """The start, the invoice notice, a timer, a signal and the stage at the end."""
    happened = kinds("paid_scheduled")

    assert {kind: happened.count(kind) for kind in BILLABLE} == {
        "WORKFLOW_EXECUTION_STARTED": 1,
        "ACTIVITY_TASK_SCHEDULED": 1,
        "TIMER_STARTED": 1,
        "WORKFLOW_EXECUTION_SIGNALED": 1,
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": 1,
        "MARKER_RECORDED": 0,
    }


def test_a_handoff_with_its_other_actions_and_the_first_check_costs_18_billable_actions() -> None:
    """From the order on: four notices, the claim, its documents, and the mail to the seller."""
    first_check = scheduled("followed").index("check_claim")
    happened = kinds("followed")[: first_check + 1]

    assert sum(kind in BILLABLE for kind in happened) == 18
