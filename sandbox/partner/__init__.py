"""A stand-in for the collection partner: it has Debitura's API, and collects nothing.

It serves the part of Debitura's Customer API, v1, that the system uses, with the shapes of its
published contract. It fills the gaps of the contract, and the needs of a stand-in, like this:

- An answer 200 or 422 is kept under its `Idempotency-Key`, an answer 400 is not. Two requests are
  the same if the bytes of their bodies are. Divisions have such keys too.
- Two cases may have the same `creditorReference`, if they came under two keys; a search by the
  reference finds the older one.
- Lists have the oldest first. Names in queries and forms may be in any case, such as `PageSize`
  and `pageSize`. A field of a body that the contract does not have is refused, so that mistakes
  are noticed.
- A debtor whose name contains `NoPartnerAvailable` or `MissingDebtCollectionContract` is refused
  with 422 and the business error of that name.
- A division needs no `city`, and a message no writer; the real service requires both.
- The calls of test mode work for every case, not only for those with `isTest`, because nothing is
  collected here. Only `DELETE /test/cases` is limited to cases with `isTest`. A webhook with
  `isTestMode` gets the events of these cases only, one without it those of the others. `advance`
  has more states: `Legal`, and `Closed:` with any close code.
- Webhooks may go to any address, also one on this machine and over plain HTTP. They are signed by
  Standard Webhooks. Two calls exist only here: `POST /test/webhooks/behavior` chooses how webhooks
  go wrong, and `POST /test/cases/{id}/dispute` says whether the debtor disputes a claim.
- The page at `/` needs no key: the sandbox is for local use.
"""

from sandbox.partner.app import create_partner_app
from sandbox.partner.event_log import UnreadableEventLog
from sandbox.partner.wire import BUSINESS_ERRORS

__all__ = ["BUSINESS_ERRORS", "UnreadableEventLog", "create_partner_app"]
