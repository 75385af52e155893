"""Ten thousand pictures asked for at once: until they are safe, and how the window bears it."""

from collections.abc import Iterator
from statistics import median

from measurement import Measurement
from queue_world import QueueWorld, queue_world

COUNT = 10_000
ROUNDS = 3


def measure() -> Iterator[Measurement]:
    """Against SQLite alone, and against the same window with nothing to do."""
    with queue_world() as world:
        runs = [_run(world) for _ in range(ROUNDS)]
    name = "10 000 jobs added"
    yield Measurement(name, _median(runs, "added_ms"), "ms", _median(runs, "bare_ms"))
    gap = f"longest UI gap, {name}"
    yield Measurement(gap, _median(runs, "longest_ms"), "ms", _median(runs, "idle_ms"))
    yield Measurement("most UI work at once", _median(runs, "work_ms"), "ms")


def _run(world: QueueWorld) -> dict[str, float]:
    with world.data() as data:
        found = world.drive(data, "enqueue", COUNT)
    with world.data() as data:
        found["bare_ms"] = float(world.output("bare_inserts.py", str(data), str(COUNT)))
        found["idle_ms"] = world.drive(data, "watch", 3)["longest_ms"]
    return found


def _median(runs: list[dict[str, float]], name: str) -> float:
    return median(run[name] for run in runs)
