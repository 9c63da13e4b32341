"""R24 in `dunning simulate`: summaries are mailed, dated by the scenario, and counted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any, NamedTuple

import pytest

DUNNING = Path(sys.executable).parent / "dunning"
MONDAY = "2026-03-02"
UNTIL = "2026-03-24"


def call(at: str, method: str, path: str, body: Any) -> dict[str, Any]:
    return {"at": f"{MONDAY}T{at}:00+01:00", "method": method, "path": path, "body": body}


def scenario(rhythm: str) -> list[dict[str, Any]]:
    """Two sellers with two customers each; one of these owes two orders, the other one."""
    lines = []
    for seller_id in ("s-0", "s-1"):
        profile = {
            "company_name": "Kurse GmbH",
            "email": "seller@example.org",
            "time_zone": "Europe/Berlin",
        }
        settings = {"debt_summary": rhythm, "dunning_option": "no_collection"}
        lines.append(call("08:00", "PUT", f"/v1/sellers/{seller_id}", profile))
        lines.append(call("08:01", "PATCH", f"/v1/sellers/{seller_id}/settings", settings))
        for order_id, customer_id in (("A-1", "c-1"), ("A-2", "c-1"), ("B-1", "c-2")):
            customer = {
                "customer_id": customer_id,
                "last_name": "Muster",
                "email": f"{customer_id}@example.org",
            }
            order = {
                "seller_id": seller_id,
                "order_id": order_id,
                "invoice_date": MONDAY,
                "currency": "EUR",
                "total": "119.00",
                "customer": customer,
            }
            lines.append(call("10:15", "POST", "/v1/orders", order))
    return lines


def simulate(folder: Path, lines: list[dict[str, Any]], *options: str) -> str:
    file = folder / "scenario.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = subprocess.run(
        [DUNNING, "simulate", str(file), *options], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


class Weekly(NamedTuple):
    """What a scenario with weekly summaries said, and where its events and mails are."""

    said: str
    events: Path
    mails: Path


@pytest.fixture(scope="module")
def weekly(tmp_path_factory: pytest.TempPathFactory) -> Weekly:
    folder = tmp_path_factory.mktemp("weekly")
    events, mails = folder / "events.jsonl", folder / "mail"
    options = ("--until", UNTIL, "--out", str(events), "--mail", str(mails))
    return Weekly(simulate(folder, scenario("weekly"), *options), events, mails)


def test_r24_summaries_are_mailed_on_their_days_and_counted(weekly: Weekly) -> None:
    # None goes out on the 9th: the customer had a reminder on the 7th, two days before.
    assert re.search(r"^  debt_summary +4$", weekly.said, re.MULTILINE)
    mails = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in weekly.mails.iterdir()]
    summaries = [one for one in mails if "debt-summary" in str(one["Message-ID"])]
    assert {str(one["To"]) for one in summaries} == {"Muster <c-1@example.org>"}
    dated = sorted(one["Date"].datetime.isoformat()[:16] for one in summaries)
    assert dated == sorted([f"2026-03-{day}T08:00" for day in (16, 23)] * 2)


def test_r24_summaries_change_no_event(weekly: Weekly, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"

    simulate(tmp_path, scenario("off"), "--until", UNTIL, "--out", str(out))

    told = [to_the_minute(weekly.events), to_the_minute(out)]
    assert told[0] == told[1]
    assert len(told[0]) > 20


def to_the_minute(file: Path) -> list[dict[str, Any]]:
    """The events of one order after the other: those of a minute may come in any order."""
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    events.sort(key=lambda event: (event["seller_id"], event["order_id"]))
    return [event | {"at": event["at"][:16]} for event in events]
