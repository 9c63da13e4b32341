"""Who may see the page and press its buttons: a person at a browser on this machine.

It needs no key, so it must not be usable by other sites that the same browser has open: a form
that they post is refused, and a name that they made point here is not answered to.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

_READS: Final = frozenset({"GET", "HEAD"})
# What a browser says of a request that the person made, or a page of this address.
_OWN: Final = frozenset({"same-origin", "none"})


async def guarded(request: Request) -> None:
    """Refuse what comes from elsewhere."""
    host = request.headers.get("host", "")
    if not is_local(host):
        raise HTTPException(421, "The page answers to localhost, an IP address, or a bare name.")
    if request.method not in _READS and not _is_own(request, host):
        raise HTTPException(403, "The form was not sent from this page.")


def _is_own(request: Request, host: str) -> bool:
    if site := request.headers.get("sec-fetch-site"):
        return site in _OWN
    return urlsplit(request.headers.get("origin", "")).netloc == host


def is_local(host: str) -> bool:
    """No name that somebody could register and have resolve to this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost") or (name and "." not in name):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
