"""The call by which the application hands over what another company's models ask for.

    POST /api/manage/remote   {"key", "address", "model"}   from now on; an empty key: no longer

Answered with ``{"allowed": bool}``. Like the model manager's calls it carries the application's
key, and is mounted only for it. What it hands over is kept in memory and nowhere else.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from algovera_desktop.server.application_only import ApplicationOnly
from algovera_desktop.server.keys import Doorkeeper
from algovera_desktop.server.pipelines.base import RemoteAccess
from algovera_desktop.server.remote import LIVING_MODEL, OPENAI_ADDRESS, RemoteModels


class AccessBody(BaseModel):
    """The key is what a header can carry; an empty address or model is the usual one."""

    model_config = ConfigDict(strict=True)

    key: Annotated[str, Field(pattern=r"^[!-~]*$", max_length=500)]
    address: Annotated[str, Field(pattern=r"^(https?://[!-~]+)?$", max_length=500)] = ""
    model: Annotated[str, Field(pattern=r"^[ -~]*$", max_length=100)] = ""


class AccessAnswer(BaseModel):
    allowed: bool


class RemoteApi:
    """Takes the key in for the studio's models."""

    def __init__(self, models: RemoteModels, doorkeeper: Doorkeeper) -> None:
        self._models = models
        self._application_only = ApplicationOnly(doorkeeper)

    def router(self) -> APIRouter:
        router = APIRouter(
            prefix="/api/manage",
            include_in_schema=False,
            dependencies=[Depends(self._application_only)],
        )
        router.add_api_route("/remote", self.remote, methods=["POST"])
        return router

    async def remote(self, body: AccessBody) -> AccessAnswer:
        if not body.key:
            self._models.allow(None)
            return AccessAnswer(allowed=False)
        address, model = body.address or OPENAI_ADDRESS, body.model.strip() or LIVING_MODEL
        self._models.allow(RemoteAccess(body.key, address, model))
        return AccessAnswer(allowed=True)
