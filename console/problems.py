"""Refusals and failures as pages that tell what went wrong and where to go on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from console.rendering import page
from console.visitor import NotSignedIn, Visitor
from starter.edge.problems import Handler, install_handlers, log_unreachable
from starter.refusals import Problem

_NAMED: Final = frozenset({403, 404, 410, 413, 429, 503})


def install(app: FastAPI) -> None:
    handlers: dict[type[Exception], Handler] = {
        Problem: _problem,
        HTTPException: _http,
        RequestValidationError: _wrong_form,
        NotSignedIn: _sign_in,
    }
    install_handlers(app, handlers, unreachable=_unreachable)


async def _sign_in(request: Request, _error: Exception) -> Response:
    """Send the visitor to the sign-in page, and from there back to the page that was opened."""
    if request.method != "GET":
        return RedirectResponse("/console/sign-in", HTTPStatus.SEE_OTHER)
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = quote(f"{request.url.path}{query}", safe="/")
    return RedirectResponse(f"/console/sign-in?next={wanted}", HTTPStatus.SEE_OTHER)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    response = problem_page(request, error.status)
    response.headers.update(error.headers)
    return response


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_page(request, HTTPStatus(error.status_code))


async def _wrong_form(request: Request, _error: Exception) -> Response:
    return problem_page(request, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _unreachable(request: Request, error: Exception) -> Response:
    log_unreachable(error)
    response = problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "5"
    return response


def problem_page(request: Request, status: HTTPStatus) -> Response:
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    name = str(status.value) if status.value in _NAMED else "other"
    return page(request, "problem.html.j2", visitor=visitor, status=status, name=name)
