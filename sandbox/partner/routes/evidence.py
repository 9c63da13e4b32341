"""Documents of a case, and messages to the agency about it."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.datastructures import FormData, UploadFile

from sandbox.partner import documents
from sandbox.partner.answers import answer, wrong
from sandbox.partner.limits import LARGEST_FILE
from sandbox.partner.routes.provided import AgencyDep, claim_of
from sandbox.partner.routes.users import email_of
from sandbox.partner.wire import NewMessage, parsed

router = APIRouter()

_SUFFIXES: Final = {
    ".pdf",
    ".xls",
    ".xlsx",
    ".csv",
    ".txt",
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
}
_DOCUMENT_TYPES: Final = (
    "OriginalInvoice",
    "DebtorDocuments",
    "CreditorDocuments",
    "PartnerDocuments",
    "DemandLetter",
    "Miscellaneous",
)
_FIELDS: Final = {"file", "description", "documentType"}
_LONGEST_NAME: Final = 255
_LONGEST_DESCRIPTION: Final = 4000


class _Upload(NamedTuple):
    name: str
    content: bytes
    description: str | None
    document_type: str


@router.post("/cases/{case_id}/files")
async def attach(case_id: str, request: Request, agency: AgencyDep) -> Response:
    claim_of(agency, case_id)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415, "The body must be multipart/form-data.")
    async with request.form(max_files=2, max_fields=10) as form:
        upload = await _checked(form)
    claim = claim_of(agency, case_id)
    agency.attach(
        claim,
        upload.content,
        name=upload.name,
        description=upload.description,
        document_type=upload.document_type,
    )
    return answer(documents.file(claim, claim.attachments[-1]))


@router.get("/cases/{case_id}/files")
async def list_files(case_id: str, agency: AgencyDep) -> Response:
    claim = claim_of(agency, case_id)
    return answer([documents.file(claim, attachment) for attachment in claim.attachments])


@router.post("/cases/{case_id}/chats")
async def write(case_id: str, request: Request, agency: AgencyDep) -> Response:
    _, new = parsed(await request.body(), NewMessage)
    claim = claim_of(agency, case_id)
    agency.listen(claim, new.message, sender=_sender(new))
    return answer(documents.chat(claim.messages[-1]))


@router.get("/cases/{case_id}/chats")
async def list_chats(case_id: str, agency: AgencyDep) -> Response:
    claim = claim_of(agency, case_id)
    return answer([documents.chat(message) for message in claim.messages])


def _sender(new: NewMessage) -> str | None:
    """Return the address of the writer; None if the message names no user."""
    if new.user_email is not None or new.user_id is None:
        return new.user_email
    email = email_of(new.user_id)
    if email is None:
        raise wrong("userId", "is not a user of the account")
    return email


async def _checked(form: FormData) -> _Upload:
    given = _fields(form)
    file, description = given.get("file"), given.get("description")
    if not isinstance(file, UploadFile):
        raise wrong("file", "is not a file")
    if isinstance(description, UploadFile) or len(description or "") > _LONGEST_DESCRIPTION:
        raise wrong("description", f"is not a text of at most {_LONGEST_DESCRIPTION} characters")
    document_type = given.get("documentType", _DOCUMENT_TYPES[0])
    if document_type not in _DOCUMENT_TYPES:
        raise wrong("documentType", f"is not one of {', '.join(_DOCUMENT_TYPES)}")
    name = _name(file.filename or "")
    content = await file.read()
    if len(content) > LARGEST_FILE:
        raise HTTPException(413, "The file is too large.")
    if not content:
        raise wrong("file", "is empty")
    return _Upload(name, content, description or None, str(document_type))


def _fields(form: FormData) -> dict[str, UploadFile | str]:
    """Return the fields of a form; names may be in any case, `File` as well as `file`."""
    spelled = {name.casefold(): name for name in _FIELDS}
    fields: dict[str, UploadFile | str] = {}
    for name, value in form.multi_items():
        field = spelled.get(name.casefold())
        if field is None:
            raise wrong(name, "is not a field")
        if field in fields:
            raise wrong(field, "is given more than once")
        fields[field] = value
    return fields


def _name(given: str) -> str:
    """Return the name of a file without its folders."""
    name = PureWindowsPath(PurePosixPath(given).name).name
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise wrong("file", "has no usable name")
    if PurePosixPath(name).suffix.lower() not in _SUFFIXES:
        raise HTTPException(415, f"Only these are taken: {', '.join(sorted(_SUFFIXES))}.")
    return name
