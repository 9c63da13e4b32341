"""When the invoice notices of cases arrived, by the files that `dunning up` keeps of its mails."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Final

_PAUSE_SECONDS: Final = 0.5
_TIMEOUT_SECONDS: Final = 120


class Mailbox:
    """The folder of the mails, each of which is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[Path] = set()
        self._invoice_notices: dict[str, datetime] = {}

    async def arrivals(self, case_ids: Collection[str]) -> dict[str, datetime]:
        """When the invoice notices of these cases arrived, once all are there.

        Those that do not come while nothing else comes either are missing.
        """
        waited, before = 0.0, -1
        while True:
            self._look()
            found = self._invoice_notices.keys() & set(case_ids)
            if len(found) == len(case_ids) or waited > _TIMEOUT_SECONDS:
                return {case_id: self._invoice_notices[case_id] for case_id in found}
            waited = waited + _PAUSE_SECONDS if len(self._read) == before else 0.0
            before = len(self._read)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _look(self) -> None:
        for path in set(self._folder.glob("*.eml")) - self._read:
            self._read.add(path)
            message_id = str(message_from_bytes(path.read_bytes())["Message-ID"])
            case_id, *_, kind = message_id.strip("<>").split("@")[0].split(".")
            if kind == "invoice_notice":
                arrived_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                self._invoice_notices.setdefault(case_id, arrived_at)
