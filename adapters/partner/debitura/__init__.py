"""The collection partner Debitura, over its Customer API, v1.

No other package knows this wire format. It does not retry; its callers do.
"""

from adapters.partner.debitura.api import connect_partner
from adapters.partner.debitura.partner import DebituraPartner
from adapters.partner.debitura.webhooks import (
    DebituraWebhooks,
    Subscription,
    event_reader,
    verify_webhook,
)

__all__ = [
    "DebituraPartner",
    "DebituraWebhooks",
    "Subscription",
    "connect_partner",
    "event_reader",
    "verify_webhook",
]
