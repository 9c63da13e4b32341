"""Applications whose routes are prepared once in a test process.

FastAPI prepares the routes of an application at its first calls. For all routes of the API that
takes half a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.routing import Mount, Route

_FIRST: dict[Callable[..., FastAPI], FastAPI] = {}


def prepared(create: Callable[..., FastAPI], *given: Any, **options: Any) -> FastAPI:
    """Create an application; all but the first take the routes of the first.

    What differs between two applications must be in their `state`, not in their routes.
    """
    app = create(*given, **options)
    _take_routes(app, _FIRST.setdefault(create, app))
    return app


def _take_routes(app: FastAPI, first: FastAPI) -> None:
    for number, (route, known) in enumerate(
        zip(app.router.routes, first.router.routes, strict=True)
    ):
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            _take_routes(route.app, known.app)
        elif not isinstance(route, Mount | Route):
            app.router.routes[number] = known
