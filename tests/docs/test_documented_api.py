"""No call, field, status or reason of the API disappears or changes without being meant to."""

from __future__ import annotations

import json

from tests.docs.documented_api import FILE, as_json, documented_api


def test_the_api_documents_what_programs_rely_on() -> None:
    """If a change is meant: `python -m tests.docs.documented_api` records it."""
    recorded = json.loads(FILE.read_text(encoding="utf-8"))

    assert json.loads(as_json(documented_api())) == recorded
