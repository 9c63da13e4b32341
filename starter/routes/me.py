"""Information about the caller's own key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from models.tables import ApiKeyRow
from starter.edge.keys import CallerDep
from starter.openapi import documents, examples
from starter.openapi.described import Success, described
from starter.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["keys"])


@router.get("/me")
@described({200: Success(examples.KEY, documents.KeyDocument)})
async def get_me(caller: CallerDep, services: ServicesDep) -> dict[str, Any]:
    """Whose key this is, and when it ends by itself."""
    async with services.database.reading() as session:
        row = await session.get_one(ApiKeyRow, caller.key_id)
    return {
        "kind": row.kind,
        "seller_id": row.seller_id,
        "label": row.label,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
