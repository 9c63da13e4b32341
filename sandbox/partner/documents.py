"""The agency's data as documents of the partner's API, without absent fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.partner.answers import present
from sandbox.partner.claims import (
    Attachment,
    Claim,
    CloseCode,
    Dispatch,
    Json,
    Lifecycle,
    Message,
    Payment,
    Phase,
    Webhook,
)
from sandbox.partner.wire import Paging

# Fees that an agency may add to a claim; the sandbox adds none.
_FEES: Final = ("interestFees", "reminderFees", "collectionFees", "totalAddedFees")
_CREDITOR_ROLE: Final = 1


def case(claim: Claim) -> Json:
    return present(
        id=claim.claim_id,
        reference=claim.number,
        creditorReference=claim.reference or None,
        creditorDivisionId=claim.sent.get("creditorDivisionId"),
        claimDescription=claim.sent.get("claimDescription"),
        creditorComments=claim.sent.get("comments"),
        dateCreated=claim.at,
        # The first entry is the creation, which is no update.
        dateUpdated=claim.timeline[-1].at if claim.timeline[1:] else None,
        date=claim.invoice_date,
        dueDate=claim.due_date,
        grossAmount=claim.sent["amountToRecover"],
        remainder=claim.remainder,
        **dict.fromkeys(_FEES, 0),
        currency=claim.currency,
        isTestCase=claim.is_test,
        lifecycle=claim.lifecycle,
        dateCollectionStarted=claim.started_at,
        dateFinished=claim.finished_at,
        closeCode=claim.close_code,
        disputeStatus=_dispute_status(claim.is_disputed),
        debtor=claim.sent["debtor"],
    )


def state(claim: Claim) -> str:
    """Return the state of a case in the words of test mode."""
    match claim.lifecycle:
        case Lifecycle.CLOSED if claim.close_code is CloseCode.NO_PAYMENT:
            return "Closed:NoPayment"
        case Lifecycle.CLOSED:
            return f"Closed:{claim.close_code}"
        case Lifecycle.ACTIVE if claim.phase is Phase.LEGAL:
            return "Legal"
        case other:
            return other


def timeline(claim: Claim) -> Json:
    items = [
        {
            "date": entry.at,
            "type": entry.type,
            "title": entry.title,
            "description": entry.description,
            "actor": {"type": entry.actor},
        }
        for entry in claim.timeline
    ]
    return {"items": items, "currentEngagementPhase": claim.phase}


def payment(claim: Claim, got: Payment) -> Json:
    return {
        "id": got.payment_id,
        "dateCreated": got.at,
        "dateUpdated": got.at,
        "date": got.at,
        "grossAmount": got.amount,
        "recipient": "CollectionPartner",
        "method": "BankTransfer",
        "currency": claim.currency,
        "invoice": {
            "status": claim.lifecycle,
            "reference": claim.number,
            "invoiceId": claim.claim_id,
        },
    }


def file(claim: Claim, attachment: Attachment) -> Json:
    return present(
        id=attachment.file_id,
        dateCreated=attachment.at,
        dateUpdated=attachment.at,
        caseId=claim.claim_id,
        fileName=attachment.name,
        description=attachment.description,
        documentType=attachment.document_type,
    )


def chat(message: Message) -> Json:
    return present(
        id=message.message_id,
        dateCreated=message.at,
        role=_CREDITOR_ROLE,
        roleLabel="Creditor",
        message=message.text,
        isSeen=False,
        user=None if message.sender is None else {"email": message.sender},
    )


def webhook(hook: Webhook, *, with_secret: bool = False) -> Json:
    return present(
        id=hook.webhook_id,
        url=hook.url,
        events=hook.events,
        isActive=True,
        isTestMode=hook.is_test_mode,
        createdUtc=hook.at,
        updatedUtc=hook.at,
        secret=hook.secret if with_secret else None,
    )


def event(dispatch: Dispatch) -> Json:
    return present(
        id=dispatch.dispatch_id,
        subscriptionId=dispatch.webhook_id,
        caseId=dispatch.claim_id,
        eventType=dispatch.type,
        payload=dispatch.payload,
        createdAt=dispatch.at,
        deliveredAt=dispatch.delivered_at,
        attemptCount=dispatch.attempts,
        lastResponseCode=dispatch.last_status,
        lastError=dispatch.last_error,
    )


def page(name: str, shown: Sequence[Json], paging: Paging, total: int) -> Json:
    """Return a page of a list of `total` things, with the partner's fields about pages."""
    about = {
        "totalResults": total,
        "pageSize": paging.size,
        "currentPage": paging.number,
        "responseCount": len(shown),
        "totalPages": -(-total // paging.size),
    }
    return {"page": about, name: shown}


def _dispute_status(is_disputed: bool | None) -> str | None:
    if is_disputed is None:
        return None
    return "Yes, the claim is disputed" if is_disputed else "No, the claim is not disputed"
