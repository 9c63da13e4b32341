"""Activities that write to an outbox instead of a mail server."""

from __future__ import annotations

import pytest

from activities.notices import NoticeActivities
from activities.seller_mails import SellerMailActivities
from runtime.database import Database
from tests.outbox import MAIL_FROM, Outbox


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def notices(database: Database, outbox: Outbox) -> NoticeActivities:
    return NoticeActivities(database, outbox, mail_from=MAIL_FROM)


@pytest.fixture
def mails(database: Database, outbox: Outbox) -> SellerMailActivities:
    return SellerMailActivities(database, outbox, mail_from=MAIL_FROM)
