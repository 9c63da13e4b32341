"""The mail catcher: a mail server that keeps every mail, and a page that shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import socket
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.mail_sink import MailSink
from sandbox.mailbox import Mail, Mailbox
from sandbox.partner.routes.guard import is_local

_PAGES: Final = Path(__file__).parent / "pages"
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_A_PAGE: Final = 50
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# A mail is shown as in a mail program: with its own styles and images, no scripts, nothing remote.
_HEADERS_OF_A_MAIL: Final = {
    **_HEADERS,
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
}
_SHOWN_AS_IT_IS: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif"})


async def _local(request: Request) -> None:
    """Refuse foreign host names: a site whose name resolves to this machine could read mails."""
    if not is_local(request.headers.get("host", "")):
        raise HTTPException(421, "The page answers to localhost, an IP address, or a bare name.")


router = APIRouter(dependencies=[Depends(_local)])


async def _mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


MailboxDep = Annotated[Mailbox, Depends(_mailbox)]


def create_mail_catcher(*, smtp: socket, folder: Path) -> FastAPI:
    """Build the page, and behind it the mail server on a bound socket. The folder keeps mails."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with MailSink(bound=smtp, keep=folder):
            yield

    app = FastAPI(title="Mail catcher", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.mailbox = Mailbox(folder)
    app.state.smtp_port = smtp.getsockname()[1]
    app.include_router(router)
    return app


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/page.css")
async def stylesheet() -> Response:
    return Response((_PAGES / "page.css").read_text("utf-8"), media_type="text/css")


@router.get("/api/messages")
async def listed(mailbox: MailboxDep, q: str = "") -> list[dict[str, Any]]:
    return [vars(summary) for summary in mailbox.summaries() if summary.has(q)]


@router.get("/")
async def show_list(
    request: Request, mailbox: MailboxDep, q: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> HTMLResponse:
    found = [summary for summary in mailbox.summaries() if summary.has(q)]
    start = (page - 1) * _A_PAGE
    return _page(
        "mails.html.j2",
        mails=found[start : start + _A_PAGE],
        count=len(found),
        words=q,
        page=page,
        pages=max(1, -(-len(found) // _A_PAGE)),
        smtp_port=request.app.state.smtp_port,
    )


@router.post("/delete")
async def delete_all(request: Request, mailbox: MailboxDep) -> RedirectResponse:
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403)
    mailbox.empty()
    return RedirectResponse("/", status_code=303)


@router.get("/messages/{name}/")
async def show_mail(name: str, mailbox: MailboxDep) -> HTMLResponse:
    mail = _known(mailbox, name)
    headers = [(header, mail.header(header)) for header in ("From", "To", "Reply-To", "Date")]
    return _page(
        "mail.html.j2",
        subject=mail.summary().subject,
        headers=[(header, value) for header, value in headers if value],
        has_html=mail.html() is not None,
        text=mail.text(),
        attachments=[part for part in mail.parts() if not part.is_inline],
    )


@router.get("/messages/{name}/html")
async def show_html(name: str, mailbox: MailboxDep) -> HTMLResponse:
    html = _known(mailbox, name).html()
    if html is None:
        raise HTTPException(404)
    return HTMLResponse(html, headers=_HEADERS_OF_A_MAIL)


@router.get("/messages/{name}/source")
async def show_source(name: str, mailbox: MailboxDep) -> PlainTextResponse:
    source = _known(mailbox, name).source.decode("utf-8", "replace")
    return PlainTextResponse(source, headers=_HEADERS)


@router.get("/messages/{name}/part/{place}")
async def show_part(name: str, place: int, mailbox: MailboxDep) -> Response:
    parts = {part.place: part for part in _known(mailbox, name).parts()}
    if place not in parts:
        raise HTTPException(404)
    part = parts[place]
    safe = part.media_type in _SHOWN_AS_IT_IS
    how = "inline" if safe else "attachment"
    file_name = quote(part.file_name.replace("/", "_"), safe="")
    return Response(
        part.content,
        media_type=part.media_type if safe else "application/octet-stream",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f"{how}; filename*=UTF-8''{file_name}",
        },
    )


def _known(mailbox: Mailbox, name: str) -> Mail:
    mail = mailbox.mail(name)
    if mail is None:
        raise HTTPException(404)
    return mail


def _page(template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values), headers=_HEADERS)
