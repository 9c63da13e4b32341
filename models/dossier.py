"""Everything that a deed reads about its case, at the moment at which it is done (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.address import Address
from dunning.case import DunningCase
from dunning.deeds import Facts
from dunning.money import Money
from dunning.settings import no_handoff_before
from models.casebook import case_of, facts_of
from models.joins import whole_cases
from models.seller import SellerProfile, SellerSettings
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow


@dataclass(frozen=True)
class Dossier:
    """A case with its people, its order and its books."""

    row: CaseRow
    case: DunningCase
    profile: SellerProfile
    settings: SellerSettings
    no_handoff_before: datetime | None
    customer: CustomerRow
    order: OrderRow
    receivable: ReceivableRow
    receivables: tuple[ReceivableRow, ...]
    facts: Facts

    @property
    def address(self) -> Address | None:
        given = self.customer.address
        return Address.model_validate(given) if given is not None else None

    @property
    def address_complete(self) -> bool:
        return not self.customer.missing

    @property
    def customer_name(self) -> str:
        return name_of(self.customer)

    def money(self, receivable: ReceivableRow) -> Money:
        return Money(amount=receivable.open_amount, currency=receivable.currency)


def name_of(customer: CustomerRow) -> str:
    """The name to write to: the person's, else the company's."""
    person = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return person or customer.company or ""


def country_of(customer: CustomerRow) -> str | None:
    country: str | None = (customer.address or {}).get("country")
    return country


async def load_dossier(session: AsyncSession, case_id: str) -> Dossier:
    query = whole_cases().where(CaseRow.case_id == case_id)
    row, receivable, order, customer = (await session.exec(query)).one()
    seller = await session.get_one(SellerRow, row.seller_id)
    case = case_of(row)
    profile = SellerProfile.model_validate(seller.profile)
    return Dossier(
        row=row,
        case=case,
        profile=profile,
        settings=SellerSettings.model_validate(seller.settings),
        no_handoff_before=no_handoff_before(
            asked_at=seller.settings_asked_at,
            answered_at=seller.settings_answered_at,
            time_zone=profile.time_zone,
        ),
        customer=customer,
        order=order,
        receivable=receivable,
        receivables=await _parts_of(session, order, receivable),
        facts=await _news(session, case, receivable, order),
    )


async def _parts_of(
    session: AsyncSession, order: OrderRow, receivable: ReceivableRow
) -> tuple[ReceivableRow, ...]:
    """All receivables of an order, the one due first at the head."""
    if order.parts == 1:
        return (receivable,)
    query = (
        select(ReceivableRow)
        .where(ReceivableRow.seller_id == order.seller_id, ReceivableRow.order_id == order.order_id)
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    return tuple(await session.exec(query))


async def _news(
    session: AsyncSession, case: DunningCase, receivable: ReceivableRow, order: OrderRow
) -> Facts:
    """What the books have and the case has not heard of yet; mostly nothing."""
    if case.open_amount.amount == receivable.open_amount:
        return Facts(order_canceled_at=order.canceled_at, claims_go_on=order.canceled_for_claim)
    return await facts_of(session, receivable, order)
