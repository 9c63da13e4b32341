"""A backend is told by the processes of a deployment what happens to its cases."""

from __future__ import annotations

from tests.backends import receiving
from tests.processes.site import Site, answers, eventually, order


async def test_a_backend_is_told_what_happens(site: Site) -> None:
    await site.prepare()
    await site.start("api")
    await site.start("worker")
    await eventually(lambda: answers(site))
    profile = {"company_name": "Kurse GmbH", "email": "seller@example.org"}
    (await site.api.put("/v1/sellers/s-1", json=profile)).raise_for_status()
    async with receiving() as receiver:
        made = await site.api.post("/v1/webhook_endpoints", json={"url": receiver.url})
        opened = (await site.api.post("/v1/orders", json=order("A-1"))).json()
        case_id = opened["cases"][0]["case_id"]
        (await site.api.post(f"/v1/cases/{case_id}/stop")).raise_for_status()

        await receiver.has_heard(2)

        told = [one.verified(made.json()["secret"])["data"] for one in receiver.told]
        history = (await site.api.get(f"/v1/cases/{case_id}")).json()["history"]
        assert [event["event"] for event in told] == ["stage.changed", "case.closed"]
        assert all(event in history for event in told)

        replayed = await site.api.post(f"/v1/webhook_endpoints/{made.json()['id']}/replay")
        assert (replayed.status_code, replayed.json()) == (202, {"replayed": 2})
        await receiver.has_heard(4)
        assert receiver.ids()[2:] == receiver.ids()[:2]
        await site.end()
