"""`dunning mail-catcher`: runs a mail server for trying things out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from runtime.ports import address_of, bind, serve
from runtime.private_files import keep_files_private


def mail_catcher(
    smtp_port: Annotated[int, typer.Option(envvar="DUNNING_SMTP_PORT")] = 1025,
    mail_page_port: Annotated[int, typer.Option(envvar="DUNNING_MAIL_PAGE_PORT")] = 8025,
    folder: Annotated[
        Path, typer.Option(envvar="DUNNING_MAIL_FOLDER", help="Each mail is kept here.")
    ] = Path("mails"),
    host: Annotated[str, typer.Option(envvar="DUNNING_HOST")] = "127.0.0.1",
) -> None:
    """Take every mail and show it on a page; none is sent on. Port 0: any free one."""
    from sandbox.mail_catcher import create_mail_catcher

    keep_files_private()
    page = bind(mail_page_port, setting="DUNNING_MAIL_PAGE_PORT", host=host)
    smtp = bind(smtp_port, setting="DUNNING_SMTP_PORT", host=host)
    _say(f"SMTP at port {smtp.getsockname()[1]}, mails at {address_of(page)}")
    serve(create_mail_catcher(smtp=smtp, folder=folder), page)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
