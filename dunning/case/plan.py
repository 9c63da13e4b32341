"""The plan of a case: what its workflow has to know, without personal data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel

from dunning.actions import Action, ActionKind, Lane, lane_of
from dunning.case.forecast import reasons_of
from dunning.case.planning import STEP_OF, following_step, next_actions
from dunning.case.state import DunningCase
from dunning.case.waiting import FOR_OPERATORS, what_it_waits_for
from dunning.stages import WORKFLOW_ENDS_AT, BlockedBy, Stage

_HAVE_REASONS: Final = frozenset(
    {ActionKind.ADVANCE_NOTICE, *STEP_OF, ActionKind.HANDOFF, ActionKind.CANCELLATION}
)


class PlannedAction(BaseModel, frozen=True):
    """An action and its moment; None means at once."""

    kind: ActionKind
    at: AwareDatetime | None = None

    @property
    def lane(self) -> Lane:
        return lane_of(self.kind)


class Plan(BaseModel, frozen=True):
    """The next actions of a case and what it waits for, as decided when its row was written.

    Of two plans of a case the one with the higher `version` is newer. Each lane has at most one
    action. `words` tell operators what the case waits for.
    """

    case_id: str
    version: int
    stage: Stage
    blocked_by: BlockedBy | None = None
    actions: tuple[PlannedAction, ...] = ()
    words: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing comes any more, and no request can change that."""
        return self.stage in WORKFLOW_ENDS_AT and not self.actions

    def action_in(self, lane: Lane) -> PlannedAction | None:
        return next((action for action in self.actions if action.lane is lane), None)

    def says_the_same_as(self, other: Plan) -> bool:
        """Whether two plans differ in nothing but the version."""
        return self.model_copy(update={"version": other.version}) == other


def plan_of(case: DunningCase, version: int, now: datetime) -> Plan:
    """Return the plan of a case at a moment."""
    actions = next_actions(case, now)
    return Plan(
        case_id=case.case_id,
        version=version,
        stage=case.stage,
        blocked_by=case.blocked_by if case.stage is Stage.BLOCKED else None,
        actions=tuple(
            PlannedAction(kind=action.kind, at=action.at if action.at > now else None)
            for action in actions
        ),
        words="\n\n".join(_words(case, actions, now)),
    )


def _words(case: DunningCase, actions: tuple[Action, ...], now: datetime) -> Iterator[str]:
    """Yield what operators read: the stage, what the case waits for, what comes next and why."""
    yield f"stage: {case.stage}"
    if awaited := _awaited(case, now):
        yield f"waits for: {awaited}"
    for action in actions:
        when = f"at {_minute(action.at)}" if action.at > now else "now"
        yield "\n".join((f"next: {action.kind} {when}", *_reasons(case, action, now)))
    for kind in case.failed_actions:
        yield f"failed: {kind}, waits for somebody who resumes the case"


def _reasons(case: DunningCase, action: Action, now: datetime) -> Iterator[str]:
    """Yield why a step of the ladder comes on its day, and which step follows it."""
    if action.kind not in _HAVE_REASONS:
        return
    for reason in reasons_of(case, action.kind, max(now, action.at), since=now):
        yield f"because ({reason.rule}): {reason.text}"
    following = following_step(case, action.kind, max(now, action.at))
    if following is not None:
        kind, day = following
        yield f"then: {kind} on {day}"


def _awaited(case: DunningCase, now: datetime) -> str | None:
    waits = what_it_waits_for(case, now)
    if waits is None:
        return None
    return FOR_OPERATORS[waits.waits_for].format(
        since=f", since {_minute(waits.since)}" if waits.since else "",
        first_day=waits.first_day,
        until=waits.until,
        error=f": {case.error}" if case.error else "",
        stale_from=_minute(case.terms.stale_from or now),
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
