"""The endpoints of Algovera's HTTP protocol, and of our additions to it."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from algovera_desktop import __version__
from algovera_desktop.domain.generation import DOCUMENTED_MODELS
from algovera_desktop.server.jobs import QueueFullError, TooManyWaitingError
from algovera_desktop.server.keys import Doorkeeper, KeyOwner
from algovera_desktop.server.protocol import (
    MAX_WAIT_S,
    BaseModelsAnswer,
    CreatedAnswer,
    ErrorAnswer,
    FieldErrorsAnswer,
    HealthAnswer,
    JobBody,
    ModelsAnswer,
    StatusAnswer,
    Txt2ImgBody,
)
from algovera_desktop.server.studio import (
    JobFailedError,
    NotFinishedError,
    Studio,
    UnknownJobError,
)

QUEUE_FULL_RETRY_AFTER_S = 10

Responses = dict[int | str, dict[str, Any]]


def _errors(**words: str) -> Responses:
    return {
        int(status.removeprefix("e")): {"model": ErrorAnswer, "description": text}
        for status, text in words.items()
    }


_BAD_BODY: Responses = {
    422: {"model": FieldErrorsAnswer, "description": "A field is missing or outside its limits"},
    **_errors(e400="The body is no JSON", e413="The body is larger than 64 KiB"),
}
_FORBIDDEN = _errors(
    e403="The key is not accepted",
    e429="Too many wrong keys came from this address; `Retry-After` says for how long to wait",
)
_UNKNOWN = _errors(e404="The key's owner has no such job")
_UNAVAILABLE = _errors(e503="Nothing can be painted now, or the server's disk fails")
_BUSY = _errors(
    e429=(
        "The queue is full, or as full as this key may make it, or too many wrong keys came from"
        " this address; `Retry-After` says for how long to wait"
    )
)
_NO_PICTURE = _errors(e409="The job has no picture yet, or failed: `detail` says why")

_NO_PREVIEW = _errors(e409="The job has no preview, or none any more")

_PLACES = {name: place for place, name in enumerate(DOCUMENTED_MODELS)}

_ASSET_BODY = {
    "requestBody": {
        "description": "The two names, unless the query has them",
        "content": {"application/json": {"schema": JobBody.model_json_schema()}},
    }
}


def _picture(kind: str) -> Responses:
    content = {f"image/{kind}": {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": "The picture's bytes", "content": content}}


_PNG, _JPEG = _picture("png"), _picture("jpeg")


class ProtocolApi:
    """Answers for a studio those whom the doorkeeper lets in."""

    def __init__(self, studio: Studio, doorkeeper: Doorkeeper) -> None:
        self._studio = studio
        self._doorkeeper = doorkeeper

    def router(self) -> APIRouter:
        """The routes, all under ``/api``."""
        router = APIRouter(prefix="/api")
        router.add_api_route("/basemodels", self.base_models, responses=_UNAVAILABLE)
        router.add_api_route(
            "/txt2img",
            self.txt2img,
            methods=["POST"],
            status_code=201,
            responses=_BAD_BODY | _FORBIDDEN | _BUSY | _UNAVAILABLE,
        )
        router.add_api_route(
            "/status", self.status, responses=_BAD_BODY | _FORBIDDEN | _UNKNOWN | _UNAVAILABLE
        )
        router.add_api_route(
            "/getAsset",
            self.get_asset,
            responses=_PNG | _BAD_BODY | _FORBIDDEN | _UNKNOWN | _NO_PICTURE | _UNAVAILABLE,
            response_class=Response,
            openapi_extra=_ASSET_BODY,
        )
        router.add_api_route(
            "/preview",
            self.preview,
            responses=_JPEG | _BAD_BODY | _FORBIDDEN | _UNKNOWN | _NO_PREVIEW | _UNAVAILABLE,
            response_class=Response,
        )
        router.add_api_route(
            "/cancel",
            self.cancel,
            methods=["POST"],
            responses=_BAD_BODY | _FORBIDDEN | _UNKNOWN | _UNAVAILABLE,
        )
        router.add_api_route("/models", self.models, responses=_UNAVAILABLE)
        router.add_api_route("/health", self.health, responses=_UNAVAILABLE)
        return router

    async def base_models(self) -> BaseModelsAnswer:
        """The names of the base models that can be asked for now, the documented ones first and
        in the documented order."""
        names = [model.name for model in await self._studio.models()]
        names.sort(key=lambda name: _PLACES.get(name, len(_PLACES)))
        return BaseModelsAnswer(base_models=names)

    async def models(self) -> ModelsAnswer:
        """Each base model's title, sizes, limits and defaults, also of those that are not
        installed yet."""
        return ModelsAnswer(models=await self._studio.known_models())

    async def health(self) -> HealthAnswer:
        """Whether this server can paint, how much waits, and what it offers beyond the
        documentation."""
        engine, device = self._studio.condition
        return HealthAnswer(
            version=__version__,
            queue_length=await self._studio.queue_length(),
            engine=engine,
            device=device,
        )

    async def txt2img(self, request: Request, body: Txt2ImgBody) -> CreatedAnswer:
        """Post a job. With a `client_ref` the same POST may be sent again when its answer was
        lost: it is answered with the job that the first one made, and no second job is made."""
        owner = await self._owner(request, body.api_key)
        try:
            job_id = await self._studio.submit(owner, body.to_request(), body.client_ref)
        except QueueFullError:
            raise _come_again("The queue is full. Please try again in a moment.") from None
        except TooManyWaitingError as error:
            words = f"This key may have {error.limit} jobs waiting, and has as many."
            raise _come_again(f"{words} Please try again when one of them is done.") from None
        return CreatedAnswer(job_uuid=job_id)

    async def status(
        self,
        request: Request,
        job_uuid: str,
        api_key: str,
        wait: Annotated[
            float,
            Query(
                ge=0,
                le=MAX_WAIT_S,
                allow_inf_nan=False,
                description="Seconds to wait for the job to change before answering",
            ),
        ] = 0,
    ) -> StatusAnswer:
        """How a job is; with `wait`, as soon as its state or progress changes."""
        owner = (await self._owner(request, api_key)).id
        try:
            return StatusAnswer.of(await self._studio.report(owner, job_uuid, wait))
        except UnknownJobError:
            raise _unknown_job() from None

    async def cancel(self, request: Request, body: JobBody) -> StatusAnswer:
        """End a job: at once while it waits, at its next step while it is painted."""
        owner = (await self._owner(request, body.api_key)).id
        try:
            return StatusAnswer.of(await self._studio.cancel(owner, body.job_uuid))
        except UnknownJobError:
            raise _unknown_job() from None

    async def get_asset(
        self, request: Request, job_uuid: str | None = None, api_key: str | None = None
    ) -> Response:
        """A finished job's picture. The two names come in a JSON body, as documented, or in
        the query."""
        asked = _asset_asked_for(await request.body(), job_uuid, api_key)
        owner = (await self._owner(request, asked.api_key)).id
        try:
            picture = await self._studio.picture(owner, asked.job_uuid)
        except UnknownJobError:
            raise _unknown_job() from None
        except NotFinishedError:
            raise HTTPException(409, "The picture is not finished yet.") from None
        except JobFailedError as error:
            raise HTTPException(409, str(error)) from None
        return Response(picture, media_type="image/png")

    async def preview(self, request: Request, job_uuid: str, api_key: str) -> Response:
        """A running job's picture as it stands, small; made at most once a second."""
        owner = (await self._owner(request, api_key)).id
        try:
            picture = await self._studio.preview(owner, job_uuid)
        except UnknownJobError:
            raise _unknown_job() from None
        except NotFinishedError:
            raise HTTPException(409, "There is no preview.") from None
        return Response(picture, media_type="image/jpeg")

    async def _owner(self, request: Request, api_key: str) -> KeyOwner:
        address = "" if request.client is None else request.client.host
        owner = await self._doorkeeper.owner_of(api_key, address)
        request.state.owner = owner.id
        return owner


def _come_again(words: str) -> HTTPException:
    headers = {"Retry-After": str(QUEUE_FULL_RETRY_AFTER_S)}
    return HTTPException(429, words, headers=headers)


def _unknown_job() -> HTTPException:
    return HTTPException(404, "Unknown job")


def _asset_asked_for(body: bytes, job_uuid: str | None, api_key: str | None) -> JobBody:
    place, asked = "query", {"job_uuid": job_uuid, "api_key": api_key}
    if body:
        try:
            place, asked = "body", json.loads(body)
        except (ValueError, RecursionError):
            raise HTTPException(400, "The body is no JSON.") from None
    elif job_uuid is None or api_key is None:
        asked = {name: value for name, value in asked.items() if value is not None}
    try:
        return JobBody.model_validate(asked)
    except ValidationError as error:
        errors = [each | {"loc": (place, *each["loc"])} for each in error.errors()]
        raise RequestValidationError(errors) from None
