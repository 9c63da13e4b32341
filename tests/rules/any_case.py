"""Any case that can be: facts, requests, outages and answers in any order, and what always holds.

Beside the case stands a second account of it, kept by the simplest means: lists of days. What
the case plans is compared with what these say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from dunning.actions import Action, ActionKind, Lane
from dunning.case.claims import claim_changed
from dunning.case.handoff import (
    blocked_by_address,
    blocked_by_error,
    claim_not_there,
    claim_refused,
    handoff_decided,
)
from dunning.case.inputs import CaseInputs
from dunning.case.notices import (
    notice_attempted,
    notice_not_accepted,
    notice_refused,
    notice_sent,
    with_unanswered_notice_counted,
)
from dunning.case.planning import ladder_action, next_action, next_actions
from dunning.case.requests import apply_request
from dunning.case.state import DunningCase, Sending
from dunning.case.update import brought_up
from dunning.claims import ClaimPhase, ClaimStatus, Closing
from dunning.days import LawfulHours, SendingWindow
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.movements import LedgerFacts
from dunning.notices import NoticeKind
from dunning.requests import Refused, Request, Verb
from dunning.stages import BlockedBy, Stage
from tests.factories import (
    a_case,
    a_chargeback,
    a_payment,
    did,
    eur,
    sending,
    steps,
    terms,
    weekends,
)
from tests.rules.second_account import DAY, GAPS, LADDER, SecondAccount, is_open, moment

NOTICES = frozenset(NoticeKind)
DUE = date(2026, 3, 2)
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEKENDS = weekends(date(2026, 1, 1), date(2027, 7, 31))
CHILE = LawfulHours(
    time_zone="America/Santiago",
    opens=time(8),
    closes=time(20),
    closed_days=tuple(day for day in WEEKENDS if day.weekday() == 6),
)
OF_A_STEP = {*LADDER, "cancellation"}
IN_THE_WINDOW = {*OF_A_STEP, "advance_notice"}
WITH_LETTER = {ActionKind.FIRST_NOTICE, ActionKind.FINAL_NOTICE}


class Move(NamedTuple):
    """Something that happens in the world, with what belongs to it."""

    name: str
    given: Mapping[str, Any]


class AnyCase:
    """A case, the world around it, and the second account.

    Every change goes the way that `models.changes` goes: the case is brought up to the world,
    changed, and what may have left the house counts.
    """

    def __init__(
        self,
        *,
        zone: str,
        business_days_only: bool,
        law: bool,
        opened: int,
        had: tuple[int, ...],
        opening: bool,
        option: DunningOption,
    ) -> None:
        self.now = START + opened * DAY
        self.terms = terms(
            zone,
            closed_days=WEEKENDS if business_days_only else (),
            lawful=CHILE if law else None,
        )
        self.option = option
        today = self.terms.day_of(self.now)
        self.had = sorted(today - ago * DAY for ago in had)
        self.case = a_case(
            due=DUE,
            terms=self.terms,
            opened_on=today,
            invoice_notice_due=opening and not had,
            advance_notice_due=not had and DUE - today > 5 * DAY,
            steps=steps(*self.had),
            option=option if len(had) == 3 else None,
        )
        self.on_its_way: Sending | None = None
        self.ledger = LedgerFacts()
        self.switch = True
        self.missing: tuple[str, ...] = ()
        self.email_version = 0
        self.account = SecondAccount(DUE)
        self.escalated = False
        self.came_back = False
        self.at_partner = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))
        self.history: dict[str, str] = {}
        self.looked_at = self.now
        self.numbers = 0

    def live(self, life: list[Move]) -> None:
        for name, given in life:
            getattr(self, name)(**given)
            self._holds_always()
        self._holds_at_last()

    @property
    def outside(self) -> CaseInputs:
        return CaseInputs(
            facts=self.ledger,
            terms=self.terms,
            option=self.option,
            auto_handoff=self.switch,
            auto_chargeback_handoff=self.switch,
            missing=self.missing,
            email_version=self.email_version,
        )

    @property
    def today(self) -> date:
        return self.terms.day_of(self.now)

    def _change(self, change: Any = lambda case, _outside: case) -> None:
        """As a transaction does; raises what the change raises, and then nothing has happened."""
        before = self.case
        up_to_date = brought_up(before.changed(events=()), self.outside, self.now)
        changed = with_unanswered_notice_counted(change(up_to_date, self.outside), self.now)
        if before.hold and not changed.hold:
            self.account.hold_ends(
                self.terms.day_of(min(self.now, before.hold_ends_at or self.now))
            )
        if changed.round != before.round and not changed.steps:
            self.account.begins_anew(before)
            self.had = []
        if changed.restarted_on != before.restarted_on and changed.restarted_on:
            self.account.restart = changed.restarted_on
        self._note_history(changed)
        self.case, self.looked_at = changed, self.now

    def _note_history(self, case: DunningCase) -> None:
        for event in case.events:
            if event.key is None:
                continue
            if event.corrects is not None:
                assert self.history.pop(event.corrects) == EventName.NOTICE_SENT
            assert event.key not in self.history, "an entry that would not be written"
            self.history[event.key] = event.name
            if event.name is EventName.NOTICE_SENT:
                self.account.noticed(case, event.key, self.terms.day_of(event.at))

    # --- what the case does by itself, and when the answer comes ------------------------------

    def go_its_way(self, actions: int) -> None:
        for _ in range(actions):
            if self.on_its_way is None:
                self.do_what_comes_next(None, yes=True)
            else:
                self.the_mail_server_answers("taken", minutes=0)

    def do_what_comes_next(self, block: BlockedBy | None, yes: bool) -> None:
        if self.on_its_way is not None:
            return
        action = next_action(self.case, self.now)
        if action is None or action.at > START + 400 * DAY:
            return
        self.now = max(self.now, action.at)
        self._change()
        if action.kind in {a.kind for a in next_actions(self.case, self.now) if a.at <= self.now}:
            self._do(action, block, yes=yes)

    def _do(self, action: Action, block: BlockedBy | None, *, yes: bool) -> None:
        kind, now = action.kind, self.now
        if (
            block is BlockedBy.ERROR
            and action.lane is Lane.LADDER
            and kind is not ActionKind.ASK_PARTNER
        ):
            self._change(lambda case, _: blocked_by_error(case, now, reason="TypeError"))
        elif kind in NOTICES:
            self._send(kind, block)
        elif kind is ActionKind.HANDOFF:
            self._hand_over(yes=yes)
        elif kind is ActionKind.ASK_PARTNER and not yes:
            self._change(lambda case, _: claim_not_there(case))
        elif kind is ActionKind.CHECK_CLAIM:
            self._change(lambda case, _: did(case, kind, now, status=self.at_partner))
        else:
            self._change(lambda case, _: did(case, kind, now))

    def _send(self, kind: ActionKind, block: BlockedBy | None) -> None:
        if kind in WITH_LETTER and self.missing:
            self._change(lambda case, outside: blocked_by_address(case, outside, self.now))
            return
        option = self.option if kind is ActionKind.FINAL_NOTICE else None
        leaves = sending(self.case, kind, self.now, option=option)
        if kind is ActionKind.FINAL_NOTICE:
            assert leaves.handoff_on == self.account.names(self.case, self.today)
        if block is BlockedBy.EMAIL:
            version = self.email_version
            self._change(
                lambda case, outside: notice_refused(
                    case, outside, leaves, words="550", email_version=version
                )
            )
            return
        self.case = notice_attempted(self.case, leaves)
        self.on_its_way = leaves

    def _hand_over(self, *, yes: bool) -> None:
        if not self.case.handoff_begun:
            on = self.account.day_of_the_next_step(self.case)
            self.switch = yes
            self._change(lambda case, outside: handoff_decided(case, outside, self.now))
            self.switch = True
            if self.case.handoff_begun:
                assert self.today >= on, f"handed over before {on}"
        elif self.missing:
            self._change(lambda case, outside: blocked_by_address(case, outside, self.now))
        elif not yes:
            self._change(lambda case, _: claim_refused(case, self.now, words="no"))
        else:
            self._taken()

    def _taken(self) -> None:
        self.at_partner = ClaimStatus(phase=ClaimPhase.SUBMITTED, collected=eur("0.00"))
        self._change(lambda case, _: did(case, ActionKind.HANDOFF, self.now))

    def the_mail_server_answers(self, answer: str, minutes: int) -> None:
        """What became of the notice that is on its way; "never": nobody will ever know."""
        leaves, self.on_its_way = self.on_its_way, None
        if leaves is None:
            return
        self.now += timedelta(minutes=minutes)
        match answer:
            case "taken":
                self._change(lambda case, _: notice_sent(case, leaves))
                assert self.history[self._key_of(leaves)] == EventName.NOTICE_SENT
            case "not this time":
                self._change(lambda case, _: notice_not_accepted(case, leaves, words="451"))
            case _:
                self._change()

    def _key_of(self, leaves: Sending) -> str:
        return f"{self.case.case_id}/{leaves.round}/{leaves.kind}"

    # --- what happens ----------------------------------------------------------------------

    def partner_does(self, phase: ClaimPhase, closing: Closing, tells: bool) -> None:
        """The partner gets on with its claim, and says so or does not."""
        claim = self.case.claim
        if claim is None or self.at_partner.closing is not None:
            return
        is_closed = phase is ClaimPhase.CLOSED
        self.at_partner = self.at_partner.model_copy(
            update={"phase": phase, "closing": closing if is_closed else None}
        )
        if tells:
            self._change(lambda case, _: claim_changed(case, claim.reference))

    def pass_without_anybody_at_work(self, hours: int) -> None:
        if self.now < START + 400 * DAY:
            self.now += timedelta(hours=hours)

    def pay(self, part: str, at_once: bool) -> None:
        known = brought_up(self.case, self.outside, self.now)
        if known.stage in {Stage.CANCELED, Stage.RECOVERED} or not known.open_amount.is_positive:
            return
        rest = known.open_amount
        amount = rest if part == "all" else min(eur(part), rest)
        payment = a_payment(str(amount), payment_id=self._name("p"), at=self.now)
        self._book(LedgerFacts(payments=(*self.ledger.payments, payment)), at_once=at_once)

    def charge_back(self, which: int, fee: str, at_once: bool) -> None:
        known = brought_up(self.case, self.outside, self.now)
        if not self.ledger.payments:
            return
        self.came_back = self.came_back or known.has_ended
        payment = self.ledger.payments[which % len(self.ledger.payments)]
        if any(back.payment_id == payment.payment_id for back in self.ledger.reversals):
            return
        back = a_chargeback(
            str(payment.amount),
            fee=fee,
            payment_id=payment.payment_id,
            chargeback_id=self._name("c"),
            at=self.now,
        )
        self._book(LedgerFacts(reversals=(*self.ledger.reversals, back)), at_once=at_once)

    def cancel_order(self, at_once: bool) -> None:
        if self.ledger.order_canceled_at is None:
            self._book(LedgerFacts(order_canceled_at=self.now), at_once=at_once)

    def change_customer(self, complete: bool, email: bool) -> None:
        self.missing = () if complete else ("street",)
        self.email_version += int(email)
        self._change()

    def look_again(self) -> None:
        self._change()
        seen = self.case
        self._change()
        assert self.case == seen.changed(events=())

    def move_window(self, window: tuple[time, time]) -> None:
        opens, closes = window
        moved = SendingWindow(opens=opens, closes=closes)
        self.terms = self.terms.model_copy(update={"window": moved})

    def _book(self, new: LedgerFacts, *, at_once: bool) -> None:
        given = {name: getattr(new, name) for name in new.model_fields_set}
        self.ledger = self.ledger.model_copy(update=given)
        if at_once:
            self._change()

    # --- what is asked for -----------------------------------------------------------------

    def stop(self) -> None:
        if self._asks(Verb.STOP):
            assert self.case.stage is Stage.STOPPED
            assert self.case.claim is None

    def start(self) -> None:
        self._asks(Verb.START)

    def withdraw(self) -> None:
        if self._asks(Verb.WITHDRAW):
            assert self.case.claim is not None

    def escalate(self, despite: bool) -> None:
        before = self.case
        if self._asks(Verb.ESCALATE, despite_term=despite, reason="insolvent" if despite else None):
            self.escalated = True
            had_all = len(self.case.steps) == 3
            assert had_all or self.came_back, "the customer has not had the final notice"
            assert not self.missing
            in_term = self.today < self.account.handoff_named(before) if had_all else False
            assert despite or not in_term or self.came_back, "the customer's term was not kept"

    def hold(self, days: int | None) -> None:
        until = None if days is None else self.today + days * DAY
        if self._asks(Verb.HOLD, until=until):
            self.account.hold(self.today, until)

    def resume(self) -> None:
        self._asks(Verb.RESUME)

    def _asks(self, verb: Verb, **given: Any) -> bool:
        request = Request(verb=verb, **given)
        try:
            self._change(lambda case, outside: apply_request(case, request, outside, self.now))
        except Refused:
            return False
        return True

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
        self._r16_what_left_the_house_is_in_the_history_once_the_case_goes_on()
        self._the_case_survives_as_text()
        self._there_is_one_action_a_lane()

    def _holds_at_last(self) -> None:
        self._change()
        self._goes_on()
        self._ends(brought_up(self.case, self.outside, self.now))

    def _r9_a_step_is_planned_for_its_day_and_inside_the_window(self) -> None:
        action = ladder_action(self.case, self.now)
        if action is None:
            return
        assert action.at >= self.now or action.kind is ActionKind.END_HOLD
        if action.kind in IN_THE_WINDOW and not self.case.handoff_begun:
            assert is_open(self.case, action.at)
        if action.kind in OF_A_STEP and not self.case.handoff_begun:
            day = self.account.day_of_the_next_step(self.case)
            assert action.at == moment(self.case, day, self.now)
            taken = len(self.case.steps)
            cancels = taken == 3 and self.case.option is DunningOption.NO_COLLECTION
            assert action.kind.value == ("cancellation" if cancels else LADDER[taken])

    def _r8_steps_come_in_order_none_twice_none_skipped_never_crowded(self) -> None:
        taken = self.case.steps
        notices = [step.kind.value for step in taken if step.kind.value in LADDER[:3]]
        assert notices == LADDER[: len(notices)]
        if len(notices) < min(len(taken), 3):
            assert self.came_back, "handed over without the notices"
            return
        if taken and self.account.earlier and not self.had:
            assert (taken[0].on - self.account.earlier).days >= 5
        for number in range(max(1, len(self.had)), len(taken)):
            if number == 3 and (self.escalated or self.came_back):
                continue  # R18, R13: now, at any hour
            assert (taken[number].on - taken[number - 1].on).days >= GAPS[number]

    def _r10_nothing_is_asked_for_that_is_not_owed(self) -> None:
        if not self.case.open_amount.is_positive:
            action = ladder_action(self.case, self.now)
            assert action is None or action.kind is ActionKind.ASK_PARTNER

    def _r16_what_left_the_house_is_in_the_history_once_the_case_goes_on(self) -> None:
        left = self.case.sending
        if left is None or self.looked_at != self.now:
            return
        is_being_tried = left.round == self.case.round and any(
            action.kind == left.kind for action in next_actions(self.case, self.now)
        )
        if not is_being_tried:
            assert self.history[self._key_of(left)] == EventName.NOTICE_SENT

    def _there_is_one_action_a_lane(self) -> None:
        lanes = [action.lane for action in next_actions(self.case, self.now)]
        assert len(set(lanes)) == len(lanes)

    def _r17_never_both_stopped_and_handed_over(self) -> None:
        assert not (self.case.stopped and (self.case.claim or self.case.handoff_begun))

    def _r11_nothing_is_handed_over_with_no_collection(self) -> None:
        if self.case.option is DunningOption.NO_COLLECTION:
            assert self.case.claim is None
            assert not self.case.handoff_begun

    def _r19_a_case_that_does_not_go_on_plans_no_step(self) -> None:
        action = ladder_action(self.case, self.now)
        waits = {Stage.ON_HOLD, Stage.BLOCKED, Stage.AWAITING_APPROVAL, Stage.HANDED_OVER}
        waits |= {Stage.IN_COURT}
        if self.case.has_ended or (self.case.stage in waits and not self.case.handoff_begun):
            allowed = {ActionKind.END_HOLD, ActionKind.ASK_PARTNER}
            assert action is None or action.kind in allowed

    def _r20_paid_or_settled_exactly_when_nothing_is_open(self) -> None:
        if self.case.closed_as is not None:  # R13: nothing is reopened in a canceled order
            assert self.case.stage is self.case.closed_as
            return
        nothing_open = not self.case.owed.is_positive
        paid = self.case.stage in {Stage.PAID, Stage.SETTLED}
        ended_otherwise = self.case.stage in {Stage.CANCELED, Stage.RECOVERED}
        assert paid == (nothing_open and not ended_otherwise)
        assert (self.case.stage is Stage.SETTLED) == (paid and self.case.claim is not None)

    def _the_case_survives_as_text(self) -> None:
        case = self.case.changed(events=())
        short = case.model_dump_json(exclude_defaults=True)
        assert DunningCase.model_validate_json(short) == case

    def _goes_on(self) -> None:
        """No case is forgotten: what keeps it is taken away, and it goes the whole way."""
        kept = self.case, self.now, dict(self.history)
        self.missing, self.email_version, self.switch = (), self.email_version + 1, True
        self._change()
        if self.case.stage is Stage.STOPPED:
            self.start()
        if self.case.hold and not self.case.has_ended:
            self.resume()
        if self.case.stage is Stage.BLOCKED or self.case.failed_actions:
            self.resume()
        if self.case.claim is None and self.case.stage is Stage.AWAITING_APPROVAL:
            self.escalate(despite=True)
        for _ in range(60):
            action = next_action(self.case, self.now)
            if action is None or action.kind is ActionKind.CHECK_CLAIM:
                break
            self.now = max(self.now, action.at)
            self._do(action, None, yes=True)
            self.the_mail_server_answers("taken", minutes=0)
        at_rest = {Stage.HANDED_OVER, Stage.IN_COURT, Stage.AWAITING_APPROVAL}
        assert self.case.has_ended or self.case.stage in at_rest
        self.case, self.now, self.history = kept

    def _ends(self, case: DunningCase) -> None:
        """Every sequence reaches an end once everything is paid."""
        self.case = case.changed(events=())
        rest = case.open_amount
        if rest.is_positive and case.stage not in {Stage.CANCELED, Stage.RECOVERED}:
            payment = a_payment(str(rest), payment_id="p-rest", at=self.now)
            self._book(LedgerFacts(payments=(*self.ledger.payments, payment)), at_once=True)
            assert self.case.stage is (Stage.SETTLED if self.case.claim else Stage.PAID)
        assert self.case.has_ended
        while (action := next_action(self.case, self.now)) is not None:
            assert action.kind is not ActionKind.CHECK_CLAIM or self.case.claim_check_wanted
            assert action.lane is not Lane.LADDER or action.kind is ActionKind.ASK_PARTNER
            self._do(action, None, yes=False)
        assert self.case.has_ended
