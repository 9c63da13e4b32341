"""Style sheets, scripts and pictures, named by their content so that browsers can keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from starter.refusals import NotFound

router = APIRouter()

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def _named() -> dict[str, Path]:
    found = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _KINDS:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            found[f"{path.stem}.{digest}{path.suffix}"] = path
    return found


@cache
def asset(name: str) -> str:
    """Return the path under which browsers find a file of the folder."""
    hashed = next(hashed for hashed, path in _named().items() if path.name == name)
    return f"/console/static/{hashed}"


@router.get("/static/{name}")
async def static(name: str) -> Response:
    path = _named().get(name)
    if path is None:
        raise NotFound("file")
    return Response(_content(path), media_type=_KINDS[path.suffix], headers=_FOR_GOOD)


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()
