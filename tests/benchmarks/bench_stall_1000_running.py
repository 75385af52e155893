"""A thousand jobs running on a server that takes two seconds for every answer: how the window
bears it, against the same window with nothing to do."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bare_pipeline import request
from measurement import Measurement
from queue_world import KEY, CountingServer, QueueWorld, counting_server, queue_world

from support.prepared_data import add_running, keyring_with, write_settings

COUNT = 1000
ANSWER_S = 2
WATCH_S = 15
ROUNDS = 3


def measure() -> Iterator[Measurement]:
    """Every job has its picture at the first question, so that as much as can be goes on."""
    with queue_world() as world:
        world.environment |= keyring_with(KEY, world.folder)
        pairs = [_round(world) for _ in range(ROUNDS)]
    running, idle = ([pair[side] for pair in pairs] for side in (0, 1))
    name = "longest UI gap, 1 000 running"
    yield Measurement(name, _median(running, "longest_ms"), "ms", _median(idle, "longest_ms"))
    yield Measurement("most UI work at once", _median(running, "work_ms"), "ms")


def _round(world: QueueWorld) -> tuple[dict[str, float], dict[str, float]]:
    with counting_server("slow_server.py", str(ANSWER_S), "1") as server:
        return _watched(world, server, COUNT), _watched(world, server, 0)


def _watched(world: QueueWorld, server: CountingServer, count: int) -> dict[str, float]:
    with world.data() as data:
        _prepare(data, server, count)
        return world.drive(data, "watch", WATCH_S)


def _median(runs: list[dict[str, float]], figure: str) -> float:
    return median(run[figure] for run in runs)


def _prepare(data: Path, server: CountingServer, count: int) -> None:
    write_settings(data, servers=[server.entry(at_once=COUNT)])
    add_running(data, "far", [request(seed) for seed in range(count)])
