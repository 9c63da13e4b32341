"""R24 in `dunning simulate`: summaries are mailed, dated by the scenario, and counted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

DUNNING = Path(sys.executable).parent / "dunning"
MONDAY = "2026-03-02"


def call(at: str, method: str, path: str, body: Any) -> dict[str, Any]:
    return {"at": f"{MONDAY}T{at}:00+01:00", "method": method, "path": path, "body": body}


def scenario(sellers: int) -> list[dict[str, Any]]:
    """Sellers with two customers each; one of these owes two orders, the other one."""
    lines = []
    for seller_id in (f"s-{number}" for number in range(sellers)):
        profile = {
            "company_name": "Kurse GmbH",
            "email": "seller@example.org",
            "time_zone": "Europe/Berlin",
        }
        settings = {"debt_summary": "weekly", "dunning_option": "no_collection"}
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


def test_r24_summaries_are_mailed_on_their_days_and_counted(tmp_path: Path) -> None:
    mail = tmp_path / "mail"

    said = simulate(tmp_path, scenario(2), "--until", "2026-03-24", "--mail", str(mail))

    # None goes out on the 9th: the customer had a reminder on the 7th, two days before.
    assert re.search(r"^  debt_summary +4$", said, re.MULTILINE)
    mails = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in mail.iterdir()]
    summaries = [one for one in mails if "debt-summary" in str(one["Message-ID"])]
    assert {str(one["To"]) for one in summaries} == {"Muster <c-1@example.org>"}
    dated = sorted(one["Date"].datetime.isoformat()[:16] for one in summaries)
    assert dated == sorted([f"2026-03-{day:02d}T08:00" for day in (16, 23)] * 2)


def test_r24_summaries_change_no_event(tmp_path: Path) -> None:
    told = []
    for rhythm in ("weekly", "off"):
        lines = json.loads(json.dumps(scenario(1)).replace('"weekly"', f'"{rhythm}"'))
        out = tmp_path / "events.jsonl"
        simulate(tmp_path, lines, "--until", "2026-04-05", "--out", str(out))
        events = [json.loads(line) for line in out.read_text().splitlines()]
        told.append([event | {"at": event["at"][:16]} for event in events])

    assert told[0] == told[1]
    assert len(told[0]) > 10
