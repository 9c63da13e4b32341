"""The durable processes, and the queues on which they and their activities run."""

from typing import Final

CASES_QUEUE: Final = "dunning"
MAIL_QUEUE: Final = "mail"
PARTNER_QUEUE: Final = "partner"
WEBHOOKS_QUEUE: Final = "webhooks"
