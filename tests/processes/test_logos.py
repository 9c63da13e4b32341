"""R25: a logo is drawn beside a process of the API as it is deployed, which goes on meanwhile."""

from __future__ import annotations

import asyncio

import httpx

from tests.images import SLOW_SVG, SVG, data_url
from tests.processes.site import Site, answers, eventually

SELLER = {"company_name": "Kurse GmbH", "email": "seller@example.org"}


async def set_logo(api: httpx.AsyncClient, seller_id: str, svg: bytes) -> httpx.Response:
    body = {"brand": {"logo": data_url("svg+xml", svg)}}
    return await api.patch(f"/v1/sellers/{seller_id}/settings", json=body)


async def test_r25_a_logo_that_never_ends_holds_up_nobody(site: Site) -> None:
    await site.prepare()
    await site.start("api")
    await eventually(lambda: answers(site))
    for seller_id in ("s-1", "s-2"):
        assert (await site.api.put(f"/v1/sellers/{seller_id}", json=SELLER)).is_success

    setting = asyncio.create_task(set_logo(site.api, "s-1", SLOW_SVG))
    answered = 0
    while not setting.done():
        assert (await site.api.get("/healthz", timeout=5)).status_code == 200
        answered += 1

    assert answered > 10
    assert (await setting).status_code == 422
    drawn = await set_logo(site.api, "s-2", SVG)
    assert drawn.json()["brand"]["logo"].startswith("data:image/png;base64,")
