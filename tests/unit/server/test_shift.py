"""Whatever moment the server ends at, and however busy it is, each job is where it belongs."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import LibraryBusyError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server import shift
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import JobStore, StoredJob, StoredState
from algovera_desktop.server.studio import StudioRules
from support.studio_house import FREE, ME, PAID, HeldPainter, House

A_MOMENT = StudioRules(keep_days=1e-9)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "server.db")
    yield database
    database.close()


def test_what_is_old_is_deleted_while_others_paint_and_what_they_paint_is_kept(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "_TIDY_EVERY_S", 0.001)

    async def visit(house: House) -> None:
        held = await house.begin(FREE)
        half_written = tmp_path / "pictures" / f"{held}.part"
        half_written.touch()
        house.painter.quick_prompts.add("quick")
        old = await house.studio.submit(ME, replace(FREE, prompt="quick"))
        while await house.jobs.get(ME.id, old) is not None or house.pictures.has(old):
            await asyncio.sleep(0.001)
        assert half_written.exists()
        half_written.unlink()
        house.painter.may_answer.set()

    async def scenario() -> None:
        painter = HeldPainter(capacity=2)
        await House(database, tmp_path, A_MOMENT, painter).during(visit)

    asyncio.run(scenario())


@pytest.mark.parametrize("request_", [PAID, FREE], ids=["paid", "free"])
def test_a_job_that_is_claimed_as_the_server_ends_waits_for_the_next_one(
    database: Database, tmp_path: Path, request_: GenerationRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed, may_go_on = asyncio.Event(), asyncio.Event()
    claim = JobStore.claim

    async def claim_slowly(store: JobStore, once: bool | None = None) -> StoredJob | None:
        job = await claim(store, once)
        if job is not None:
            claimed.set()
            await may_go_on.wait()
        return job

    async def scenario() -> None:
        house = House(database, tmp_path)
        monkeypatch.setattr(JobStore, "claim", claim_slowly)
        await house.studio.open()
        job_id = await house.studio.submit(ME, request_)
        await claimed.wait()
        end = asyncio.create_task(house.studio.close())
        await asyncio.sleep(0)
        may_go_on.set()
        await end
        assert await house.state(job_id) == (StoredState.QUEUED, "")
        assert house.painter.orders == []

    asyncio.run(scenario())


def test_a_database_that_is_gone_by_then_holds_up_no_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, may_go_on = asyncio.Event(), asyncio.Event()

    async def claim_in_vain(_store: JobStore, _once: bool | None = None) -> StoredJob | None:
        asked.set()
        await may_go_on.wait()
        raise LibraryBusyError("The database's server does not answer.")

    async def scenario() -> None:
        monkeypatch.setattr(JobStore, "claim", claim_in_vain)
        monkeypatch.setattr(shift, "_STORAGE_RETRY_S", 3600.0)
        house = House(database, tmp_path)
        await house.studio.open()
        await asked.wait()
        end = asyncio.create_task(house.studio.close())
        await asyncio.sleep(0)
        may_go_on.set()
        async with asyncio.timeout(30):
            await end

    asyncio.run(scenario())


def test_a_job_whose_painter_was_not_told_yet_waits_for_the_next_server(
    database: Database, tmp_path: Path
) -> None:
    jobs: list[str] = []

    async def visit(house: House) -> None:
        house.painter.is_open.clear()
        jobs.append(await house.studio.submit(ME, PAID))
        await house.wait_for(jobs[0], StoredState.RUNNING)

    async def scenario() -> None:
        house = House(database, tmp_path)
        await house.during(visit)
        assert await house.state(jobs[0]) == (StoredState.QUEUED, "")

    asyncio.run(scenario())


@pytest.mark.parametrize("ends_in_order", [True, False])
def test_a_picture_that_lies_on_the_disk_counts_though_nobody_wrote_down_that_it_came(
    database: Database, tmp_path: Path, ends_in_order: bool
) -> None:
    async def scenario() -> None:
        house = House(database, tmp_path)
        if ends_in_order:
            await house.studio.open()
            job_id = await house.begin(PAID)
        else:
            job_id = await house.jobs.add(ME.id, PAID, 9, once=True)
            await house.jobs.claim()
        house.pictures.save(job_id, b"picture")
        if ends_in_order:
            await house.studio.close()
        again = House(database, tmp_path)
        assert (await again.state(job_id))[0] is StoredState.DONE
        assert await again.studio.picture(ME.id, job_id) == b"picture"

    asyncio.run(scenario())


def test_pictures_that_cost_money_and_those_that_do_not_do_not_wait_for_each_other(
    database: Database, tmp_path: Path
) -> None:
    buyer = HeldPainter()

    async def visit(house: House) -> None:
        paid = [await house.studio.submit(ME, PAID) for _ in range(3)]
        await house.wait_for(paid[0], StoredState.RUNNING)
        await house.begin(FREE)
        free = [await house.studio.submit(ME, FREE) for _ in range(2)]
        told = [(await house.studio.report(ME.id, job)).job for job in (*paid, *free)]
        assert [job.queue_position for job in told] == [0, 1, 2, 1, 2]
        assert (house.painter.orders, buyer.orders) == ([FREE], [PAID])
        buyer.may_answer.set()
        for job in paid:
            await house.wait_for(job, StoredState.DONE)
        assert (house.painter.orders, buyer.orders) == ([FREE], [PAID] * 3)

    async def scenario() -> None:
        await House(database, tmp_path, buyer=buyer).during(visit)

    asyncio.run(scenario())
