"""A case: the collection of one receivable.

    scheduled -> reminded -> first_notice -> final_notice -> [awaiting_approval] -> handed_over
    ends: paid | settled | stopped | canceled | recovered | uncollectible

`DunningCase` in `state` is all that is known about a case; it is frozen, and its stage is derived.
The other modules are functions over it, here in the order in which one reads them:

    state         what is known, and the stage that follows from it
    beginning     a new case
    planning      what the case does next, in each lane, and when
    plan          what of that its workflow is told
    current       the ledger, the settings and the customer, as far as they decide about a case
    update        bringing a case up to them
    facts         what happened: payments, chargebacks, cancellation; noted and never refused
    notices       sending a notice, from the attempt to the answer
    handoff       who hands over, and what the partner answered
    claims        the claim at the partner, until it is closed
    requests      what people ask for: done, or refused with a reason
    seller_mails  what the seller is told, each once
    overdue       how long something has been open, and money that came and went back

No clock, no database, no Temporal: time is an argument.
"""
