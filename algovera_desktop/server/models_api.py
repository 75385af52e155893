"""The model manager's calls, for the application that started this server and nobody else.

Each one carries the application's key as ``Authorization: Bearer KEY``; any other key is answered
with 403. None of them is part of the published protocol, and a server that stands alone has none
of them: there ``algovera-server models`` does the same.

    GET  /api/manage/models?revision=R&wait=S   all models; waits up to S seconds (30 at most) for
                                                a change while R is the ``revision`` told last
    POST /api/manage/models/pull     {"name", "licence_accepted"}
    POST /api/manage/models/pause    {"name"}   a download, until it is resumed
    POST /api/manage/models/resume   {"name"}   one that was paused, or failed
    POST /api/manage/models/cancel   {"name"}   a download, and delete what came; or a check
    POST /api/manage/models/remove   {"name"}   an installed model; the user's own folder stays
    POST /api/manage/models/verify   {"name"}   check every file; fetch damaged ones again
    POST /api/manage/models/add      {"name", "folder"}   a folder or file of the user's own
    POST /api/manage/models/mirror   {"address"}          where to download from; "" is the Hub

Each of them answers at once with a :class:`ManagedModels`; what comes of a download is seen by
asking again. Refused: 403 (key), 404 (no such model), 409 (not now: ``detail`` says why), 422 (the
folder, name, address or missing consent: ``detail`` says what), 507 (no room), 502 (other trouble
with the disk or the Hub).
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict

from algovera_desktop.domain.generation import Size
from algovera_desktop.domain.managed_models import ModelState
from algovera_desktop.server.application_only import ApplicationOnly
from algovera_desktop.server.bell import ChangeBell
from algovera_desktop.server.keys import Doorkeeper
from algovera_desktop.server.models.catalogue import Licence
from algovera_desktop.server.models.errors import (
    AddressRefusedError,
    FolderRefusedError,
    LicenceNotAcceptedError,
    ModelBusyError,
    ModelsError,
    NoSpaceError,
    UnknownModelError,
    WrongStateError,
)
from algovera_desktop.server.models.speed import expected_seconds, vector_gflops
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.models.views import ModelView
from algovera_desktop.server.protocol import MAX_WAIT_S, Text
from algovera_desktop.server.remote import OPENAI_RUNTIME, RemoteModels

_ANY = "any"

_STATUSES: tuple[tuple[type[ModelsError], int], ...] = (
    (UnknownModelError, 404),
    (ModelBusyError, 409),
    (WrongStateError, 409),
    (LicenceNotAcceptedError, 422),
    (FolderRefusedError, 422),
    (AddressRefusedError, 422),
    (NoSpaceError, 507),
)


class NameBody(BaseModel):
    model_config = ConfigDict(strict=True)

    name: Text


class PullBody(NameBody):
    licence_accepted: bool = False


class AddBody(NameBody):
    folder: Text


class MirrorBody(BaseModel):
    model_config = ConfigDict(strict=True)

    address: Text


class ManagedModel(BaseModel):
    """One model. ``done_bytes`` of ``total_bytes`` are here, or checked; ``bytes_per_s`` and
    ``seconds_left`` are null where nobody can say yet, and so is ``expected_s``, how long a picture
    of native size may take on this computer. See :class:`ModelView` for the rest."""

    name: str
    title: str
    state: ModelState
    description: str
    note: str
    reason: str
    runtime: str
    native_size: Size
    default_steps: int
    recommended: bool
    downloadable: bool
    licence: Licence | None
    licence_accepted: bool
    download_bytes: int
    disk_bytes: int
    memory_bytes: int
    folder: str
    done_bytes: int
    total_bytes: int
    bytes_per_s: float | None
    seconds_left: float | None
    expected_s: float | None

    @classmethod
    def of(cls, view: ModelView, gflops: float | None) -> "ManagedModel":
        fields = {name: getattr(view, name) for name in cls.model_fields if hasattr(view, name)}
        pace = view.pace
        return cls(
            **fields,
            done_bytes=pace.done_bytes,
            total_bytes=pace.total_bytes,
            bytes_per_s=pace.bytes_per_s,
            seconds_left=pace.seconds_left,
            expected_s=_expected_s(view, gflops),
        )


def _expected_s(view: ModelView, gflops: float | None) -> float | None:
    return expected_seconds(view.reference_s, gflops) if gflops and view.reference_s else None


class ManagedModels(BaseModel):
    """All of them, ``revision`` being the number of this state of affairs."""

    revision: int
    mirror: str
    free_bytes: int
    models: list[ManagedModel]


class ModelsApi:
    """Answers the application for a model store, and for what costs money whether there is a key.
    Belongs to one event loop."""

    def __init__(self, store: ModelStore, doorkeeper: Doorkeeper, remote: RemoteModels) -> None:
        self._store, self._remote = store, remote
        self._application_only = ApplicationOnly(doorkeeper)
        self._bell = ChangeBell()
        self._revision = 1
        self._gflops: float | None = None
        self._test: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Inside, changes are heard of, and downloads of a predecessor go on."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended before a download did
                loop.call_soon_threadsafe(self._on_store_changed)

        self._store.on_changed = tell
        self._remote.on_changed = self._on_store_changed
        await run_in_threadpool(self._store.go_on)
        try:
            yield
        finally:
            self.release_waiters()
            if self._test is not None:
                await self._test
            await run_in_threadpool(self._store.close)

    def release_waiters(self) -> None:
        """Answer everybody who waits for a change, from now on at once."""
        self._bell.close()

    def router(self) -> APIRouter:
        router = APIRouter(
            prefix="/models",  # it is mounted under /api/manage
            include_in_schema=False,
            dependencies=[Depends(self._application_only)],
        )
        router.add_api_route("", self.list, methods=["GET"])
        for action in (
            self.pull,
            self.pause,
            self.resume,
            self.cancel,
            self.remove,
            self.verify,
            self.add,
            self.mirror,
        ):
            router.add_api_route(f"/{action.__name__}", action, methods=["POST"])
        return router

    async def list(
        self,
        revision: int = 0,
        wait: Annotated[float, Query(ge=0, le=MAX_WAIT_S, allow_inf_nan=False)] = 0,
    ) -> ManagedModels:
        if self._test is None:
            self._test = asyncio.create_task(self._measure_speed())
        if wait > 0:
            with self._bell.waiter(_ANY) as waiter:
                if revision == self._revision:
                    await waiter.wait(wait)
        return await self._now()

    async def pull(self, body: PullBody) -> ManagedModels:
        accepted = body.licence_accepted
        return await self._do(lambda: self._store.pull(body.name, licence_accepted=accepted))

    async def pause(self, body: NameBody) -> ManagedModels:
        return await self._do(lambda: self._store.pause(body.name))

    async def resume(self, body: NameBody) -> ManagedModels:
        return await self._do(lambda: self._store.resume(body.name))

    async def cancel(self, body: NameBody) -> ManagedModels:
        return await self._do(lambda: self._store.cancel(body.name))

    async def remove(self, body: NameBody) -> ManagedModels:
        return await self._do(lambda: self._store.remove(body.name))

    async def verify(self, body: NameBody) -> ManagedModels:
        return await self._do(lambda: self._store.verify(body.name))

    async def add(self, body: AddBody) -> ManagedModels:
        return await self._do(lambda: self._store.add(Path(body.folder), body.name))

    async def mirror(self, body: MirrorBody) -> ManagedModels:
        return await self._do(lambda: self._store.set_mirror(body.address))

    async def _do(self, action: Callable[[], None]) -> ManagedModels:
        try:
            await run_in_threadpool(action)
        except ModelsError as error:
            status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 502)
            raise HTTPException(status, str(error)) from None
        return await self._now()

    async def _now(self) -> ManagedModels:
        revision = self._revision  # before the look, so that what changes meanwhile is told again
        return await run_in_threadpool(self._read, revision)

    def _read(self, revision: int) -> ManagedModels:
        return ManagedModels(
            revision=revision,
            mirror=self._store.hub_address,
            free_bytes=self._store.free_bytes(),
            models=[ManagedModel.of(self._seen(v), self._gflops) for v in self._store.views()],
        )

    def _seen(self, view: ModelView) -> ModelView:
        """What another company paints is there as soon as there is a key for it."""
        if view.runtime == OPENAI_RUNTIME and self._remote.has_access:
            return replace(view, state=ModelState.INSTALLED)
        return view

    async def _measure_speed(self) -> None:
        """Half a second of all cores, once, when somebody looks at the models."""
        self._gflops = await asyncio.to_thread(vector_gflops)
        self._on_store_changed()

    def _on_store_changed(self) -> None:
        self._revision += 1
        self._bell.ring(_ANY)
