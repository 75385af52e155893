"""A frame while scrolling through a million pictures, and a jump until the thumbnails are there,
against an empty gallery."""

from collections.abc import Iterator

from gallery_world import gallery_world
from measurement import Measurement

_FIGURES = {
    "frame_p99_ms": "scrolled frame p99, 1 000 000 pictures",
    "frame_ms": "scrolled frame, 1 000 000 pictures",
    "jump_ms": "jump to thumbnails painted",
    "worst_jump_ms": "worst of nine jumps",
    "longest_ms": "longest UI gap while scrolling",
}


def measure() -> Iterator[Measurement]:
    """Three places of a screen at each tenth of the gallery, then jumps to the tenths."""
    with gallery_world() as world:
        yield from world.measure("scroll", _FIGURES)
