"""How many examples a property is tried with: few in each run, more on purpose.

`DUNNING_TEST_THOROUGH=10` tries each property with ten times as many, and tells the stories of
workflows on PostgreSQL, too.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import strategies as st

_TIMES: Final = int(os.environ.get("DUNNING_TEST_THOROUGH", "1"))
IS_THOROUGH: Final = _TIMES > 1


def many(count: int) -> int:
    return count * _TIMES


def any_text(max_size: int | None = None) -> st.SearchStrategy[str]:
    """Texts of all characters that UTF-8 has.

    `st.text()` looks for them by encoding each one, which takes three seconds in a fresh clone.
    """
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=max_size)
