"""The collection partner Debitura, over its Customer API, v1.

The only package that knows this wire format. It does not retry: whoever calls does.
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
