"""A case: the collection of one receivable.

    scheduled -> reminded -> first_notice -> final_notice -> [awaiting_approval] -> handed_over
    ends: paid | settled | stopped | canceled | recovered | uncollectible

`DunningCase` in `state` holds all that is known about a case. It is frozen; its stage is derived.
The other modules are functions over it, with the values that they take and return. Read them in
this order:

    state            what is known, and the stage that follows from it
    beginning        a new case
    planning         what the case does next, in each lane, and when
    waiting          for whom it waits
    inputs           the ledger, the settings and the customer, as far as they decide about a case
    update           bringing a case up to them
    facts            what happened: payments, chargebacks, cancellation; noted and never refused
    notices          sending a notice, from the attempt to the answer
    handoff          who decides to hand over, and what the partner answered
    claims           the claim at the partner, until it is closed
    requests         what people ask for: done, or refused with a reason
    seller_mails     the mails that the seller gets, each once
    overdue          how long something has been open, and the last payment that came back
    forecast         what comes if nobody acts, each day with its reason
    forecast_groups  the same for many similar cases at a time
    plan             what of all that its workflow is told

No clock, no database, no Temporal: time is an argument.
"""
