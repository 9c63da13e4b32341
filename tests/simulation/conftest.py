from __future__ import annotations

import pytest

from tests.simulation.forecasts import Notes


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    """What is forecast of each case from now on."""
    return Notes(monkeypatch)
