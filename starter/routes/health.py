"""For operators: whether the process is alive, whether it can work, and its metrics."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from runtime.temporal import TemporalUnavailable
from starter.edge.metrics import MEDIA_TYPE, Metrics
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.refusals import Problem
from starter.services import Services, ServicesDep

router = APIRouter(tags=["health"])
log = structlog.get_logger()

_OK: Final = "ok"
_UNREACHABLE: Final = "unreachable"


@router.get("/healthz")
@described({200: Success(examples.ALIVE, documents.Alive)})
async def healthz() -> dict[str, str]:
    """Alive: the process answers."""
    return {"status": _OK}


@router.get("/readyz")
@described({200: Success(examples.READY, documents.Readiness)})
async def readyz(services: ServicesDep) -> dict[str, str]:
    """Can reach the database and Temporal; else 503, and which of them it cannot."""
    found = {"database": await _database(services), "temporal": await _temporal(services)}
    if set(found.values()) != {_OK}:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Not ready.", extra=found)
    return {"status": _OK, **found}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
@described({200: Success(examples.METRICS, media_type="text/plain")})
async def metrics(request: Request, services: ServicesDep) -> Response:
    """The figures of this process, and of cases that are unsent or late, for Prometheus."""
    kept: Metrics = request.app.state.metrics
    async with services.database.reading() as session:
        content = await kept.text(session, now=services.clock.now())
    return Response(content, media_type=MEDIA_TYPE)


async def _database(services: Services) -> str:
    try:
        async with services.database.reading() as session:
            connection: Any = await session.connection()
            await connection.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        log.warning("not_ready", part="database", error=type(error).__name__)
        return _UNREACHABLE
    return _OK


async def _temporal(services: Services) -> str:
    try:
        await services.cases.check()
    except TemporalUnavailable as error:
        log.warning("not_ready", part="temporal", error=str(error))
        return _UNREACHABLE
    return _OK
