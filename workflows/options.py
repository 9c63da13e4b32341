"""Where each kind of activity runs, how long it may take and how often it is tried.

No number of attempts is a limit: what is down is tried until it answers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from workflows import CASES_QUEUE, MAIL_QUEUE, PARTNER_QUEUE


class DeedOptions(TypedDict):
    task_queue: str
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


class RecordOptions(TypedDict):
    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class LeftoverOptions(TypedDict):
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


def _deed(queue: str, *, attempt: timedelta, pause: timedelta) -> DeedOptions:
    return DeedOptions(
        task_queue=queue,
        start_to_close_timeout=attempt,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=5), backoff_coefficient=2, maximum_interval=pause
        ),
        # A running attempt is waited for, so that the case knows what it did.
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


MAIL: Final = _deed(MAIL_QUEUE, attempt=timedelta(minutes=2), pause=timedelta(hours=1))
PARTNER: Final = _deed(PARTNER_QUEUE, attempt=timedelta(minutes=5), pause=timedelta(hours=6))
ORDERS: Final = _deed(CASES_QUEUE, attempt=timedelta(minutes=1), pause=timedelta(minutes=5))
RECORD: Final = RecordOptions(
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
# The Schedule comes again soon: a sweep that fails is left to the next one.
LEFTOVERS: Final = LeftoverOptions(
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(maximum_attempts=1),
)
# Until the next one is due.
PROOF: Final = LongOptions(
    task_queue=PARTNER_QUEUE,
    start_to_close_timeout=timedelta(hours=6),
    heartbeat_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(hours=1)),
)
# How often a message is tried is not said here: its moments stand in SQL.
WEBHOOKS: Final = WebhookOptions(
    start_to_close_timeout=timedelta(minutes=2),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)
    ),
)
