"""One new picture in front of a million: the UI thread's part, against an empty gallery."""

from collections.abc import Iterator

from gallery_world import gallery_world
from measurement import Measurement

_FIGURES = {
    "insert_ms": "insert one into 1 000 000",
    "insert_painted_ms": "insert one into 1 000 000, painted",
}


def measure() -> Iterator[Measurement]:
    """Each picture is in the library already, as when a job ends."""
    with gallery_world() as world:
        yield from world.measure("insert", _FIGURES)
