"""The two stand-ins alone: a mail server and a collection partner to try things out with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from runtime.clock import SystemClock
from runtime.ports import address_of, bind, serve


def mail_catcher(
    smtp_port: Annotated[int, typer.Option(envvar="DUNNING_SMTP_PORT")] = 1025,
    mail_page_port: Annotated[int, typer.Option(envvar="DUNNING_MAIL_PAGE_PORT")] = 8025,
    folder: Annotated[
        Path, typer.Option(envvar="DUNNING_MAIL_FOLDER", help="Each mail is kept here.")
    ] = Path("mails"),
    host: Annotated[str, typer.Option(envvar="DUNNING_HOST")] = "127.0.0.1",
) -> None:
    """Take every mail and show it on a page; nothing goes any further. Port 0: any free one."""
    from sandbox.mail_catcher import create_mail_catcher

    page = bind(mail_page_port, setting="DUNNING_MAIL_PAGE_PORT", host=host)
    smtp = bind(smtp_port, setting="DUNNING_SMTP_PORT", host=host)
    _say(f"SMTP at port {smtp.getsockname()[1]}, mails at {address_of(page)}")
    serve(create_mail_catcher(smtp=smtp, folder=folder), page)


def partner_sandbox(
    partner_port: Annotated[int, typer.Option(envvar="DUNNING_PARTNER_PORT")] = 8026,
    claims: Annotated[
        Path, typer.Option(envvar="DUNNING_PARTNER_CLAIMS", help="Where its claims are kept.")
    ] = Path("claims.jsonl"),
    api_key: Annotated[
        str, typer.Option(envvar="DUNNING_PARTNER_API_KEY", help="What callers have to send.")
    ] = "sandbox",
    host: Annotated[str, typer.Option(envvar="DUNNING_HOST")] = "127.0.0.1",
) -> None:
    """Take claims as the collection partner does, and collect nothing. Port 0: any free one."""
    from sandbox.partner import create_partner_app

    bound = bind(partner_port, setting="DUNNING_PARTNER_PORT", host=host)
    _say(f"collection partner at {address_of(bound)}")
    app = create_partner_app(api_key=api_key, claims_file=claims, clock=SystemClock().now)
    serve(app, bound)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
