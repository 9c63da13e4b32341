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


WAYS: Final[dict[str, Way]] = {
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
