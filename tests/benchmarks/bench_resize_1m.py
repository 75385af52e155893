"""The window resized over a million pictures until it is painted, against an empty gallery."""

from collections.abc import Iterator

from gallery_world import gallery_world
from measurement import Measurement

_FIGURES = {
    "resize_ms": "resize, 1 000 000 pictures",
    "worst_resize_ms": "worst resize, 1 000 000 pictures",
}


def measure() -> Iterator[Measurement]:
    """Back and forth between two sizes."""
    with gallery_world() as world:
        yield from world.measure("resize", _FIGURES)
