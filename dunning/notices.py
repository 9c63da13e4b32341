"""The messages of a case, by kind: those to the customer and those to the seller."""

from __future__ import annotations

from enum import StrEnum


class NoticeKind(StrEnum):
    """The kinds of message to the customer that belong to a case (R2 to R6, R29)."""

    INVOICE_NOTICE = "invoice_notice"
    ADVANCE_NOTICE = "advance_notice"
    PAYMENT_REMINDER = "payment_reminder"
    FIRST_NOTICE = "first_notice"
    FINAL_NOTICE = "final_notice"
    CANCELLATION_NOTICE = "cancellation_notice"


class SellerMailKind(StrEnum):
    """The kinds of mail that a seller gets about a case."""

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
    """The kinds of mail to the seller that belong to no case."""

    SIGN_IN = "sign_in"
