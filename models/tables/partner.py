"""The tables of the collection partner's events, and of the daily proof's differences."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import UtcDateTime


class PartnerEventRow(SQLModel, table=True):
    """An event of the partner that has arrived; if it arrives again, it is known."""

    __tablename__ = "partner_events"

    event_id: str = Field(primary_key=True)
    reference: str = Field(foreign_key="claims.reference")
    kind: str
    received_at: datetime = Field(sa_type=UtcDateTime)


class ClaimDifferenceRow(SQLModel, table=True):
    """A field of a claim that differs between the partner and us, from when to when."""

    __tablename__ = "claim_differences"

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(foreign_key="claims.reference", index=True)
    field: str
    ours: str
    theirs: str
    found_at: datetime = Field(sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
