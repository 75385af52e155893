"""A worker's painting process is ended when its job does not heed that it was cancelled."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.cluster.board import Board
from algovera_desktop.server.cluster.celery_painter import CeleryPainter
from algovera_desktop.server.cluster.pace import Pace
from algovera_desktop.server.cluster.workbench import Workbench
from algovera_desktop.server.models.shelf import ModelShelf
from algovera_desktop.server.painter import LocalPainter
from algovera_desktop.server.painting import PaintingCancelledError, PaintOrder
from algovera_desktop.server.process import worker_command
from support.algovera_server import TESTS
from support.redis_server import RedisServer, redis_server

QUICK = Pace(beat_s=0.2, silence_s=3.0)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


class Listener:
    def __init__(self) -> None:
        self.has_begun = asyncio.Event()

    def on_step(self, done: int, total: int) -> None:
        self.has_begun.set()

    def on_preview(self, jpeg: bytes) -> None:
        """None comes within a second."""


class House:
    """The server's side and one worker's, without the message by which Celery brings them
    together: Redis between them is real, and so is the painting process."""

    def __init__(self, redis: RedisServer, folder: Path) -> None:
        self.replaced: list[None] = []
        command = worker_command(folder / "cache", ["support.trial_pipeline:TrialPipeline"])
        hands = LocalPainter(command, None, lambda: self.replaced.append(None), patience_s=0.3)
        board = Board(redis.address, QUICK)
        self._bench = Workbench("worker", board, hands, ModelShelf(folder), QUICK)
        self._hands = hands
        self.painter = CeleryPainter(redis.address, QUICK)

    async def open(self) -> None:
        self._hands.start(lambda: None)
        self._bench.start(lambda _: None)
        self.painter.start(lambda: None)

    async def close(self) -> None:
        await asyncio.to_thread(self.painter.close)
        await self._bench.close()

    async def paint(self, job_id: str, prompt: str, listener: Listener) -> bytes:
        request = GenerationRequest(prompt, "trial", 128, 128, steps=2)
        painting = asyncio.create_task(self.painter.paint(PaintOrder(job_id, request), listener))
        while not painting.done():
            await self._bench.paint(job_id)  # nothing happens while it is not wanted
            await asyncio.sleep(0.02)
        return await painting


def test_a_cancelled_job_that_does_not_stop_costs_its_painting_process_and_no_other_job(
    redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))

    async def scenario() -> None:
        house = House(redis, tmp_path)
        await house.open()
        try:
            async with asyncio.timeout(60):
                listener = Listener()
                deaf = asyncio.create_task(house.paint("deaf", "deaf", listener))
                await listener.has_begun.wait()
                house.painter.stop_painting("deaf")
                with pytest.raises(PaintingCancelledError):
                    await deaf
                assert len(house.replaced) == 1
                assert (await house.paint("next", "paint", Listener())).startswith(b"\x89PNG")
        finally:
            await house.close()

    asyncio.run(scenario())
