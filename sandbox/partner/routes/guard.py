"""The guard of the page, which needs no key: it is for a person at a browser on this machine.

Other sites that the same browser has open must not use the page. So their forms are refused, and
so are requests for a name that a site has made resolve to this machine.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

_READS: Final = frozenset({"GET", "HEAD"})
# `Sec-Fetch-Site` of a request by the person, or by a page of this address.
_OWN: Final = frozenset({"same-origin", "none"})


async def guarded(request: Request) -> None:
    """Refuse requests by foreign names, and forms of other sites."""
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
    """Whether a host is an IP address, or a name that nobody can register."""
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
