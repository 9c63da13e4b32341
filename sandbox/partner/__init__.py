"""A collection partner to try things out with: it speaks like Debitura, and collects nothing.

Served is Debitura's Customer API, v1, as far as the system speaks it, with the shapes of its
published contract. What that leaves open, or what only a stand-in needs, is done so:

- An answer 200 or 422 is kept under its `Idempotency-Key`, an answer 400 is not. The bodies of
  two requests are the same if their bytes are. Divisions have the keys too.
- Two cases may have the same `creditorReference`, if they came under two keys; the older one is
  found by it.
- Lists have the oldest first. Names in queries and forms may be in any case, as `PageSize` and
  `pageSize`. A field of a body that the contract does not have is refused, so that slips are
  noticed.
- A debtor whose name contains `NoPartnerAvailable` or `MissingDebtCollectionContract` is refused
  with 422 and the business error of that name.
- A division needs no `city`, and a message nobody who writes it; the real service wants both.
- Test mode drives every case, not only those with `isTest`: nothing is ever collected here. Only
  `DELETE /test/cases` keeps to those with `isTest`, and a webhook with `isTestMode` hears of those
  alone, one without it of the others. `advance` knows more states: `Legal`, and `Closed:` with
  any close code.
- Webhooks may go to any address, also one on this machine and over plain HTTP. They are signed by
  Standard Webhooks. How they go wrong is chosen with `POST /test/webhooks/behavior`, and that a
  debtor disputes with `POST /test/cases/{id}/dispute`: both are the sandbox's own.
- The page at `/` needs no key: the sandbox is for local use.
"""

from sandbox.partner.app import create_partner_app
from sandbox.partner.event_log import UnreadableEventLog
from sandbox.partner.wire import BUSINESS_ERRORS

__all__ = ["BUSINESS_ERRORS", "UnreadableEventLog", "create_partner_app"]
