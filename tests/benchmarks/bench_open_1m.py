"""The program's start until the first screenful of a million pictures is painted, against the
start with an empty library."""

from collections.abc import Iterator

from gallery_world import gallery_world
from measurement import Measurement

_FIGURES = {
    "painted_ms": "start to first screenful, 1 000 000 pictures",
    "counted_ms": "start to all 1 000 000 pictures known",
    "longest_ms": "longest UI gap at start, 1 000 000 pictures",
    "work_ms": "most UI work at once, 1 000 000 pictures",
}


def measure() -> Iterator[Measurement]:
    """On data folders that have been used before, as on every day but the first."""
    with gallery_world() as world:
        yield from world.measure("open", _FIGURES, rounds=5)
