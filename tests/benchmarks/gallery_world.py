"""What the gallery's benchmarks run in: a library of a million, one that is empty, a screen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from make_library import copy_of_library
from measurement import Measurement
from queue_world import QueueWorld, queue_world

ROUNDS = 3


@dataclass
class GalleryWorld:
    """Two data folders, both used before, and the program to look at them with."""

    world: QueueWorld
    full: Path
    empty: Path

    def drive(self, data: Path, what: str) -> dict[str, float]:
        """What ``driven_gallery.py`` finds."""
        return json.loads(self.world.output("driven_gallery.py", str(data), what))

    def measure(
        self, what: str, named: dict[str, str], rounds: int = ROUNDS
    ) -> Iterator[Measurement]:
        """The medians of some figures at a million beside those of an empty library, in turns;
        then the peak of memory."""
        pairs = [(self.drive(self.full, what), self.drive(self.empty, what)) for _ in range(rounds)]
        for figure, words in {**named, "peak_mb": f"peak memory: {what}"}.items():
            unit = "MB" if figure == "peak_mb" else "ms"
            value, baseline = (median(pair[side][figure] for pair in pairs) for side in (0, 1))
            yield Measurement(words, value, unit, baseline)


@contextmanager
def gallery_world(*, empty_records: int = 0) -> Iterator[GalleryWorld]:
    """A world for the length of a block; the second library may have some pictures too."""
    with queue_world() as world:
        full = copy_of_library(world.folder / "full")
        empty = world.folder / "empty"
        if empty_records:
            copy_of_library(empty, empty_records, 0)
        else:
            empty.mkdir()
        gallery = GalleryWorld(world, full, empty)
        for data in (full, empty):
            gallery.drive(data, "open")
        yield gallery
