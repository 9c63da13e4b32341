"""Which collection partner the worker speaks to is a setting."""

from __future__ import annotations

import os
from pathlib import Path

from adapters.partner.csv.partner import CsvPartner
from adapters.partner.debitura import DebituraPartner
from runtime.clock import SystemClock
from runtime.settings import Settings
from tests.adapters.claims import a_submission
from worker import partner_of


async def test_the_partner_is_the_one_with_the_api_unless_another_is_named(bare: Path) -> None:
    async with partner_of(Settings(), SystemClock()) as partner:
        assert isinstance(partner, DebituraPartner)


async def test_a_folder_alone_changes_nothing(bare: Path, tmp_path: Path) -> None:
    async with partner_of(Settings(partner_folder=tmp_path), SystemClock()) as partner:
        assert isinstance(partner, DebituraPartner)


async def test_a_partner_with_tables_writes_them_where_it_is_told(
    bare: Path, tmp_path: Path
) -> None:
    settings = Settings(partner="csv", partner_folder=tmp_path)

    async with partner_of(settings, SystemClock()) as partner:
        assert isinstance(partner, CsvPartner)
        await partner.submit(a_submission())

    assert any(name.startswith("claims-") for name in os.listdir(tmp_path))
