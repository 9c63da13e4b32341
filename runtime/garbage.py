"""Python's search for garbage, tuned for processes that load much and live long."""

from __future__ import annotations

import gc
from typing import Final

_NEW_OBJECTS: Final = 10_000


def collect_rarely() -> None:
    """Search for garbage after 10,000 new objects instead of after 700.

    Loading the API creates 166,000 objects that stay; searching them again and again takes a
    seventh of its start (`docs/decisions/0014`). Call it before the large imports.
    """
    gc.set_threshold(_NEW_OBJECTS, 10, 10)


def keep_loaded_objects() -> None:
    """Leave the objects that exist by now out of all further searches.

    Otherwise a search makes some requests wait a tenth of a second (`docs/decisions/0014`).
    """
    gc.collect()
    gc.freeze()
