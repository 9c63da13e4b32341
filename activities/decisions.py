"""Decisions about a case, at its moment or by an operator, that have no effect outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import BaseModel, StringConstraints, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.context import ActionContext
from activities.run_action import run_action, translated_errors
from dunning.case.handoff import order_canceled_on_its_day
from dunning.case.inputs import CaseInputs
from dunning.case.plan import Plan
from dunning.case.requests import refusal_noted
from dunning.case.state import DunningCase
from dunning.requests import Request, Verb
from models.changes import ChangedCase, change_case
from models.orders import bring_up_order, cancel_order
from models.outbox import CaseRef
from models.payloads import AskCase, DoAction
from models.requests import LastDayIsPast, decide_request
from runtime.database import Database

SendPlans = Callable[[Sequence[CaseRef]], Awaitable[None]]
"""Sends the plans of these cases to Temporal; if that fails, the next sweep does."""


class _Given(BaseModel, frozen=True, extra="forbid"):
    """The values that an operator may give with a request."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None


class _GivenToHold(_Given, frozen=True):
    until: date | None = None


class DecisionActivities:
    """The activities that write to SQL only, and tell Temporal the plans of other changed cases."""

    def __init__(self, database: Database, send_plans: SendPlans) -> None:
        self._database = database
        self._send_plans = send_plans

    @activity.defn(name="bring_up")
    async def bring_up(self, task: DoAction) -> Plan:
        """R13, R19: bring the case up to now: end a hold, or decide on a chargeback."""
        return await run_action(self._database, task, ActionContext.bring_up)

    @activity.defn(name="cancel_order")
    async def cancel_order(self, task: DoAction) -> Plan:
        """R11, `no_collection`: on the handoff day, cancel the order with all its cases."""
        return await run_action(self._database, task, self._cancel)

    @activity.defn(name="ask_case")
    async def ask_case(self, asked: AskCase) -> Plan:
        """Decide an operator's request as if a seller had made it; return the plan from then on."""
        with translated_errors():
            async with self._database.writing() as session:
                plan = await _decide(session, asked)
                if plan is None:  # answered before
                    changed = await change_case(
                        session, asked.case_id, at=asked.at, answers_workflow=True
                    )
                    plan = changed.plan
        return plan

    async def _cancel(self, context: ActionContext) -> Plan:
        plan, unsent = await context.change_with_others(
            partial(order_canceled_on_its_day, at=context.at),
            also=partial(_cancel_the_rest, context),
        )
        await self._send_plans(unsent)
        return plan


async def _cancel_the_rest(
    context: ActionContext, session: AsyncSession, changed: ChangedCase
) -> list[CaseRef]:
    if not changed.case.canceled:
        return []
    order = changed.snapshot.order
    case_id = changed.case.case_id
    await cancel_order(session, order, at=context.at, by_case=case_id)
    return await bring_up_order(session, order, at=context.at, except_case=case_id)


async def _decide(session: AsyncSession, asked: AskCase) -> Plan | None:
    """Return the plan after the decision; None if the request was decided before."""
    try:
        request = _read(asked)
    except ValidationError as error:
        return await _note_unreadable(session, asked, _in_short(error))
    try:
        decided = await decide_request(
            session,
            asked.case_id,
            request,
            request_id=asked.request_id,
            at=asked.at,
            answers_workflow=True,
        )
    except LastDayIsPast:
        return await _note_unreadable(session, asked, "until: lies in the past")
    return decided.plan


def _read(asked: AskCase) -> Request:
    shape = _GivenToHold if asked.verb is Verb.HOLD else _Given
    given = shape.model_validate({} if asked.given is None else asked.given)
    return Request(verb=asked.verb, **given.model_dump())


async def _note_unreadable(session: AsyncSession, asked: AskCase, words: str) -> Plan:
    def change(case: DunningCase, _inputs: CaseInputs) -> DunningCase:
        return refusal_noted(case, asked.verb, words, asked.at)

    changed = await change_case(session, asked.case_id, change, at=asked.at, answers_workflow=True)
    return changed.plan


def _in_short(error: ValidationError) -> str:
    """Return what could not be read, without the value: it may name people."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else str(first["msg"])
