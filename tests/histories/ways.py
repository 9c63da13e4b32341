"""Every way in which a case can go, each as a scenario of one order `A-1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.bodies import an_address
from tests.stories import Story

Way = Callable[[Story], object]
OPENED: Final = "2026-03-02T09:15:00"
_NO_NUMBER: Final = an_address(street="Hauptstr.")


def _paid(at: str) -> Way:
    return lambda story: story.order(OPENED).payment(at, "119.00")


def _advance_notice(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", payment_term_days=14)
    return story.order(OPENED).payment("2026-03-15T12:00:00", "119.00")


def _held(story: Story) -> object:
    words = {"until": "2026-03-12", "reason": "a dispute"}
    story.order(OPENED).verb("2026-03-09T12:00:00", "hold", body=words)
    story.verb("2026-03-20T12:00:00", "hold").verb("2026-03-22T12:00:00", "resume")
    return story.verb("2026-03-23T12:00:00", "resume")


def _blocked_by_address(story: Story) -> object:
    story.order(OPENED, customer={"address": _NO_NUMBER})
    path = "/v1/customers/{seller}/c-A-1"
    return story.call("2026-03-20T11:00:00", "PATCH", path, {"address": an_address()})


def _blocked_by_email(story: Story) -> object:
    story.order(OPENED, customer={"email": "bounce+550@example.org"})
    path = "/v1/customers/{seller}/c-A-1"
    return story.call("2026-03-10T11:00:00", "PATCH", path, {"email": "ada@example.org"})


def _no_collection(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", dunning_option="no_collection")
    return story.order(OPENED)


def _canceled(story: Story) -> object:
    return story.order(OPENED).call("2026-03-09T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")


def _at_the_partner(*actions: tuple[str, str]) -> Way:
    """Actions of the partner after the first of April, each at noon of a day."""

    def way(story: Story) -> object:
        story.order(OPENED)
        for day, to in actions:
            story.partner(f"{day}T12:00:00", to=to)
        return story

    return way


def _started(story: Story) -> object:
    story.order(OPENED).verb("2026-03-08T12:00:00", "stop")
    return story.verb("2026-03-30T12:00:00", "start")


def _escalated(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", auto_handoff=False).order(OPENED)
    story.verb("2026-03-10T09:00:00", "escalate")
    return story.verb("2026-04-09T22:30:00", "escalate")


def _rejected_later(story: Story) -> object:
    story.order(OPENED).partner("2026-04-08T12:00:00", to="rejected")
    return story.verb("2026-04-12T12:00:00", "escalate")


def _chargeback(story: Story) -> object:
    story.order(OPENED).payment("2026-03-08T12:00:00", "119.00")
    return story.chargeback("2026-03-20T12:00:00", f"{story.seller_id}-p-2", fee="3.50")


def _canceled_at_the_partner(story: Story) -> object:
    story.order(OPENED)
    story.call("2026-04-09T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")
    return story.partner("2026-04-12T12:00:00", to="Closed:NoPayment")


# What a workflow meets: timers, plans that come as signals, actions in each lane, decisions by
# local activities, an action that is not planned any more, an end and another beginning.
WAYS: Final[dict[str, Way]] = {
    "paid_scheduled": _paid("2026-03-04T12:00:00"),
    "paid_final_notice": _paid("2026-03-25T12:00:00"),
    "advance_notice": _advance_notice,
    "started": _started,
    "held": _held,
    "blocked_by_address": _blocked_by_address,
    "blocked_by_email": _blocked_by_email,
    "canceled": _canceled,
    "no_collection": _no_collection,
    "escalated": _escalated,
    "followed": _at_the_partner(),
    "rejected_later": _rejected_later,
    "canceled_at_the_partner": _canceled_at_the_partner,
    "chargeback_handed_over": _chargeback,
    "a_year_in_court": _at_the_partner(("2026-04-08", "accepted"), ("2026-04-20", "legal")),
}
UNTIL: Final = {"a_year_in_court": "2027-04-01"}
