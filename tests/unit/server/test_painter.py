"""The painter's hold on its worker process: it cuts off the deaf, and takes back from the tired."""

import asyncio
import os
import shutil
from array import array
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.painter import LocalPainter
from algovera_desktop.server.painting import (
    PaintingCancelledError,
    PaintingFailedError,
    PaintOrder,
)
from algovera_desktop.server.pipelines.base import Checkpoint
from algovera_desktop.server.process import worker_command
from support.algovera_server import TESTS
from support.little_memory import little_memory
from support.random_models import tiny_models

TRIAL = "support.trial_pipeline:TrialPipeline"


@pytest.fixture(autouse=True)
def _trial_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


class Listener:
    """Calls back at the first step."""

    def __init__(self, on_first_step: Callable[[], None] = lambda: None) -> None:
        self._on_first_step = on_first_step
        self.steps: list[tuple[int, int]] = []

    def on_step(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        if len(self.steps) == 1:
            self._on_first_step()

    def on_preview(self, jpeg: bytes) -> None:
        """None comes within a second."""

    def on_paid(self, address: str) -> None:
        """Nothing is bought here."""


def order(prompt: str, checkpoint: Checkpoint | None = None) -> PaintOrder:
    model = "trial" if checkpoint is None else checkpoint.model.name
    return PaintOrder("job", GenerationRequest(prompt, model, 128, 128, steps=2), checkpoint)


def with_painter(painter: LocalPainter, act: Callable[[], Coroutine[None, None, None]]) -> None:
    async def run() -> None:
        painter.start(lambda: None)
        await act()

    try:
        asyncio.run(run())
    finally:
        painter.close()


def test_a_job_that_does_not_stop_is_cut_off_with_its_worker_and_the_next_one_runs(
    tmp_path: Path,
) -> None:
    replaced: list[None] = []
    painter = LocalPainter(
        worker_command(tmp_path, [TRIAL]), on_replaced=lambda: replaced.append(None), patience_s=0.2
    )

    async def act() -> None:
        listener = Listener(lambda: painter.stop_painting("job"))
        with pytest.raises(PaintingCancelledError):
            await painter.paint(order("deaf"), listener)
        assert await painter.paint(order("paint"), Listener())

    with_painter(painter, act)
    assert len(replaced) == 1


def test_a_job_that_stops_in_time_keeps_its_worker(tmp_path: Path) -> None:
    replaced: list[None] = []
    painter = LocalPainter(
        worker_command(tmp_path, [TRIAL]), on_replaced=lambda: replaced.append(None), patience_s=0.0
    )

    async def act() -> None:
        stop = Listener(lambda: painter.stop_painting("another job"))
        assert await painter.paint(order("paint"), stop)
        await asyncio.sleep(0)  # a timer for it would be due

    with_painter(painter, act)
    assert not replaced


@pytest.fixture(scope="module")
def models() -> None:
    """Skips the test where they cannot be built."""
    tiny_models()


@pytest.mark.usefixtures("models")
def test_an_order_that_meets_a_worker_on_its_way_out_is_painted_by_the_next(tmp_path: Path) -> None:
    """With no idle time at all each worker goes as soon as it has painted, order or no order."""
    replaced: list[None] = []
    painter = LocalPainter(
        worker_command(tmp_path, ["--idle-s=0", TRIAL]), on_replaced=lambda: replaced.append(None)
    )
    tiny = tiny_models().checkpoint("openvino")

    async def act() -> None:
        first = await painter.paint(order("a cat", tiny), Listener())
        for _ in range(2):
            assert await painter.paint(order("a cat", tiny), Listener()) == first
        assert painter.condition[0] == "ready"

    with_painter(painter, act)
    assert not replaced, "a rested worker is no restart"


@pytest.mark.usefixtures("models")
def test_an_order_called_off_while_its_worker_is_on_its_way_out_stays_called_off(
    tmp_path: Path,
) -> None:
    painter = LocalPainter(worker_command(tmp_path, ["--idle-s=0", TRIAL]))
    tiny = tiny_models().checkpoint("openvino")

    async def act() -> None:
        await painter.paint(order("a cat", tiny), Listener())
        second = replace(order("a cat", tiny), job_id="second")
        painting = asyncio.create_task(painter.paint(second, Listener()))
        await asyncio.sleep(0)  # it is told to the worker that goes
        painter.stop_painting("second")
        with pytest.raises(PaintingCancelledError):
            await painting
        assert await painter.paint(order("a cat", tiny), Listener())

    with_painter(painter, act)


def with_a_tenth_negated(data: bytes) -> bytes:
    """Other weights: of the numbers in the middle, where all are floats of four bytes."""
    numbers = array("f", data[: len(data) // 4 * 4])
    middle = len(numbers) // 2
    for index in range(middle, middle + len(numbers) // 10):
        numbers[index] = -numbers[index]
    return numbers.tobytes() + data[len(data) // 4 * 4 :]


@pytest.mark.usefixtures("models")
def test_files_that_were_replaced_are_loaded_anew(tmp_path: Path) -> None:
    tiny = tiny_models()
    shutil.copytree(tiny.folder / "openvino", tmp_path / "model")
    checkpoint = tiny.checkpoint("openvino", folder=str(tmp_path / "model"))
    weights = tmp_path / "model" / "unet" / "openvino_model.bin"
    painter = LocalPainter(worker_command(tmp_path, [TRIAL]))

    async def act() -> None:
        before = await painter.paint(order("a cat", checkpoint), Listener())
        weights.with_suffix(".new").write_bytes(with_a_tenth_negated(weights.read_bytes()))
        weights.with_suffix(".new").replace(weights)  # as a download does
        assert await painter.paint(order("a cat", checkpoint), Listener()) != before

    with_painter(painter, act)


@pytest.mark.skipif(not Path("/proc").exists(), reason="Linux tells and limits a process's memory")
@pytest.mark.usefixtures("models")
def test_a_model_for_which_memory_is_not_enough_costs_its_job_and_says_so(tmp_path: Path) -> None:
    painter = LocalPainter(worker_command(tmp_path, [TRIAL]))
    tiny = tiny_models().checkpoint("openvino", memory_bytes=3 * 10**9)

    async def act() -> None:
        await painter.paint(order("paint"), Listener())
        (worker,) = _workers()
        refused = pytest.raises(PaintingFailedError, match=r"about 3.0 GB of memory, and [01]\.")
        with little_memory(worker, 2 * 10**9), refused:
            await painter.paint(order("a cat", tiny), Listener())
        assert await painter.paint(order("a cat", tiny), Listener())

    with_painter(painter, act)


@pytest.mark.skipif(not Path("/proc").exists(), reason="Linux tells and limits a process's memory")
@pytest.mark.usefixtures("models")
def test_a_picture_for_which_memory_is_not_enough_costs_its_job_alone(tmp_path: Path) -> None:
    painter = LocalPainter(worker_command(tmp_path, [TRIAL]))
    tiny = tiny_models().checkpoint("openvino")
    small = order("a cat", tiny)
    large = replace(small, request=replace(small.request, width=16384, height=16384))

    async def act() -> None:
        before = await painter.paint(small, Listener())
        (worker,) = _workers()
        failed = pytest.raises(PaintingFailedError, match="ran out of memory while painting")
        with little_memory(worker), failed:
            await painter.paint(large, Listener())
        assert await painter.paint(small, Listener()) == before
        assert _workers() == [worker]

    with_painter(painter, act)


def _workers() -> list[int]:
    """The processes of this one that paint; what else it has started is not theirs."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [child for child in children if b"server.worker" in _command_line(child)]


def _command_line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()
