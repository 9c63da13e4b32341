"""The writer of messages to the agency, who has to be a user of our account there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from pydantic import BaseModel

from adapters.partner.debitura.api import Api, Json, objects, parsed_object, read, unexpected
from adapters.partner.debitura.lists import PAGE_SIZE

NOT_SERVED: Final = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_IMPLEMENTED,
)


class _User(BaseModel):
    email: str | None = None


class Team:
    """The users of the account, looked up once in a process."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._email: str | None = None

    async def sender(self) -> Json:
        """Return the fields of a message that name its writer: the first user by e-mail address.

        There are no fields if the API serves no users, or the account has none.
        """
        if self._email is None:
            self._email = min(await self._emails(), default=None)
        return {} if self._email is None else {"userEmail": self._email}

    def forget(self) -> None:
        """Forget the user, whom the partner does not have any more."""
        self._email = None

    async def _emails(self) -> list[str]:
        answer = await self._api.get("/users", PageSize=PAGE_SIZE)
        if answer.status_code in NOT_SERVED:
            return []
        if answer.status_code != HTTPStatus.OK:
            raise unexpected(answer)
        listed = objects(answer, parsed_object(answer).get("users") or [])
        users = [read(answer, _User, user) for user in listed]
        return [user.email for user in users if user.email]
