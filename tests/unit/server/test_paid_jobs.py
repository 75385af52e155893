"""A picture that costs money is asked for once, and not lost when it has come."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server import shift
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import MAYBE_PAID, StoredState
from support.studio_house import FREE, ME, PAID, House


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "server.db")
    yield database
    database.close()


@pytest.mark.parametrize("request_", [PAID, FREE], ids=["paid", "free"])
def test_what_was_under_way_at_the_end_is_asked_for_again_only_if_it_is_free(
    database: Database, tmp_path: Path, request_: GenerationRequest
) -> None:
    jobs: list[str] = []

    async def begin(house: House) -> None:
        jobs.append(await house.begin(request_))

    async def come_back(house: House) -> None:
        house.painter.may_answer.set()
        report = await house.studio.report(ME.id, jobs[0])
        while report.job.state.is_open:
            report = await house.studio.report(ME.id, jobs[0], 5)
        if request_ is FREE:
            assert report.job.state is StoredState.DONE
            return
        assert (report.job.state, report.job.error) == (StoredState.FAILED, MAYBE_PAID)
        assert house.painter.orders == []

    async def scenario() -> None:
        await House(database, tmp_path).during(begin)
        await House(database, tmp_path).during(come_back)

    asyncio.run(scenario())


@pytest.mark.allows_log("has no place yet")
@pytest.mark.allows_log("failed")
def test_a_picture_that_was_paid_for_waits_for_its_place_on_the_disk(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "_STORAGE_RETRY_S", 0.001)

    async def visit(house: House) -> None:
        free, paid = await house.begin(FREE), await house.studio.submit(ME, PAID)
        (tmp_path / "pictures").rmdir()
        house.painter.may_answer.set()
        while PAID not in house.painter.orders:
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
        house.painter.may_answer.set()
        house.painter.is_open.clear()
        job_id = await house.studio.submit(ME, PAID)
        while (await house.state(job_id))[0] is StoredState.QUEUED:
            await asyncio.sleep(0.001)
        await house.studio.cancel(ME.id, job_id)
        house.painter.is_open.set()
        while not house.studio.is_idle:
            await asyncio.sleep(0.001)
        assert (await house.state(job_id))[0] is StoredState.CANCELLED
        assert house.painter.orders == []

    async def scenario() -> None:
        await House(database, tmp_path).during(visit)

    asyncio.run(scenario())
