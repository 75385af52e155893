"""What a person does to ten thousand waiting jobs, or to a thousand of them, with the queue open:
how the window bears each deed, against the same window with nothing to do."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from bare_pipeline import request
from measurement import Measurement
from queue_world import KEY, QueueWorld, queue_world

from support.prepared_data import add_waiting, keyring_with, write_settings

COUNT = 10_000
ROUNDS = 3
_DEEDS = {
    "open": "open the queue",
    "scroll": "scroll to its middle",
    "move": "move 1 000 to the front",
    "undo_move": "undo that",
    "cancel": "cancel 1 000",
    "undo_cancel": "undo that, too",
    "cancel_all": "cancel all 10 000",
    "undo_cancel_all": "bring all back",
}


def measure() -> Iterator[Measurement]:
    """They wait for a server that does not answer, so that nothing else is going on."""
    with queue_world() as world:
        world.environment |= keyring_with(KEY, world.folder)
        rounds = [_round(world) for _ in range(ROUNDS)]
    idle_ms = median(idle["longest_ms"] for _, idle in rounds)
    for deed, words in _DEEDS.items():
        longest, work, done = (
            median(found[deed][figure] for found, _ in rounds)
            for figure in ("longest_ms", "work_ms", "done_ms")
        )
        yield Measurement(f"longest UI gap, {words}", longest, "ms", idle_ms)
        yield Measurement("most UI work at once", work, "ms")
        yield Measurement("until it is done", done, "ms")


def _round(world: QueueWorld) -> tuple[dict[str, Any], dict[str, Any]]:
    with world.data() as data:
        nobody = {"id": "far", "name": "Far", "address": "http://127.0.0.1:9"}
        write_settings(data, servers=[nobody])
        add_waiting(data, "far", [request(seed) for seed in range(COUNT)])
        return world.drive(data, "handle", COUNT), world.drive(data, "watch", 3)
