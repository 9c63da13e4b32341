"""Where each kind of activity runs, how long it may take and how it is retried.

The sweep is tried once, the mail with a sign-in link for 15 minutes. All others are tried until
what is down answers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from workflows import MAIL_QUEUE, PARTNER_QUEUE


class ActionOptions(TypedDict):
    task_queue: str
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


class SignInOptions(TypedDict):
    task_queue: str
    schedule_to_close_timeout: timedelta
    start_to_close_timeout: timedelta


class DecisionOptions(TypedDict):
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class SweepOptions(TypedDict):
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


class LongOptions(TypedDict):
    task_queue: str
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


class WebhookOptions(TypedDict):
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


def _action(queue: str, *, attempt: timedelta, pause: timedelta) -> ActionOptions:
    return ActionOptions(
        task_queue=queue,
        start_to_close_timeout=attempt,
        # Another worker takes over from a killed one within half a minute.
        heartbeat_timeout=timedelta(seconds=20),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=5), backoff_coefficient=2, maximum_interval=pause
        ),
        # Wait for the running attempt, so that its outcome is known.
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


def without_heartbeat(how: ActionOptions) -> ActionOptions:
    """Return these options without a limit on the time between heartbeats."""
    quiet = how.copy()
    quiet["heartbeat_timeout"] = None
    return quiet


MAIL: Final = _action(MAIL_QUEUE, attempt=timedelta(minutes=2), pause=timedelta(hours=1))
PARTNER: Final = _action(PARTNER_QUEUE, attempt=timedelta(minutes=5), pause=timedelta(hours=6))
SIGN_IN: Final = SignInOptions(
    task_queue=MAIL_QUEUE,
    schedule_to_close_timeout=timedelta(minutes=15),
    start_to_close_timeout=timedelta(minutes=1),
)
DECISION: Final = DecisionOptions(
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)
    ),
)
SUMMARIES: Final = LongOptions(
    task_queue=MAIL_QUEUE,
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=5), maximum_interval=timedelta(hours=1)
    ),
)
# The Schedule soon starts the next sweep, which does what a failed one left.
SWEEP: Final = SweepOptions(
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
# One attempt compares all open claims.
PROOF: Final = LongOptions(
    task_queue=PARTNER_QUEUE,
    start_to_close_timeout=timedelta(hours=6),
    heartbeat_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(hours=1)),
)
# This does not limit the tries of a message: their moments are in SQL.
WEBHOOKS: Final = WebhookOptions(
    start_to_close_timeout=timedelta(minutes=2),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)
    ),
)
