from __future__ import annotations

import pytest

from tests.simulation.forecasts import Notes


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    """Notes the forecasts of all cases from now on."""
    return Notes(monkeypatch)
