"""A collection partner to try things out with: it speaks like Debitura, and collects nothing.

Served is Debitura's Customer API, v1, as far as the system speaks it. What its public documents
leave open, or what only a stand-in needs, is done so:

- An answer 200 or 422 is kept under its `Idempotency-Key`, an answer 400 is not. The bodies of
  two requests are the same if their bytes are. Divisions have the keys too.
- Two cases may have the same `creditorReference`, if they came under two keys; the older one is
  found by it.
- Field errors are `{"title", "status", "errors": {field: [message]}}`. Lists come with the oldest
  case first, and the names `Page` and `PageSize` may be written in any case.
- A debtor whose name contains `NoPartnerAvailable` or `MissingDebtCollectionContract` is refused
  with 422 and the business error of that name.
- Test mode drives every case, not only those with `isTest`: nothing is ever collected here. Only
  `DELETE /test/cases` keeps to those with `isTest`, and a webhook with `isTestMode` hears of those
  alone, one without it of the others.
- Webhooks may go to any address, also one on this machine and over plain HTTP. How they go wrong
  is chosen with `POST /test/webhooks/behavior`, which is the sandbox's own.
- The page at `/` needs no key: the sandbox is for local use.
"""

from sandbox.partner.app import create_partner_app
from sandbox.partner.book import UnreadableBook
from sandbox.partner.wire import BUSINESS_ERRORS

__all__ = ["BUSINESS_ERRORS", "UnreadableBook", "create_partner_app"]
