"""When an attempt happens, where a scenario is played and where it is not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.attempt_time import attempt_moment
from activities.heartbeats import HAS_BEGUN
from tests.factories import utc

PLANNED = utc("2026-03-16T13:26:00")
SHIFT = timedelta(days=200)
LATER = PLANNED + timedelta(minutes=2)


def moment(shift: timedelta, **info: Any) -> tuple[Any, list[Any]]:
    """The moment of an attempt that begins two minutes late, and what its heartbeats say."""
    environment, said = ActivityEnvironment(), list[Any]()
    given = {"started_time": LATER + shift, **info}
    environment.info = dataclasses.replace(environment.info, **given)
    environment.on_heartbeat = lambda *details: said.extend(details)
    return environment.run(attempt_moment, shift, planned_at=PLANNED), said


def test_in_production_an_attempt_happens_when_it_begins() -> None:
    assert moment(timedelta(0)) == (LATER, [])


def test_in_a_scenario_it_happens_when_it_was_planned() -> None:
    assert moment(SHIFT) == (PLANNED, [HAS_BEGUN])


@pytest.mark.parametrize(
    ("details", "at"), [([], PLANNED), ([HAS_BEGUN], LATER)], ids=["lost", "failed"]
)
def test_in_a_scenario_an_attempt_that_got_lost_is_none(details: list[str], at: Any) -> None:
    """On a slow machine it may never have reached the worker."""
    assert moment(SHIFT, attempt=2, heartbeat_details=details)[0] == at
