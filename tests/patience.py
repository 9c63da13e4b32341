"""How long a test waits for an event that has to come.

Nothing is measured by it: a test that waits for it to pass fails anyway. It is so long because
the machine may be busy with other work.
"""

from __future__ import annotations

from typing import Final

PATIENCE_SECONDS: Final = 300
