"""How many examples a property is tried with: few in each run, more on purpose.

`DUNNING_TEST_THOROUGH=10` tries each property with ten times as many, and tells the stories of
workflows on PostgreSQL, too.
"""

from __future__ import annotations

import os
from typing import Final

_TIMES: Final = int(os.environ.get("DUNNING_TEST_THOROUGH", "1"))
IS_THOROUGH: Final = _TIMES > 1


def many(count: int) -> int:
    return count * _TIMES
