"""The program's start with ten thousand jobs waiting, against one with an empty queue.

They wait for a server that does not answer, so that nothing else is going on.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bare_pipeline import request
from bench_first_paint import first_paint_ms
from measurement import Measurement, alternate
from queue_world import KEY, QueueWorld, queue_world

from support.prepared_data import add_waiting, keyring_with, write_settings

COUNT = 10_000
ROUNDS = 5
_FIGURES = {
    "ready_ms": "start to Generate offered",
    "longest_ms": "longest UI gap at start",
    "work_ms": "most UI work at once",
}


def measure() -> Iterator[Measurement]:
    """In turns, each on a data folder that has been used before."""
    with queue_world() as world, world.data() as full, world.data() as empty:
        world.environment |= keyring_with(KEY, world.folder)
        _prepare(full, COUNT)
        _prepare(empty, 0)
        painted_ms, empty_painted_ms = alternate(
            lambda: _painted_ms(world, full), lambda: _painted_ms(world, empty), ROUNDS
        )
        pairs = [(_run(world, full, COUNT), _run(world, empty, 0)) for _ in range(ROUNDS + 1)][1:]
    yield Measurement("start to first paint, 10 000 waiting", painted_ms, "ms", empty_painted_ms)
    for figure, words in _FIGURES.items():
        value, baseline = (median(pair[side][figure] for pair in pairs) for side in (0, 1))
        yield Measurement(f"{words}, 10 000 waiting", value, "ms", baseline)
    loaded_ms = median(pair[0]["loaded_ms"] for pair in pairs)
    yield Measurement("start to all of 10 000 waiting known", loaded_ms, "ms")


def _prepare(data: Path, count: int) -> None:
    nobody = {"id": "far", "name": "Far", "address": "http://127.0.0.1:9"}
    write_settings(data, servers=[nobody])
    add_waiting(data, "far", [request(seed) for seed in range(count)])


def _painted_ms(world: QueueWorld, data: Path) -> float:
    program = ["algovera-desktop", "--data-dir", str(data), "--print-first-paint"]
    return first_paint_ms(world.session, program)


def _run(world: QueueWorld, data: Path, count: int) -> dict[str, float]:
    return world.drive(data, "start", count)
