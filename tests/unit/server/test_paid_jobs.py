"""A picture that costs money is asked for once, and not lost when it has come."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.server import studio as studio_module
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import MAYBE_PAID, JobStore, StoredState
from algovera_desktop.server.keys import KeyOwner
from algovera_desktop.server.painting import PaintListener, PaintOrder, Workshop
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.pipelines.base import Checkpoint, RemoteAccess
from algovera_desktop.server.remote import RemoteModels
from algovera_desktop.server.studio import Studio, StudioRules

ME = KeyOwner("me")
PAID = GenerationRequest("a cat", "dalle", width=1024, height=1024)
FREE = GenerationRequest("a cat", "free")
ACCESS = RemoteAccess("sk-secret", "https://images.example/v1", "gpt-image-1-mini")


class NothingInstalled:
    async def installed(self) -> Sequence[Checkpoint]:
        return ()

    async def known(self) -> Sequence[ModelInfo]:
        return ()


class Company:
    """A painter who takes each order, and gives a picture when it may."""

    capacity = 1
    condition = ("ready", "far away")

    def __init__(self) -> None:
        self.orders: list[GenerationRequest] = []
        self.may_answer = asyncio.Event()
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
        await self.may_answer.wait()
        return b"picture"

    def stop_painting(self, job_id: str) -> None:
        """It cannot be stopped."""

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "server.db")
    yield database
    database.close()


class House:
    """One run of the server over the same disk."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.jobs = JobStore(database)
        self.jobs.recover()
        self.company = Company()
        models = RemoteModels(NothingInstalled(), ACCESS)
        pictures = PictureFolder(folder / "pictures")
        self.studio = Studio(self.jobs, pictures, self.company, models, StudioRules())

    async def during(self, visit: Callable[["House"], Awaitable[None]]) -> None:
        await self.studio.open()
        try:
            await visit(self)
        finally:
            await self.studio.close()

    async def begin(self, request: GenerationRequest) -> str:
        job_id = await self.studio.submit(ME, request)
        while request not in self.company.orders:
            await asyncio.sleep(0.001)
        return job_id

    async def state(self, job_id: str) -> tuple[StoredState, str]:
        job = await self.jobs.get(ME.id, job_id)
        assert job is not None
        return job.state, job.error


@pytest.mark.parametrize("request_", [PAID, FREE], ids=["paid", "free"])
def test_what_was_under_way_at_the_end_is_asked_for_again_only_if_it_is_free(
    database: Database, tmp_path: Path, request_: GenerationRequest
) -> None:
    jobs: list[str] = []

    async def begin(house: House) -> None:
        jobs.append(await house.begin(request_))

    async def come_back(house: House) -> None:
        house.company.may_answer.set()
        report = await house.studio.report(ME.id, jobs[0])
        while report.job.state.is_open:
            report = await house.studio.report(ME.id, jobs[0], 5)
        if request_ is FREE:
            assert report.job.state is StoredState.DONE
            return
        assert (report.job.state, report.job.error) == (StoredState.FAILED, MAYBE_PAID)
        assert house.company.orders == []

    async def scenario() -> None:
        await House(database, tmp_path).during(begin)
        await House(database, tmp_path).during(come_back)

    asyncio.run(scenario())


@pytest.mark.allows_log("has no place yet")
@pytest.mark.allows_log("failed")
def test_a_picture_that_was_paid_for_waits_for_its_place_on_the_disk(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_module, "_STORAGE_RETRY_S", 0.001)

    async def visit(house: House) -> None:
        free, paid = await house.begin(FREE), await house.studio.submit(ME, PAID)
        (tmp_path / "pictures").rmdir()
        house.company.may_answer.set()
        while PAID not in house.company.orders:
            await asyncio.sleep(0.001)
        assert (await house.state(free))[0] is StoredState.FAILED
        assert (await house.state(paid))[0] is StoredState.RUNNING
        (tmp_path / "pictures").mkdir()
        while (await house.state(paid))[0] is StoredState.RUNNING:
            await asyncio.sleep(0.001)
        assert await house.studio.picture(ME.id, paid) == b"picture"

    async def scenario() -> None:
        await House(database, tmp_path).during(visit)

    asyncio.run(scenario())


def test_a_job_that_is_cancelled_before_its_painter_has_heard_of_it_is_not_paid_for(
    database: Database, tmp_path: Path
) -> None:
    async def visit(house: House) -> None:
        house.company.may_answer.set()
        house.company.is_open.clear()
        job_id = await house.studio.submit(ME, PAID)
        while (await house.state(job_id))[0] is StoredState.QUEUED:
            await asyncio.sleep(0.001)
        await house.studio.cancel(ME.id, job_id)
        house.company.is_open.set()
        while not house.studio.is_idle:
            await asyncio.sleep(0.001)
        assert (await house.state(job_id))[0] is StoredState.CANCELLED
        assert house.company.orders == []

    async def scenario() -> None:
        await House(database, tmp_path).during(visit)

    asyncio.run(scenario())
