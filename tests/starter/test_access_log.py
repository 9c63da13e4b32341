"""Each call that was answered leaves a line in the log, without what was asked for."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from starter.edge.access_log import log_answered
from starter.edge.observed import Observed

pytestmark = pytest.mark.one_database


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Observed, observers=[log_answered])

    @app.get("/v1/cases/{case_id}/messages/{token}")
    async def message(case_id: str, token: str) -> str:
        return case_id + token

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError

    return app


async def _asked(app: FastAPI, path: str, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    with caplog.at_level(logging.DEBUG, logger="starter.edge.access_log"):
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as api:
            await api.get(path)
    (record,) = (one for one in caplog.records if one.name == "starter.edge.access_log")
    said = {"method", "route", "status", "milliseconds", "case_id", "token", "levelname"}
    return {name: value for name, value in vars(record).items() if name in said}


async def test_the_log_has_route_status_and_ids_but_no_query_and_no_token(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    said = await _asked(app, "/v1/cases/abc/messages/secret?q=Muster", caplog)

    assert said.pop("milliseconds") >= 0
    assert said == {
        "levelname": "INFO",
        "method": "GET",
        "route": "/v1/cases/{case_id}/messages/{token}",
        "status": 200,
        "case_id": "abc",
    }


async def test_what_is_no_id_is_not_told(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    said = await _asked(app, "/v1/cases/Ada Muster/messages/1", caplog)

    assert "case_id" not in said


async def test_a_path_that_nobody_knows_is_not_told(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    said = await _asked(app, "/customers/ada@example.org", caplog)

    assert (said["route"], said["status"]) == ("none", 404)


async def test_a_call_that_fails_is_told_as_500(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await _asked(app, "/fails", caplog))["status"] == 500


async def test_the_calls_of_the_house_are_told_only_when_debugging(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await _asked(app, "/healthz", caplog))["levelname"] == "DEBUG"
