"""The four pictures of the console in the README: `make pictures`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import async_playwright

from dunning.case.handoff import blocked_by_address, claim_taken, handoff_decided
from dunning.money import Money
from runtime.database import Database
from runtime.migrate import upgrade
from tests.browser.served_console import ServedConsole, served_console
from tests.offline import NOW

DOCS = Path(__file__).parents[2] / "docs"
SELLER = "kurse"
PEOPLE = (
    ("Lise", "Meitner", "89.90", "payment_reminder", 4),
    ("Karl", "Weierstraß", "1499.00", "first_notice", 3),
    ("Emmy", "Noether", "249.00", "payment_reminder", 1),
    ("Felix", "Klein", "319.00", "final_notice", 5),
    ("Carl", "Gauß", "200.00", "first_notice", 8),
    ("Sophie", "Germain", "210.00", None, 0),
    ("Otto", "Stern", "330.00", "final_notice", 12),
    ("Maria", "Mayer", "640.00", "final_notice", 14),
    ("Otto", "Hahn", "45.00", "payment_reminder", 6),
    ("Hans", "Bethe", "130.00", "first_notice", 2),
)
OFFSETS = {None: 0, "payment_reminder": 5, "first_notice": 10, "final_notice": 20}
# Name, path (or the order whose case it is), width, height, colours.
PICTURES: tuple[tuple[str, str, int, int, Any], ...] = (
    ("needs", "", 1200, 640, "light"),
    ("board", "cases", 1400, 900, "light"),
    ("case", "K-1002", 1400, 900, "dark"),
    ("phone", "upcoming", 390, 820, "light"),
)


async def fill(console: ServedConsole) -> None:
    """Cases in several stages."""
    await console.seller(SELLER, "Fotoschule Lindenhof GmbH")
    for number, (first, last, total, kind, days) in enumerate(PEOPLE):
        sent = (NOW.date().toordinal() - days) if kind else NOW.date().toordinal()
        day = NOW.date().fromordinal
        order: dict[str, Any] = {
            "total": total,
            "invoice_date": day(sent - OFFSETS[kind]).isoformat(),
            "customer": {"first_name": first, "last_name": last},
        }
        if kind:
            order["notices_sent"] = [{"kind": kind, "sent_on": day(sent).isoformat()}]
        await console.order(SELLER, f"K-{1001 + number}", **order)
    cases = (await console.call("GET", f"/v1/cases?seller_id={SELLER}"))["items"]
    ids = {case["order_id"]: case["case_id"] for case in cases}
    await console.change(ids["K-1007"], lambda case, inputs: handoff_decided(case, inputs, NOW))
    owed = Money.zero("EUR")
    await console.change(
        ids["K-1008"], lambda case, _: claim_taken(case, NOW, amount=owed, reported=())
    )
    await console.call(
        "PATCH", f"/v1/customers/{SELLER}/c-K-1009", {"address": {"street": "Hauptstr."}}
    )
    await console.change(ids["K-1009"], lambda case, inputs: blocked_by_address(case, inputs, NOW))
    promise = {"until": "2026-03-12", "reason": "promised to pay"}
    await console.call("POST", f"/v1/cases/{ids['K-1010']}/hold", promise)


async def main() -> None:
    found = os.environ.get("DUNNING_TEST_BROWSER") or shutil.which("chromium")
    if not found:
        sys.exit("no Chromium here: apt-get install chromium, or set DUNNING_TEST_BROWSER")
    with TemporaryDirectory(prefix="dunning-") as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'pictures.db'}")
        await upgrade(database)
        async with served_console(database) as console, async_playwright() as driver:
            await fill(console)
            browser = await driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
            for name, place, width, height, scheme in PICTURES:
                page = await browser.new_page(
                    locale="en-GB",
                    color_scheme=scheme,
                    viewport={"width": width, "height": height},
                )
                await page.goto(await console.link(SELLER))
                await page.click("main form button")
                if place.startswith("K-"):
                    await page.goto(f"{console.url}/console/cases?q={place}")
                    await page.click("tbody .who a")
                else:
                    await page.goto(f"{console.url}/console/{place}")
                await page.screenshot(path=DOCS / f"console-{name}.png")
            await browser.close()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
