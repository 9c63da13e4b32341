"""Any case that can be: facts, requests, outages and answers in any order, and what always holds.

Beside the case stands a second account of it, kept by the simplest means: lists of days. What
the case plans is compared with what these say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from dunning.case import DunningCase, Refused
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.deeds import ERRANDS, Deed, DeedKind, Facts, Outcome, Result
from dunning.plan import DunningOption
from dunning.stages import BlockedBy, Stage
from dunning.state import Opening
from tests.factories import (
    a_case,
    a_chargeback,
    a_payment,
    eur,
    play,
    steps,
    terms,
    weekends,
)
from tests.rules.second_account import DAY, GAPS, LADDER, SecondAccount, is_open, moment

DUE = date(2026, 3, 2)
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEKENDS = weekends(date(2026, 1, 1), date(2027, 7, 31))
OF_A_STEP = {*LADDER, "cancellation"}
IN_THE_WINDOW = {*OF_A_STEP, "advance_notice"}


class Move(NamedTuple):
    """Something that happens in the world, with what belongs to it."""

    name: str
    given: Mapping[str, Any]


class AnyCase:
    """A case, the world around it, and the second account."""

    def __init__(
        self,
        *,
        zone: str,
        business_days_only: bool,
        opened: int,
        had: tuple[int, ...],
        opening: bool,
        option: DunningOption,
    ) -> None:
        self.now = START + opened * DAY
        self.terms = terms(zone, closed_days=WEEKENDS if business_days_only else ())
        self.option = option
        today = self.terms.day_of(self.now)
        self.had = sorted(today - ago * DAY for ago in had)
        self.case = a_case(
            due=DUE,
            terms=self.terms,
            opened_on=today,
            opening=Opening(invoice_notice=True) if opening and not had else None,
            advance_wanted=not had and DUE - today > 5 * DAY,
            steps=steps(*self.had),
            option=option if len(had) == 3 else None,
        )
        self.answer: Result | None = None
        self.books = Facts()
        self.address_complete = True
        self.account = SecondAccount(DUE)
        self.escalated = False
        self.came_back = False
        self.at_partner = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))
        self.numbers = 0

    def live(self, life: list[Move]) -> None:
        for name, given in life:
            getattr(self, name)(**given)
            self._holds_always()
        self._holds_at_last()

    # --- what the case does by itself, and when its word comes back -----------------------

    def go_its_way(self, deeds: int) -> None:
        for _ in range(deeds):
            if self.answer is None:
                self.do_what_comes_next(None, yes=True)
            else:
                self.hear_what_came_of_it(minutes=0)

    def do_what_comes_next(self, block: BlockedBy | None, yes: bool) -> None:
        deed = self.case.next_deed(self.now) if self.answer is None else None
        if deed is None or deed.at > START + 400 * DAY:
            return
        self.now = max(self.now, deed.at)
        if deed.kind in ERRANDS:
            self._run(deed)
            return
        if deed.kind is DeedKind.END_HOLD:
            assert self.account.held is not None
            assert self.today > self.account.held[1], "a hold ended on its last day"
            self.case = self.case.after_hold_ended(deed.at)
            self.account.hold_ends(self.today)
            return
        self.answer = self._try(deed, block, yes=yes)

    def _run(self, deed: Deed) -> None:
        """An errand, which is done where there is one: nothing but an error keeps it."""
        assert self.case.has_errand(deed.kind)
        told: tuple[str, ...] = ()
        if deed.kind is DeedKind.REPORT_MONEY:
            told = tuple(move.key for move in self.case.untold)
        if deed.kind is DeedKind.TELL_SELLER:
            told = (self.case.tells[0].key,)
        status = self.at_partner if deed.kind is DeedKind.CHECK_CLAIM else None
        reference = self.case.claim.reference if self.case.claim else None
        self.case = self.case.after(
            Result(
                deed=deed.kind,
                outcome=Outcome.DONE,
                at=self.now,
                claim=status,
                reference=reference,
                told=told,
            )
        )

    def _try(self, deed: Deed, block: BlockedBy | None, *, yes: bool) -> Result:
        """What an activity answers that looks at the books at this moment."""
        looked = self.case.renewed(self.books, self.terms)
        complete = self.address_complete
        outcome = looked.hindrance(deed.kind, self.now, address_complete=complete)
        by = BlockedBy.ADDRESS if outcome is Outcome.BLOCKED else None
        if deed.kind is DeedKind.OPEN:
            outcome, by = None, None
        if outcome is None and block in {BlockedBy.EMAIL, BlockedBy.ERROR}:
            outcome, by = Outcome.BLOCKED, block
        if outcome is None and deed.kind is DeedKind.HANDOFF:
            outcome = Outcome.GO if yes else Outcome.APPROVAL_WANTED
        if outcome is None and deed.kind is DeedKind.CHARGEBACK:
            outcome = self._decided(looked, yes=yes)
        if outcome is None and deed.kind is DeedKind.SUBMIT_CLAIM and not yes:
            outcome = Outcome.REJECTED
        taken = outcome is None and deed.kind is DeedKind.SUBMIT_CLAIM
        if taken:
            self.at_partner = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))
        return Result(
            deed=deed.kind,
            outcome=outcome or Outcome.DONE,
            at=self.now,
            terms=self.terms,
            facts=self.books,
            blocked_by=by,
            option=self.option if deed.kind is DeedKind.FINAL_NOTICE else None,
            claim=self.at_partner if taken else None,
            told=tuple(move.key for move in looked.movements) if taken else (),
        )

    def _decided(self, case: DunningCase, *, yes: bool) -> Outcome:
        if (case.option or self.option) is DunningOption.NO_COLLECTION:
            return Outcome.NEW_ROUND
        return Outcome.GO if yes else Outcome.APPROVAL_WANTED

    def hear_what_came_of_it(self, minutes: int) -> None:
        if self.answer is None:
            return
        told, self.answer = self.answer, None
        self.now += timedelta(minutes=minutes)
        begun = self.case.handoff_begun
        before = self.case.after_facts(told.facts)
        self.case = self.case.after(told)
        self._notice_a_new_round(before)
        if self.case.handoff_begun and not begun and told.deed is DeedKind.HANDOFF:
            on = self.account.day_of_the_next_step(before)
            assert self.terms.day_of(told.at) >= on, f"handed over before {on}"
        if begun and told.deed is not DeedKind.SUBMIT_CLAIM:
            assert self.case.handoff_begun, "an escalation was taken back"

    def _notice_a_new_round(self, before: DunningCase) -> None:
        if self.case.round != before.round and not self.case.steps:
            self.account.restart = None
            self.had = []

    # --- what happens ----------------------------------------------------------------------

    def partner_does(self, phase: ClaimPhase, closing: Closing, tells: bool) -> None:
        """The partner gets on with its claim, and says so or does not."""
        if self.case.claim is None or self.at_partner.closing is not None:
            return
        is_closed = phase is ClaimPhase.CLOSED
        self.at_partner = self.at_partner.model_copy(
            update={"phase": phase, "closing": closing if is_closed else None}
        )
        if tells and self.answer is None:
            self._run(Deed(kind=DeedKind.CHECK_CLAIM, at=self.now))

    def pass_without_anybody_at_work(self, hours: int) -> None:
        if self.now < START + 400 * DAY:
            self.now += timedelta(hours=hours)

    def pay(self, part: str, told: bool) -> None:
        known = self.case.after_facts(self.books)
        if known.stage in {Stage.CANCELED, Stage.RECOVERED} or not known.open_amount.is_positive:
            return
        rest = known.open_amount
        amount = rest if part == "all" else min(eur(part), rest)
        payment = a_payment(str(amount), payment_id=self._name("p"), at=self.now)
        self._book(Facts(payments=(*self.books.payments, payment)), told=told)

    def charge_back(self, which: int, fee: str, told: bool) -> None:
        known = self.case.after_facts(self.books)
        if not self.books.payments:
            return
        self.came_back = self.came_back or known.is_over
        payment = self.books.payments[which % len(self.books.payments)]
        if any(back.payment_id == payment.payment_id for back in self.books.reversals):
            return
        back = a_chargeback(
            str(payment.amount),
            fee=fee,
            payment_id=payment.payment_id,
            chargeback_id=self._name("c"),
            at=self.now,
        )
        self._book(Facts(reversals=(*self.books.reversals, back)), told=told)

    def cancel_order(self, told: bool) -> None:
        if self.books.order_canceled_at is None:
            self._book(Facts(order_canceled_at=self.now), told=told)

    def change_customer(self, complete: bool, email: bool) -> None:
        self.address_complete = complete
        self.case = self.case.after_customer_changed(
            self.now, address_complete=complete, email_changed=email
        )

    def tell_again(self) -> None:
        self.case = self.case.after_facts(self.books)
        assert self.case.after_facts(self.books) == self.case

    def move_window(self, window: tuple[time, time]) -> None:
        zone, closed = self.terms.time_zone, self.terms.closed_days
        self.terms = terms(zone, opens=window[0], closes=window[1], closed_days=closed)

    def _book(self, new: Facts, *, told: bool) -> None:
        given = {name: getattr(new, name) for name in new.model_fields_set}
        self.books = self.books.model_copy(update=given)
        if told:
            self.case = self.case.after_facts(self.books)

    # --- what is asked for -----------------------------------------------------------------

    def stop(self) -> None:
        if self._asks(lambda case: case.stop(self.now)):
            self.account.hold_ends(self.today)
            assert self.case.stage is Stage.STOPPED
            assert self.case.claim is None

    def start(self) -> None:
        before = self.case
        if self._asks(lambda case: case.start(self.now)):
            self.account.restart = self.today
            self._notice_a_new_round(before)

    def withdraw(self) -> None:
        if self._asks(lambda case: case.withdraw(self.now)):
            assert self.case.claim is not None

    def escalate(self) -> None:
        complete = self.address_complete
        if self._asks(lambda case: case.escalate(self.now, address_complete=complete)):
            self.escalated = True
            had_all = len(self.case.steps) == 3
            assert had_all or self.came_back, "the customer has not had the final notice"

    def hold(self, days: int | None) -> None:
        until = None if days is None else self.today + days * DAY
        request_id = self._name("r")
        if self._asks(lambda c: c.put_on_hold(self.now, until=until, request_id=request_id)):
            self.account.hold(self.today, until)

    def resume(self) -> None:
        if self._asks(lambda case: case.resume(self.now)):
            self.account.hold_ends(self.today)

    def _asks(self, request: Callable[[DunningCase], DunningCase]) -> bool:
        before = self.case
        try:
            self.case = request(before)
        except Refused as refused:
            self.case = before.after_refusal("asked", str(refused), self.now)
            same = {"journal": before.journal, "noted": before.noted}
            assert self.case.model_copy(update=same) == before
            return False
        return True

    @property
    def today(self) -> date:
        return self.terms.day_of(self.now)

    def _name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}-{self.numbers}"

    # --- what always holds -----------------------------------------------------------------

    def _holds_always(self) -> None:
        self._r9_a_step_is_planned_for_its_day_and_inside_the_window()
        self._r8_steps_come_in_order_none_twice_none_skipped_never_crowded()
        self._r10_nothing_is_asked_for_that_is_not_owed()
        self._r17_never_both_stopped_and_handed_over()
        self._r11_nothing_is_handed_over_with_no_collection()
        self._r19_a_case_that_does_not_go_on_plans_no_step()
        self._r20_paid_or_settled_exactly_when_nothing_is_open()
        self._the_case_survives_as_text()
        self._r27_no_two_entries_of_the_history_share_a_key()

    def _holds_at_last(self) -> None:
        case = self.case.after_facts(self.books)
        if self.answer is not None:
            case = case.after(self.answer)
        self._goes_on(case)
        self._ends(case)

    def _r9_a_step_is_planned_for_its_day_and_inside_the_window(self) -> None:
        deed = self.case.next_act(self.now)
        if deed is None:
            return
        assert deed.at >= self.now or deed.kind is DeedKind.END_HOLD
        if deed.kind in IN_THE_WINDOW:
            assert is_open(self.case, deed.at)
        if deed.kind in OF_A_STEP:
            day = self.account.day_of_the_next_step(self.case)
            assert deed.at == moment(self.case, day, self.now)
            taken = len(self.case.steps)
            cancels = taken == 3 and self.case.option is DunningOption.NO_COLLECTION
            assert deed.kind.value == ("cancellation" if cancels else LADDER[taken])

    def _r8_steps_come_in_order_none_twice_none_skipped_never_crowded(self) -> None:
        taken = self.case.steps
        notices = [step.kind.value for step in taken if step.kind.value in LADDER[:3]]
        assert notices == LADDER[: len(notices)]
        if len(notices) < min(len(taken), 3):
            assert self.came_back, "handed over without the notices"
            return
        for number in range(max(1, len(self.had)), len(taken)):
            if number == 3 and self.escalated:
                continue  # R18: now, at any hour
            assert (taken[number].on - taken[number - 1].on).days >= GAPS[number]

    def _r10_nothing_is_asked_for_that_is_not_owed(self) -> None:
        if not self.case.open_amount.is_positive:
            assert self.case.next_act(self.now) is None

    def _r17_never_both_stopped_and_handed_over(self) -> None:
        assert not (self.case.stopped and (self.case.claim or self.case.handoff_begun))

    def _r11_nothing_is_handed_over_with_no_collection(self) -> None:
        if self.case.option is DunningOption.NO_COLLECTION:
            assert self.case.claim is None
            assert not self.case.handoff_begun

    def _r19_a_case_that_does_not_go_on_plans_no_step(self) -> None:
        deed = self.case.next_act(self.now)
        waits = {Stage.ON_HOLD, Stage.BLOCKED, Stage.AWAITING_APPROVAL, Stage.HANDED_OVER}
        waits |= {Stage.IN_COURT}
        if self.case.is_over or (self.case.stage in waits and not self.case.handoff_begun):
            assert deed is None or deed.kind is DeedKind.END_HOLD

    def _r20_paid_or_settled_exactly_when_nothing_is_open(self) -> None:
        nothing_open = not self.case.owed.is_positive
        paid = self.case.stage in {Stage.PAID, Stage.SETTLED}
        ended_otherwise = self.case.stage in {Stage.CANCELED, Stage.RECOVERED}
        assert paid == (nothing_open and not ended_otherwise)
        assert (self.case.stage is Stage.SETTLED) == (paid and self.case.claim is not None)

    def _the_case_survives_as_text(self) -> None:
        assert DunningCase.model_validate_json(self.case.model_dump_json()) == self.case

    def _r27_no_two_entries_of_the_history_share_a_key(self) -> None:
        keys = [event.key for event in self.case.journal]
        assert len(set(keys)) == len(keys)

    def _goes_on(self, case: DunningCase) -> None:
        """No case is forgotten: what keeps it is taken away, and it goes the whole way."""
        if case.stage is Stage.STOPPED:
            case = case.start(self.now)
        if case.hold and not case.is_over:
            case = case.resume(self.now)
        case = case.after_customer_changed(self.now, address_complete=True, email_changed=True)
        if case.stage is Stage.BLOCKED:
            case = case.resume(self.now)
        if case.claim is None and case.stage is Stage.AWAITING_APPROVAL:
            return
        case, _ = play(case, since=self.now, until=self.now + 700 * DAY, option=self.option)
        at_rest = {Stage.HANDED_OVER, Stage.IN_COURT, Stage.AWAITING_APPROVAL}
        assert case.is_over or case.stage in at_rest

    def _ends(self, case: DunningCase) -> None:
        """Every sequence reaches an end once everything is paid."""
        ended = {Stage.CANCELED, Stage.RECOVERED}
        if case.open_amount.is_positive and case.stage not in ended:
            rest = a_payment(str(case.open_amount), payment_id="p-rest", at=self.now)
            case = case.after_payment(rest)
            assert case.stage is (Stage.SETTLED if case.claim else Stage.PAID)
        assert case.is_over
        assert case.next_act(self.now + 400 * DAY) is None
        self.case = case
        while (deed := self.case.next_deed(self.now)) is not None:
            assert deed.kind is not DeedKind.CHECK_CLAIM
            self._run(deed)
