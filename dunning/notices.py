"""The messages of a case, by kind: what the customer gets, and what the seller is told."""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """One message to the customer that belongs to a case (R2 to R6, R29)."""

    INVOICE_NOTICE = "invoice_notice"
    ADVANCE_NOTICE = "advance_notice"
    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    CANCELLATION_NOTICE = "cancellation_notice"


class SellerTold(StrEnum):
    """What a mail to the seller is about."""

    ADDRESS_INCOMPLETE = "address_incomplete"
    MAIL_UNDELIVERABLE = "mail_undeliverable"
    APPROVAL_WANTED = "approval_wanted"
    CLAIM_REJECTED = "claim_rejected"
    SETTINGS_WANTED = "settings_wanted"
    DEFAULTS_APPLIED = "defaults_applied"
    HANDED_OVER = "handed_over"
    CHARGEBACK = "chargeback"
    CASE_CLOSED = "case_closed"
    STATEMENT_OLD = "statement_old"


class AccessMail(StrEnum):
    """A mail to the seller that is about no case."""

    SIGN_IN = "sign_in"
