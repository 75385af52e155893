"""A picture that costs money is asked for once, and not lost when it has come."""

import asyncio
import io
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server import shift
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import MAYBE_PAID, StoredState
from algovera_desktop.server.painting import (
    PainterDiedError,
    PainterOutdatedError,
    PaintingFailedError,
    PaintListener,
    PaintOrder,
)
from algovera_desktop.server.worker import PNG_COMPRESSION
from support.full_disk import fill, make_room, small_disk_at
from support.studio_house import FREE, ME, PAID, HeldPainter, House

SMALL = replace(PAID, width=256, height=256)


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
def test_a_picture_that_was_paid_for_waits_for_its_place_on_the_disk(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(shift, "_STORAGE_RETRY_S", 0.001)

    async def visit(house: House) -> None:
        paid = await house.begin(PAID)
        shutil.rmtree(tmp_path / "pictures")
        house.painter.may_answer.set()
        while "has no place yet" not in caplog.text:
            await asyncio.sleep(0.001)
        assert (await house.state(paid))[0] is StoredState.RUNNING
        (tmp_path / "pictures").mkdir()
        await house.wait_for(paid, StoredState.DONE)
        assert await house.studio.picture(ME.id, paid) == b"picture"

    async def scenario() -> None:
        await House(database, tmp_path).during(visit)

    asyncio.run(scenario())


@pytest.mark.allows_log("failed")
def test_a_picture_that_cost_nothing_does_not_wait_for_a_folder_that_is_gone(
    database: Database, tmp_path: Path
) -> None:
    async def visit(house: House) -> None:
        free = await house.begin(FREE)
        (tmp_path / "pictures").rmdir()
        house.painter.may_answer.set()
        await house.wait_for(free, StoredState.FAILED)

    async def scenario() -> None:
        await House(database, tmp_path).during(visit)

    asyncio.run(scenario())


class NoisePainter(HeldPainter):
    """Its pictures are as large as they can be."""

    async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
        await super().paint(order, listener)
        size = (order.request.width, order.request.height)
        noise = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))
        file = io.BytesIO()
        noise.save(file, "PNG", compress_level=PNG_COMPRESSION)
        return file.getvalue()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_at(tmp_path / "disk") as folder:
        yield folder


def test_a_disk_that_fills_up_while_a_picture_is_paid_for_has_a_place_for_it(
    database: Database, small_disk: Path
) -> None:
    async def visit(house: House) -> None:
        job_id = await house.begin(SMALL)
        fill(small_disk)
        house.painter.may_answer.set()
        await house.wait_for(job_id, StoredState.DONE)
        picture = await house.studio.picture(ME.id, job_id)
        assert picture is not None
        assert len(picture) > 3 * SMALL.width * SMALL.height

    async def scenario() -> None:
        await House(database, small_disk, painter=NoisePainter()).during(visit)

    asyncio.run(scenario())


@pytest.mark.allows_log("has no place yet")
@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_picture_waits_for_space_as_long_as_it_is_wanted(
    database: Database,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    is_wanted: bool,
) -> None:
    monkeypatch.setattr(shift, "_STORAGE_RETRY_S", 0.001)

    async def visit(house: House) -> None:
        job_id = await house.begin(FREE)
        fill(small_disk)
        house.painter.may_answer.set()
        while "has no place yet: No space is left" not in caplog.text:
            await asyncio.sleep(0.001)
        assert (await house.state(job_id))[0] is StoredState.RUNNING
        if not is_wanted:
            await house.studio.cancel(ME.id, job_id)
            while not house.studio.is_idle:
                await asyncio.sleep(0.001)
        make_room(small_disk)
        await house.wait_for(job_id, StoredState.DONE if is_wanted else StoredState.CANCELLED)

    async def scenario() -> None:
        await House(database, small_disk, painter=NoisePainter()).during(visit)

    asyncio.run(scenario())


@pytest.mark.allows_log("failed")
def test_what_a_full_disk_could_not_keep_is_not_paid_for(
    database: Database, small_disk: Path
) -> None:
    async def visit(house: House) -> None:
        house.painter.may_answer.set()
        fill(small_disk, leave_bytes=3 * SMALL.width * SMALL.height)
        job_id = await house.studio.submit(ME, SMALL)
        await house.wait_for(job_id, StoredState.FAILED)
        words = "No space is left on the server for the picture. Nothing was paid."
        assert (await house.state(job_id))[1] == words
        assert house.painter.orders == []
        make_room(small_disk)
        again = await house.begin(SMALL)
        await house.wait_for(again, StoredState.DONE)

    async def scenario() -> None:
        await House(database, small_disk).during(visit)

    asyncio.run(scenario())


@pytest.mark.allows_log("could not be written down")
@pytest.mark.parametrize("is_known", [True, False], ids=["its place is known", "it is not"])
def test_what_was_paid_before_the_program_was_updated_is_not_asked_for_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    """Its painter paid and died, and the next one is of the next version."""

    class DiesOverIt(HeldPainter):
        async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
            self.orders.append(order.request)
            if order.address:
                raise PainterOutdatedError
            listener.on_paid("https://images.example/1.png")
            raise PainterDiedError("It died.")

    async def no_room(_job_id: str, _address: str) -> None:
        raise DiskFullError("No space is left.")

    async def visit(house: House) -> None:
        if not is_known:
            monkeypatch.setattr(house.jobs, "keep_address", no_room)
        job_id = await house.begin(PAID)
        await house.wait_for(job_id, StoredState.QUEUED if is_known else StoredState.FAILED)
        job = await house.jobs.get(ME.id, job_id)
        assert job is not None
        known = ("https://images.example/1.png", "")
        assert (job.address, job.error) == (known if is_known else ("", MAYBE_PAID))

    async def scenario() -> None:
        await House(database, tmp_path, painter=DiesOverIt()).during(visit)

    asyncio.run(scenario())


@pytest.mark.allows_log("failed")
def test_the_space_for_a_paid_picture_that_does_not_come_is_given_back(
    database: Database, tmp_path: Path
) -> None:
    class Refusing(HeldPainter):
        async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
            await super().paint(order, listener)
            raise PaintingFailedError("The image service refused the key.")

    async def visit(house: House) -> None:
        job_id = await house.begin(PAID)
        (reserved,) = (tmp_path / "pictures").iterdir()
        assert reserved.stat().st_size > 3 * PAID.width * PAID.height
        house.painter.may_answer.set()
        await house.wait_for(job_id, StoredState.FAILED)
        assert not reserved.exists()

    async def scenario() -> None:
        await House(database, tmp_path, painter=Refusing()).during(visit)

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
