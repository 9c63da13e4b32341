"""`dunning partner`: sets up, once, the webhooks of the collection partner."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from adapters.partner.debitura import DebituraWebhooks, Subscription, connect_partner
from adapters.partner.port import PartnerError
from runtime.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The collection partner.")


@app.callback()
def group() -> None:
    """The collection partner."""


@app.command()
def subscribe(
    url: Annotated[str, typer.Argument(help="Where the partner is to tell: …/v1/partner/webhooks")],
) -> None:
    """Have the partner send webhooks about claims; the secret is shown this one time."""
    settings = Settings()
    try:
        made = asyncio.run(_subscribe(settings, url))
    except PartnerError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    sys.stderr.write("This is shown once; set it where the API runs:\n")
    sys.stdout.write(f"DUNNING_PARTNER_WEBHOOK_SECRET={made.secret}\n")


async def _subscribe(settings: Settings, url: str) -> Subscription:
    api_key = settings.partner_api_key.get_secret_value()
    async with connect_partner(settings.partner_url, api_key) as http:
        return await DebituraWebhooks(http, is_test=settings.partner_test_mode).subscribe(url)
