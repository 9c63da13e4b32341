"""Every way in which a case can go, each as a scenario of one order `A-1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.stories import BERLIN_ADDRESS, Story

Way = Callable[[Story], object]
OPENED: Final = "2026-03-02T09:15:00"
_PAID: Final = {
    "paid_scheduled": "2026-03-04T12:00:00",
    "paid_reminded": "2026-03-08T12:00:00",
    "paid_first_notice": "2026-03-14T12:00:00",
    "paid_final_notice": "2026-03-25T12:00:00",
}
_NO_NUMBER: Final = BERLIN_ADDRESS | {"street": "Hauptstr."}


def _paid(at: str) -> Way:
    return lambda story: story.order(OPENED).payment(at, "119.00")


def _manual(story: Story) -> Story:
    return story.settings("2026-03-02T08:01:00", auto_handoff=False).order(OPENED)


def _partly_paid(story: Story) -> object:
    story.order(OPENED).payment("2026-03-04T12:00:00", "19.00")
    story.call(
        "2026-03-06T12:00:00",
        "POST",
        f"/v1/payments/{story.seller_id}-p-2/chargebacks",
        {"chargeback_id": f"{story.seller_id}-b", "occurred_at": "2026-03-06T10:00:00+00:00"},
    )
    return story.payment("2026-03-13T12:00:00", "119.00")


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
    return story.call("2026-03-20T11:00:00", "PATCH", path, {"address": BERLIN_ADDRESS})


def _blocked_by_email(story: Story) -> object:
    story.order(OPENED, customer={"email": "bounce+550@example.org"})
    path = "/v1/customers/{seller}/c-A-1"
    return story.call("2026-03-10T11:00:00", "PATCH", path, {"email": "ada@example.org"})


def _no_collection(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", dunning_option="no_collection")
    return story.order(OPENED)


def _cancellation(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    return story.order(OPENED, cancellation_costs="15.00")


def _canceled(story: Story) -> object:
    return story.order(OPENED).call("2026-03-09T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")


def _canceled_after_stop(story: Story) -> object:
    story.order(OPENED).verb("2026-03-08T12:00:00", "stop")
    return story.call("2026-03-09T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")


def _rejected(story: Story) -> object:
    return story.order(OPENED, customer={"last_name": "NoPartnerAvailable"})


def _at_the_partner(*deeds: tuple[str, str]) -> Way:
    """What the partner does after the first of April, each on a day at noon."""

    def way(story: Story) -> object:
        story.order(OPENED)
        for day, to in deeds:
            story.partner(f"{day}T12:00:00", to=to)
        return story

    return way


def _paid_early(story: Story) -> Story:
    return story.order(OPENED).payment("2026-03-08T12:00:00", "119.00")


def _charged_back(story: Story, at: str) -> Story:
    payment_id = f"{story.seller_id}-p-{len(story.calls) - 1}"
    path = f"/v1/payments/{payment_id}/chargebacks"
    back = {"chargeback_id": f"{story.seller_id}-b", "occurred_at": f"{at}+00:00"}
    return story.call(at, "POST", path, back | {"fee": "3.50"})


def _chargeback(**settings: object) -> Way:
    def way(story: Story) -> object:
        story.settings("2026-03-02T08:01:00", **settings)
        return _charged_back(_paid_early(story), "2026-03-20T12:00:00")

    return way


def _settled_and_charged_back(story: Story) -> object:
    story.order(OPENED).payment("2026-04-12T12:00:00", "119.00")
    return _charged_back(story, "2026-04-20T12:00:00")


def _canceled_at_the_partner(story: Story) -> object:
    story.order(OPENED)
    story.call("2026-04-09T12:00:00", "POST", "/v1/orders/{seller}/A-1/cancel")
    return story.partner("2026-04-12T12:00:00", to="Closed:NoPayment")


def _costs_reported(story: Story) -> object:
    story.settings("2026-03-02T08:01:00", dunning_option="cancellation")
    return story.order(OPENED, cancellation_costs="15.00").payment("2026-04-20T12:00:00", "34.00")


# Recorded since cases live on after the handoff.
AFTER_THE_HANDOFF: Final[dict[str, Way]] = {
    "followed": _at_the_partner(),
    "accepted": _at_the_partner(("2026-04-08", "accepted")),
    "in_court": _at_the_partner(("2026-04-08", "accepted"), ("2026-04-20", "legal")),
    "recovered": _at_the_partner(("2026-04-08", "accepted"), ("2026-04-20", "Closed:Paid")),
    "uncollectible": _at_the_partner(("2026-04-20", "Closed:NoPayment")),
    "partly_paid_there": _at_the_partner(("2026-04-20", "Closed:PartiallyPaid")),
    "rejected_later": lambda story: (
        story.order(OPENED)
        .partner("2026-04-08T12:00:00", to="rejected")
        .verb("2026-04-12T12:00:00", "escalate")
    ),
    "withdrawn": lambda story: (
        story.order(OPENED)
        .verb("2026-04-08T12:00:00", "withdraw")
        .partner("2026-04-12T12:00:00", to="Closed:WithdrawnByClient")
    ),
    "canceled_at_the_partner": _canceled_at_the_partner,
    "settled_and_told": lambda story: story.order(OPENED).payment("2026-04-12T12:00:00", "119.00"),
    "partly_settled": lambda story: story.order(OPENED).payment("2026-04-12T12:00:00", "19.00"),
    "costs_reported": _costs_reported,
    "settled_and_charged_back": _settled_and_charged_back,
    "chargeback_handed_over": _chargeback(auto_handoff=True),
    "chargeback_waits": _chargeback(auto_chargeback_handoff=False),
    "chargeback_begins_anew": _chargeback(dunning_option="no_collection"),
    "a_year_in_court": _at_the_partner(("2026-04-08", "accepted"), ("2026-04-20", "legal")),
}
UNTIL: Final = {"a_year_in_court": "2027-04-01"}

BEFORE: Final[dict[str, Way]] = {
    **{name: _paid(at) for name, at in _PAID.items()},
    "paid_after_chargeback": _partly_paid,
    "paid_after_stop": lambda story: (
        story.order(OPENED)
        .verb("2026-03-08T12:00:00", "stop")
        .payment("2026-03-20T12:00:00", "119.00")
    ),
    "paid_awaiting_approval": lambda story: _manual(story).payment("2026-04-05T12:00:00", "119.00"),
    "advance_notice": _advance_notice,
    "stopped": lambda story: story.order(OPENED).verb("2026-03-08T12:00:00", "stop"),
    "started": lambda story: (
        story.order(OPENED).verb("2026-03-08T12:00:00", "stop").verb("2026-03-30T12:00:00", "start")
    ),
    "held": _held,
    "blocked_by_address": _blocked_by_address,
    "blocked_by_email": _blocked_by_email,
    "canceled": _canceled,
    "canceled_after_stop": _canceled_after_stop,
    "no_collection": _no_collection,
    "cancellation": _cancellation,
    "awaiting_approval": _manual,
    "escalated": lambda story: (
        _manual(story)
        .verb("2026-03-10T09:00:00", "escalate")
        .verb("2026-04-09T22:30:00", "escalate")
    ),
    "rejected": _rejected,
    "handed_over": lambda story: story.order(OPENED),
    "settled": lambda story: story.order(OPENED).payment("2026-04-12T12:00:00", "119.00"),
}
WAYS: Final = BEFORE | AFTER_THE_HANDOFF
