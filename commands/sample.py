"""The sample: sellers and orders of the last weeks for an empty installation."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from commands.progress import progress_of
from dunning.receivables import case_id_of
from runtime.clock import SystemClock
from simulation.sample import BERLIN, PARIS, sample_calls
from simulation.statements import sample_files

SELLER: Final = BERLIN
_LOADED: Final = "sample-loaded"
_BEGUN: Final = "sample-begun"
_LOCK: Final = "lock"
_STATEMENTS: Final = "statements"
_STATEMENT: Final = "lindenhof.camt.053.xml"


class OtherData(Exception):
    """The folder has data that no sample has written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} has other data than a sample, and is left as it is; "
            "start without --sample, or give --data another folder"
        )


class NotLoaded(Exception):
    """The sample could not be loaded completely."""


def is_loaded(folder: Path) -> bool:
    return (folder / _LOADED).exists()


def make_room(folder: Path) -> None:
    """Delete what an interrupted loading has left. Raises `OtherData` if there is anything else."""
    begun = folder / _BEGUN
    there = [path for path in folder.iterdir() if path.name not in (_LOCK, _BEGUN)]
    if there and not begun.exists():
        raise OtherData(folder)
    for path in there:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    begun.touch()


async def load(
    folder: Path,
    *,
    database_url: str,
    temporal_address: str,
    smtp_port: int,
    partner_url: str,
    console_url: str,
) -> None:
    """Play the last weeks up to now; after that the cases go on in real time."""
    # These import the whole system, so they are imported only where a sample is loaded.
    from simulation.building import Surroundings, world_in
    from simulation.clock import ScenarioClock
    from simulation.play import Player
    from simulation.world import Stuck

    now = SystemClock().now()
    surroundings = Surroundings(
        database_url=database_url,
        temporal=await Client.connect(temporal_address, data_converter=pydantic_data_converter),
        smtp_port=smtp_port,
        partner_url=partner_url,
        console_url=console_url,
    )
    calls = sample_calls(now)
    async with world_in(surroundings, ScenarioClock()) as world:
        player = Player(world, calls, end=now)
        with progress_of("the sample, calls of the last weeks") as show:
            try:
                await player.play(show)
            except Stuck as stuck:
                raise NotLoaded(f"{stuck}; run the same again, it begins anew") from stuck
    for refused in player.refused:
        sys.stderr.write(f"line {refused.call.line}: {refused.reason}\n")
    write_statements(folder, until=now.date())
    (folder / _BEGUN).rename(folder / _LOADED)


def write_statements(folder: Path, *, until: date) -> None:
    """Write bank statements of the last days that match the sample's payments."""
    (folder / _STATEMENTS).mkdir()
    for name, content in sample_files(until).items():
        (folder / _STATEMENTS / name).write_bytes(content)


def what_to_try(folder: Path) -> str:
    """Return example calls that act on the sample's cases."""
    statement = folder / _STATEMENTS / _STATEMENT

    def case(order: str, seller: str = BERLIN) -> str:
        return case_id_of(seller, order, None)

    address = '{"address": {"street": "Hauptstr. 7"}}'
    customer = f"$API/customers/{BERLIN}/c-L-1006"
    payment = (
        f'{{"payment_id": "p-1", "seller_id": "{BERLIN}", "order_id": "L-1003", "amount": "89.90", '
        '"currency": "EUR", "paid_at": "2026-01-01T12:00:00+01:00"}'
    )
    tries = (
        ("all that is open", '"$API/cases?stage=active&limit=200"'),
        ("one case with its history", f"$API/cases/{case('L-1004')}"),
        ("stop it before it is handed over", f"-X POST $API/cases/{case('L-1004')}/stop"),
        ("hand over what waits for you", f"-X POST $API/cases/{case('C-3003', PARIS)}/escalate"),
        ("complete an address that blocks", f"-X PATCH {customer} -d '{address}'"),
        ("report a payment", f"$API/payments -d '{payment}'"),
        ("import a bank statement", f"$API/sellers/{BERLIN}/statements --data-binary @{statement}"),
        ("everything as a table", "$API/cases.csv"),
    )
    return "\n".join(
        [
            "What to try:",
            "",
            "  alias api='curl -s -H \"Authorization: Bearer '$KEY'\""
            " -H Content-Type:application/json'",
            *(f"  {what:<34}api {call}" for what, call in tries),
            "",
            f"In the console, under Bank statements, upload what is in {statement.parent}.",
            "The notices are on the page of the mails, the claims on that of the partner.",
            f"In Temporal's Web UI a case is a workflow: dunning-case/{case('L-1004')}.",
            "",
        ]
    )
