"""A thousand pictures from all over put in the trash, against a library of ten thousand."""

from collections.abc import Iterator

from gallery_world import gallery_world
from measurement import Measurement

_FIGURES = {
    "trash_ms": "trash 1000 of 1 000 000, gone from sight",
    "longest_ms": "longest UI gap at trash 1000 of 1 000 000",
    "work_ms": "most UI work at trash 1000 of 1 000 000",
}


def measure() -> Iterator[Measurement]:
    """From the key's command to the paint without them; each round trashes others."""
    with gallery_world(empty_records=10_000) as world:
        yield from world.measure("trash", _FIGURES)
