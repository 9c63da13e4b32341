"""A case with everything that decides about it, read at one moment (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from dunning.addresses.address import Address
from dunning.case.inputs import CaseInputs
from dunning.case.state import DunningCase
from dunning.contact_limits import contact_limit
from dunning.money import Money
from dunning.movements import LedgerFacts
from models.contacts import last_messages
from models.customers import address_of, name_of
from models.inputs import CustomerContact, inputs_of
from models.joins import whole_cases
from models.ledger_facts import facts_of
from models.locks import LOCKED
from models.seller import SellerProfile, SellerSettings
from models.tables import CaseRow, CustomerRow, OrderRow, ReceivableRow, SellerRow
from models.terms import SellerAt, country_of_law


@dataclass(frozen=True)
class CaseSnapshot:
    """A case with its people, its order and its ledger.

    `receivables` are those of the whole order, the earliest due first. `facts` have no money if the
    case knows all that the ledger has. `messages` are the last ones to the customer, if the law
    limits their number (R9).
    """

    row: CaseRow
    case: DunningCase
    seller: SellerAt
    customer: CustomerRow
    order: OrderRow
    receivable: ReceivableRow
    receivables: tuple[ReceivableRow, ...]
    facts: LedgerFacts
    messages: tuple[datetime, ...] = ()

    @property
    def profile(self) -> SellerProfile:
        return self.seller.profile

    @property
    def settings(self) -> SellerSettings:
        return self.seller.settings

    @property
    def address(self) -> Address | None:
        return address_of(self.customer)

    @property
    def customer_name(self) -> str:
        return name_of(self.customer)

    def open_amount_of(self, receivable: ReceivableRow) -> Money:
        return Money(amount=receivable.open_amount, currency=receivable.currency)

    def inputs(self, at: datetime) -> CaseInputs:
        """Return what the rules need beside the case at a moment."""
        return inputs_of(
            self.seller._replace(now=at),
            CustomerContact(
                self.address, tuple(self.customer.missing), self.customer.email_version
            ),
            due_date=self.receivable.due_date,
            messages=self.messages,
            facts=self.facts,
        )


def case_of(row: CaseRow) -> DunningCase:
    return DunningCase.model_validate(row.state)


async def load_snapshot(
    session: AsyncSession, case_id: str, *, locked: bool = False
) -> CaseSnapshot:
    """Read a case; `locked` if the caller has locked its order and will change the case."""
    query = whole_cases().where(CaseRow.case_id == case_id)
    if locked:
        query = query.with_for_update(of=CaseRow, **LOCKED)
    # Rows that the session read before the lock may be stale.
    fresh = await session.exec(query, execution_options={"populate_existing": locked})
    row, receivable, order, customer = fresh.one()
    seller = await session.get_one(SellerRow, row.seller_id, populate_existing=locked)
    case = case_of(row)
    seller_at = SellerAt.of(seller, row.updated_at)
    return CaseSnapshot(
        row=row,
        case=case,
        seller=seller_at,
        customer=customer,
        order=order,
        receivable=receivable,
        receivables=await _parts_of(session, order, receivable),
        facts=await _ledger_if_new(session, row, case, receivable, order),
        messages=await messages_before(session, row, customer, seller_at.profile),
    )


async def messages_before(
    session: AsyncSession, row: CaseRow, customer: CustomerRow, profile: SellerProfile
) -> tuple[datetime, ...]:
    """Return the last messages to the customer of a case; none where no law limits them (R9)."""
    limit = contact_limit(country_of_law(address_of(customer), profile))
    if limit is None:
        return ()
    return await last_messages(
        session, row.seller_id, row.customer_id, except_case=row.case_id, count=limit.messages
    )


async def _parts_of(
    session: AsyncSession, order: OrderRow, receivable: ReceivableRow
) -> tuple[ReceivableRow, ...]:
    if order.parts == 1:
        return (receivable,)
    query = (
        select(ReceivableRow)
        .where(ReceivableRow.seller_id == order.seller_id, ReceivableRow.order_id == order.order_id)
        .order_by(col(ReceivableRow.due_date), col(ReceivableRow.installment))
    )
    return tuple(await session.exec(query))


async def _ledger_if_new(
    session: AsyncSession,
    row: CaseRow,
    case: DunningCase,
    receivable: ReceivableRow,
    order: OrderRow,
) -> LedgerFacts:
    """Return the ledger's payments and chargebacks if the case may lack some; otherwise none.

    It may lack some if it is marked (`mark_behind`) or its open amount differs from the ledger's.
    """
    if not row.is_behind and case.open_amount.amount == receivable.open_amount:
        return LedgerFacts(
            order_canceled_at=order.canceled_at,
            order_cancel_reason=order.cancel_reason,
            claims_go_on=order.canceled_for_claim,
            tells_of_cancellation=order.cancellation_teller == row.case_id,
        )
    return await facts_of(session, receivable, order)
