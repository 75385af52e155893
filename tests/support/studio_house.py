"""A studio over a real database and disk, whose painter is one that a test can hold."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import JobStore, StoredState
from algovera_desktop.server.keys import KeyOwner
from algovera_desktop.server.painting import PaintListener, PaintOrder, Workshop
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.pipelines.base import Checkpoint, RemoteAccess
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.studio import Studio, StudioRules

ME = KeyOwner("me")
PAID = GenerationRequest("a cat", "dalle", width=1024, height=1024)
FREE = GenerationRequest("a cat", "free")
_VISIT_S = 30.0
ACCESS = RemoteAccess("sk-secret", "https://images.example/v1", "gpt-image-1-mini")


class NothingInstalled:
    async def installed(self) -> Sequence[Checkpoint]:
        return ()

    async def known(self) -> Sequence[ModelInfo]:
        return ()


class HeldPainter:
    """Takes each order, and gives a picture when it may: all of them, or those of some prompts."""

    condition = ("ready", "far away")

    def __init__(self, capacity: int = 1) -> None:
        self.capacity = capacity
        self.orders: list[GenerationRequest] = []
        self.may_answer = asyncio.Event()
        self.quick_prompts: set[str] = set()
        self.visits, self.is_open = 0, asyncio.Event()
        self.is_open.set()

    def start(self, on_capacity_changed: Callable[[], None]) -> None:
        """Nothing to start."""

    async def workshop(self) -> Workshop:
        self.visits += 1
        if self.visits > 1:  # the first is who posts the job
            await self.is_open.wait()
        return Workshop((ModelInfo("free", "Free"),), "far away")

    async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
        self.orders.append(order.request)
        listener.on_step(1, 2)
        if order.request.prompt not in self.quick_prompts:
            await self.may_answer.wait()
        return b"picture"

    def stop_painting(self, job_id: str) -> None:
        """It cannot be stopped."""

    def close(self) -> None:
        """Nothing to close."""


class House:
    """One run of the server over the same disk; with a ``buyer`` jobs for money go to it."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        rules: StudioRules | None = None,
        painter: HeldPainter | None = None,
        buyer: HeldPainter | None = None,
    ) -> None:
        self.jobs = JobStore(database, is_bought_apart=buyer is not None)
        self.pictures = PictureFolder(folder / "pictures")
        self.jobs.recover(self.pictures.has)
        self.painter = painter or HeldPainter()
        self.studio = Studio(
            self.jobs,
            self.pictures,
            self.painter,
            RemoteModels(NothingInstalled(), ACCESS),
            rules or StudioRules(),
            buyer=buyer,
        )

    async def during(self, visit: Callable[["House"], Awaitable[None]]) -> None:
        await self.studio.open()
        try:
            async with asyncio.timeout(_VISIT_S):
                await visit(self)
        finally:
            await self.studio.close()

    async def begin(self, request: GenerationRequest, by: HeldPainter | None = None) -> str:
        """Post a job and return once its painter has it."""
        job_id = await self.studio.submit(ME, request)
        while request not in (by or self.painter).orders:
            await asyncio.sleep(0.001)
        return job_id

    async def wait_for(self, job_id: str, state: StoredState) -> None:
        """Return once a job is in this state."""
        while (await self.state(job_id))[0] is not state:
            await asyncio.sleep(0.001)

    async def state(self, job_id: str) -> tuple[StoredState, str]:
        job = await self.jobs.get(ME.id, job_id)
        assert job is not None
        return job.state, job.error
