"""The port is free of any one partner's words: they stay in its adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CODE: Final = (
    *("activities", "adapters", "bench", "commands", "dunning", "migrations", "models"),
    *("runtime", "simulation", "starter", "workflows", "worker.py"),
)
WIRE: Final = (
    *("creditorReference", "creditorDivisionId", "closeCode", "grossAmount", "amountToRecover"),
    *("claimDescription", "countryAlpha2", "disputeStatus", "dateCollectionStarted"),
    *("dateFinished", "currentEngagementPhase", "businessErrors", "companyName", "caseId"),
    *("IdempotencyConflict", "NoPartnerAvailable", "Pre-legal", "PartiallyPaid"),
    *("WithdrawnByClient", "DebtorInsolventBankrupt", "PreLegalExhausted", "XApiKey"),
    *("DemandLetter", "OriginalInvoice", "by-creditor-reference"),
)
# Where the parts are put together.
ROOTS: Final = {
    *("worker.py", "simulation/building.py", "commands/checks/outside.py", "commands/partner.py"),
}
# It has the sandbox refuse something.
PLAYS_THE_AGENCY: Final = "simulation/sample.py"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def files() -> list[Path]:
    found = []
    for name in CODE:
        path = ROOT / name
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    elsewhere = ("adapters/partner/debitura", PLAYS_THE_AGENCY)
    return [path for path in found if not name_of(path).startswith(elsewhere)]


@pytest.mark.parametrize("word", WIRE)
def test_no_word_of_the_wire_is_elsewhere(word: str) -> None:
    assert [name_of(path) for path in files() if word in path.read_text(encoding="utf-8")] == []


def test_the_partner_is_named_only_where_the_parts_are_put_together() -> None:
    named = {name_of(path) for path in files() if "Debitura" in path.read_text(encoding="utf-8")}

    assert named <= ROOTS


def test_the_words_are_those_of_the_wire() -> None:
    spoken = [*(ROOT / "adapters/partner/debitura").glob("*.py"), *(ROOT / "sandbox").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in spoken)

    assert [word for word in WIRE if word not in text] == []
