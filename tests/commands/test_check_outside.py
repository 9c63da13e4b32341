"""The doctor on the mail server and on the collection partner."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import AuthResult, LoginPassword

from commands.checks import outside
from commands.checks.findings import Finding, State
from runtime.ports import free_port
from runtime.settings import Settings
from tests.clocks import FixedClock

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PARTNER = "https://partner.example.com"
NO_SUCH_CLAIM = PARTNER + "/cases/by-creditor-reference/dunning-doctor"


class OnlyOurs:
    """Takes mails of one sender."""

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address != "dunning@example.com":
            return "550 5.7.1 not you"
        envelope.mail_from = address
        return "250 OK"


def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == b"right"
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[Callable[..., Settings]]:
    """A mail server, and settings for it."""
    loop = asyncio.get_running_loop()
    controller = UnthreadedController(OnlyOurs(), "127.0.0.1", free_port(), loop, **options)
    server = await controller._create_server()
    controller.server = server

    def settings(**given: Any) -> Settings:
        own = {"smtp_port": controller.port, "mail_from": "dunning@example.com"}
        return Settings(**(own | given))

    yield settings
    server.close()


async def test_a_mail_server_that_takes_our_sender_is_fine(bare: Path) -> None:
    async with mail_server() as settings:
        (finding,) = await outside.mail(settings())

    assert finding.state is State.OK


async def test_a_mail_server_that_refuses_our_sender_is_a_problem(bare: Path) -> None:
    async with mail_server() as settings:
        (finding,) = await outside.mail(settings(mail_from="other@example.com"))

    assert finding.state is State.PROBLEM
    assert "refuses our sender (550)" in finding.says
    assert "DUNNING_MAIL_FROM" in (finding.remedy or "")


async def test_a_mail_server_without_starttls_is_a_problem_if_it_is_insisted_on(
    bare: Path,
) -> None:
    async with mail_server() as settings:
        (finding,) = await outside.mail(settings(smtp_start_tls=True))

    assert finding.state is State.PROBLEM
    assert "STARTTLS" in finding.says


@pytest.mark.parametrize(
    ("password", "state"), [("right", State.OK), ("wrong-geheim", State.PROBLEM)]
)
async def test_the_login_is_tried(bare: Path, password: str, state: State) -> None:
    options = {"authenticator": knows, "auth_require_tls": False}
    async with mail_server(**options) as settings:
        given = settings(smtp_username="dunning", smtp_password=password)
        (finding,) = await outside.mail(given)

    assert finding.state is state
    assert "geheim" not in finding.says
    assert state is State.OK or "refuses the login" in finding.says


async def test_a_mail_server_that_is_not_there_is_a_problem(bare: Path) -> None:
    (finding,) = await outside.mail(Settings(smtp_port=free_port()))

    assert finding.state is State.PROBLEM
    assert "refuses to be connected" in finding.says


@pytest.mark.parametrize(
    ("host", "address", "state"),
    [
        ("127.0.0.1", "dunning@localhost.localdomain", State.OK),
        ("smtp.shop.de", "dunning@localhost.localdomain", State.WARNING),
        ("smtp.shop.de", "dunning@mail.example.com", State.WARNING),
        ("smtp.shop.de", "dunning@shop.de", State.OK),
    ],
)
def test_a_sender_that_cannot_be_is_a_warning_on_a_true_mail_server(
    bare: Path, host: str, address: str, state: State
) -> None:
    assert outside.sender(Settings(smtp_host=host, mail_from=address)).state is state


async def asked() -> list[Finding]:
    settings = Settings(partner_url=PARTNER, partner_api_key="geheim")
    found = await outside.partner(settings, FixedClock(NOW))
    assert not any("geheim" in finding.says for finding in found)
    return found


@respx.mock
async def test_a_partner_that_knows_our_key_is_fine(bare: Path) -> None:
    route = respx.get(NO_SUCH_CLAIM).respond(404, headers={"Date": format_datetime(NOW)})

    found = await asked()

    assert [(one.check, one.state) for one in found] == [
        ("partner", State.OK),
        ("clock", State.OK),
    ]
    assert route.calls.last.request.headers["XApiKey"] == "geheim"


@respx.mock
async def test_a_clock_that_is_far_from_the_partners_is_a_warning(bare: Path) -> None:
    earlier = format_datetime(NOW.replace(minute=0, hour=9))
    respx.get(NO_SUCH_CLAIM).respond(404, headers={"Date": earlier})

    _, clock = await asked()

    assert (clock.state, clock.says) == (State.WARNING, "3600 seconds away from the partner's")


@respx.mock
@pytest.mark.parametrize(("status", "says"), [(401, "our key"), (403, "our key"), (503, "503")])
async def test_a_partner_that_refuses_or_fails_is_a_problem(
    bare: Path, status: int, says: str
) -> None:
    respx.get(NO_SUCH_CLAIM).respond(status)

    (finding,) = await asked()

    assert finding.state is State.PROBLEM
    assert says in finding.says


@respx.mock
async def test_a_web_server_that_is_not_the_partners_is_a_warning(bare: Path) -> None:
    respx.get(NO_SUCH_CLAIM).respond(404, html="<h1>Not found</h1>")

    (finding,) = await asked()

    assert finding.state is State.WARNING
    assert "not as the partner does" in finding.says


@respx.mock
async def test_a_partner_that_is_not_there_is_a_problem(bare: Path) -> None:
    respx.get(NO_SUCH_CLAIM).mock(side_effect=httpx.ConnectError("nobody there"))

    (finding,) = await asked()

    assert finding.state is State.PROBLEM
    assert "ConnectError" in finding.says


async def test_a_folder_that_the_agency_fetches_from_has_to_be_there(
    bare: Path, tmp_path: Path
) -> None:
    async def state(folder: Path) -> State:
        settings = Settings(partner="csv", partner_folder=folder)
        (finding,) = await outside.partner(settings, FixedClock(NOW))
        return finding.state

    before = os.listdir(tmp_path)

    assert await state(tmp_path) is State.OK
    assert await state(tmp_path / "missing") is State.PROBLEM
    assert os.listdir(tmp_path) == before
