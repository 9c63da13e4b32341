"""The users of the creditor's account, who write the messages to the agency."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from sandbox.partner import documents
from sandbox.partner.answers import answer
from sandbox.partner.claims import Json
from sandbox.partner.routes.provided import PagingDep

router = APIRouter()

USERS: Final[list[Json]] = [
    {
        "id": "2f1d3c5e-8c1b-4e6a-9b0f-6d5a4c3b2a10",
        "name": "Receivables Office",
        "email": "receivables@example.org",
    }
]


@router.get("/users")
async def list_users(paging: PagingDep) -> Response:
    return answer(documents.page("users", paging.of(USERS), paging, len(USERS)))


def email_of(user_id: str) -> str | None:
    """Return the address of a user; None if there is none of that id."""
    return next((str(user["email"]) for user in USERS if user["id"] == user_id), None)
