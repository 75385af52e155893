"""Calls that only the application which started this server may make."""

from fastapi import HTTPException, Request

from algovera_desktop.server.keys import LOCAL_OWNER, Doorkeeper


class ApplicationOnly:
    """A dependency of FastAPI: lets in who sends the application's key as
    ``Authorization: Bearer KEY``, and answers everybody else with 403."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper

    async def __call__(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        address = "" if request.client is None else request.client.host
        if scheme.lower() == "bearer":
            owner = await self._doorkeeper.owner_of(key, address)
            if owner.id == LOCAL_OWNER:
                return
        raise HTTPException(403, "Only the application that started this server may do that.")
