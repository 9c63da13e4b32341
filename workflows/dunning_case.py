"""One receivable, from its opening to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.casework import SUPERSEDED
    from activities.records import RecordActivities
    from dunning.case import DunningCase, Refused
    from dunning.deeds import Deed, DeedKind, Outcome, Payment, Result, Reversal
    from dunning.stages import BlockedBy, Stage
    from models.messages import (
        Answer,
        ClaimChanged,
        CustomerChanged,
        EscalateCase,
        HoldCase,
        OpenCase,
        OrderCanceled,
        RecordCase,
        Recorded,
        Request,
        SettingsAnswered,
        TakeDeed,
    )
    from workflows import deeds, options
    from workflows.search import STAGE, details_of


@workflow.defn(name="DunningCase")
class DunningCaseWorkflow:
    """Waits, decides and has done what is due; the rules are those of `DunningCase`.

    What happened comes as a signal, what is asked for as an update, or from an operator's batch
    job as a signal of the same name. A handler replaces the case; the loop in `run`
    sees that it has been replaced.
    """

    @workflow.init
    def __init__(self, opening: OpenCase) -> None:
        self._clock_shift = opening.clock_shift
        self._case = opening.case
        self._recorded = opening.case
        self._recording = asyncio.Lock()
        self._under_way = False
        self._news = 0
        self._shown = opening.case.stage

    @workflow.run
    async def run(self, opening: OpenCase) -> Stage:
        while not await self._is_finished():
            deed = self._next_deed()
            self._show()
            if not await self._plans_otherwise(deed) and deed:
                await self._do(deed)
        return self._case.stage

    # --- what happened: never refused -----------------------------------------------------

    @workflow.signal(description="A payment came in for this receivable")
    async def payment_recorded(self, payment: Payment) -> None:
        self._case = self._case.after_payment(payment)
        await self._record()

    @workflow.signal(description="A payment went back")
    async def payment_reversed(self, reversal: Reversal) -> None:
        self._case = self._case.after_reversal(reversal)
        await self._record()

    @workflow.signal(description="The order was canceled")
    async def order_canceled(self, canceled: OrderCanceled) -> None:
        self._case = self._case.after_order_canceled(
            canceled.at, claims_go_on=canceled.claims_go_on
        )
        await self._record()

    @workflow.signal(description="The partner says that the claim has changed")
    async def claim_changed(self, change: ClaimChanged) -> None:
        """How it stands is asked at once: what was told, and in which order, does not matter."""
        claim = self._case.claim
        if claim is not None and claim.reference == change.reference:
            self._news += 1

    @workflow.signal(description="The customer's address or e-mail address was changed")
    async def customer_changed(self, change: CustomerChanged) -> None:
        self._case = self._case.after_customer_changed(
            change.at, address_complete=change.address_complete, email_changed=change.email_changed
        )
        await self._record()

    @workflow.signal(description="The seller has answered how it wants its money collected")
    async def settings_answered(self, answered: SettingsAnswered) -> None:
        self._case = self._case.after_settings_answered()
        await self._record()

    # --- what is asked for: done, or refused with the reason --------------------------------

    @workflow.update(description="Stop the case, until the handoff has begun")
    async def stop(self, request: Request) -> Answer:
        return await self._answer("stop", request, DunningCase.stop)

    @workflow.update(description="Take a stopped case up again")
    async def start(self, request: Request) -> Answer:
        return await self._answer("start", request, DunningCase.start)

    @workflow.update(description="Hand the case over now")
    async def escalate(self, request: EscalateCase) -> Answer:
        change = partial(DunningCase.escalate, address_complete=request.address_complete)
        return await self._answer("escalate", request, change)

    @workflow.update(description="Pause the case")
    async def hold(self, request: HoldCase) -> Answer:
        request_id = request.request_id or str(workflow.uuid4())
        change = partial(DunningCase.put_on_hold, until=request.until, request_id=request_id)
        return await self._answer("hold", request, change)

    @workflow.update(description="End the pause; or try again what was blocked by an error")
    async def resume(self, request: Request) -> Answer:
        return await self._answer("resume", request, DunningCase.resume)

    @workflow.update(description="Ask the partner to stop")
    async def withdraw(self, request: Request) -> Answer:
        return await self._answer("withdraw", request, DunningCase.withdraw)

    # --- the same, as signals for an operator's batch job ------------------------------------

    @workflow.signal(name="stop", description="Stop the case, until the handoff has begun")
    async def stop_one_of_many(self) -> None:
        await self._answer("stop", Request(), DunningCase.stop)

    @workflow.signal(name="escalate", description="Hand the case over now")
    async def escalate_one_of_many(self) -> None:
        change = partial(DunningCase.escalate, address_complete=True)
        await self._answer("escalate", Request(), change)

    @workflow.signal(name="hold", description="Pause the case until it is resumed")
    async def hold_one_of_many(self) -> None:
        request_id = str(workflow.uuid4())
        change = partial(DunningCase.put_on_hold, until=None, request_id=request_id)
        await self._answer("hold", Request(), change)

    @workflow.signal(name="resume", description="End the pause, or try again after an error")
    async def resume_one_of_many(self) -> None:
        await self._answer("resume", Request(), DunningCase.resume)

    @workflow.signal(name="withdraw", description="Ask the partner to stop")
    async def withdraw_one_of_many(self) -> None:
        await self._answer("withdraw", Request(), DunningCase.withdraw)

    @workflow.query(description="Everything the case knows")
    def case(self) -> DunningCase:
        return self._case

    async def _answer(
        self,
        verb: str,
        request: Request,
        change: Callable[[DunningCase, datetime], DunningCase],
    ) -> Answer:
        """Decide without an await, so that nothing comes in between; answer once recorded."""
        at = request.at or self._now()
        case = self._case.with_terms(request.terms)
        refused = None
        try:
            self._case = change(case, at)
        except Refused as error:
            refused = str(error)
            self._case = case.after_refusal(verb, refused, at)
        await self._record()
        return Answer(refused=refused, handed_over_at=case.claim.at if case.claim else None)

    # --- the loop -------------------------------------------------------------------------

    async def _is_finished(self) -> bool:
        """Whether the case is over, everything is written down, and nobody waits for an answer."""
        await self._record()
        if self._case.is_over and self._next_deed() is None:
            await workflow.wait_condition(workflow.all_handlers_finished)
        rests = self._case.is_over and self._next_deed() is None
        return rests and self._recorded == self._case

    def _next_deed(self) -> Deed | None:
        """What is to be done next; a claim of which there is news is asked about first."""
        now = self._now()
        if self._news and self._case.claim is not None:
            return Deed(kind=DeedKind.CHECK_CLAIM, at=now)
        return self._case.next_deed(now)

    async def _plans_otherwise(self, deed: Deed | None) -> bool:
        """Wait until the deed is due (False), or until a handler has changed what comes next."""
        if deed is not None and deed.at <= self._now():
            return False
        try:
            await workflow.wait_condition(
                lambda: self._case.is_over or self._next_deed() != deed,
                timeout=None if deed is None else deed.at - self._now(),
                timeout_summary=None if deed is None else deed.kind,
            )
        except TimeoutError:
            return False
        return True

    async def _do(self, deed: Deed) -> None:
        self._case = self._case.begun(deed.kind)
        self._under_way = True
        news = self._news
        try:
            result = await self._try(deed)
        finally:
            self._under_way = False
        if result is not None:
            self._case = self._case.after(result)
            if result.deed is DeedKind.CHECK_CLAIM and self._news == news:
                self._news = 0

    async def _try(self, deed: Deed) -> Result | None:
        """Have a deed done; None if it was called back, or if another run got further."""
        activity = self._start(deed)
        await workflow.wait_condition(lambda: activity.done() or not self._still_wants(deed))
        called_back = not activity.done()
        if called_back:
            activity.cancel()
        try:
            result = await activity
        except ActivityError as error:
            if _is_superseded(error):
                self._under_way = False
                await self._catch_up()
            elif not called_back and not is_cancelled_exception(error):
                return _blocked_by_error(deed, self._now())
            return None
        # The activity wrote its result to what had been recorded, and told us what it was.
        told = self._recorded.after(result)
        self._recorded = told.recorded(told.journal)
        return result

    def _still_wants(self, deed: Deed) -> bool:
        """What has begun is never called back: the claim may be at the partner already."""
        if deed.kind in (DeedKind.SUBMIT_CLAIM, DeedKind.CANCELLATION):
            return True
        planned = self._next_deed()
        return planned is not None and planned.kind is deed.kind

    def _start(self, deed: Deed) -> workflow.ActivityHandle[Result]:
        task = TakeDeed(
            case_id=self._case.case_id,
            known=self._recorded.version,
            deed=deed.kind,
            clock_shift=self._clock_shift,
        )
        return deeds.start(deed.kind, task)

    async def _record(self) -> None:
        """Write down what the case knows and the database does not.

        What becomes of the chargeback of a paid case is decided at this moment, and written with
        it.
        """
        async with self._recording:
            while self._recorded != self._case and not self._is_deciding():
                await self._record_once()

    def _is_deciding(self) -> bool:
        """What kept it from being decided before has to be gone from the database first."""
        if self._recorded.stage is not Stage.PAID:
            return False
        act = self._case.next_act(self._now())
        return act is not None and act.kind is DeedKind.CHARGEBACK and act.at <= self._now()

    async def _catch_up(self) -> None:
        """Go on from where another run of the case has got to."""
        async with self._recording:
            await self._record_once()

    async def _record_once(self) -> None:
        snapshot = self._case
        answer: Recorded = await workflow.execute_local_activity_method(
            RecordActivities.record_case,
            RecordCase(case=snapshot, known=self._recorded.version, at=self._time_of(snapshot)),
            **options.RECORD,
        )
        if answer.newer is not None:
            self._recorded = answer.newer
            self._case = self._case.rebased(answer.newer)
            return
        self._case = self._case.recorded(snapshot.journal)
        if answer.written:
            self._recorded = snapshot.recorded(snapshot.journal)
        elif answer.result is not None:
            await self._hear_of(answer.result, than=snapshot.results)

    async def _hear_of(self, result: Result, *, than: int) -> None:
        """The database knows of a result that the case does not.

        It is on its way, and with it the case records again. But of a deed that was called back
        after its last attempt had got as far as the database it will never come: it is taken
        from there.
        """
        await workflow.wait_condition(lambda: self._case.results > than or not self._under_way)
        if self._case.results == than:
            self._case = self._case.after(result)

    def _show(self) -> None:
        """For operators: the stage to search by, and in words what the case waits for.

        A case that has ended shows the stage in which it last waited; its end is its result.
        """
        workflow.set_current_details(details_of(self._case, self._now()))
        if self._case.stage is not self._shown:
            self._shown = self._case.stage
            workflow.upsert_search_attributes([STAGE.value_set(self._shown)])

    def _time_of(self, case: DunningCase) -> datetime:
        """When what is being recorded happened: as its last entry says, else now."""
        return case.journal[-1].at if case.journal else self._now()

    def _now(self) -> datetime:
        return workflow.now() - self._clock_shift


def _is_superseded(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == SUPERSEDED


def _blocked_by_error(deed: Deed, at: datetime) -> Result:
    return Result(deed=deed.kind, outcome=Outcome.BLOCKED, at=at, blocked_by=BlockedBy.ERROR)
