"""In which order the queue panel shows servers and their jobs, and in which row each one is.

A row's place is a tuple, and the rows are kept sorted by it: the server, what becomes of the
job, its turn. So a row is found by bisection, and how many stand before one in line is the
difference of two rows; nothing is counted through.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from algovera_desktop.domain.jobs import JobState


class Section(IntEnum):
    """The parts of one server's list, from the top."""

    HEADER = 0
    RUNNING = 1
    LINE = 2
    UNKNOWN = 3
    FAILED = 4
    FINISHED = 5


SECTION_OF = {
    JobState.SUBMITTING: Section.RUNNING,
    JobState.RUNNING: Section.RUNNING,
    JobState.FETCHING: Section.RUNNING,
    JobState.WAITING: Section.LINE,
    JobState.HELD: Section.LINE,
    JobState.UNKNOWN: Section.UNKNOWN,
    JobState.FAILED: Section.FAILED,
    JobState.DONE: Section.FINISHED,
    JobState.CANCELLED: Section.FINISHED,
}


class Place(NamedTuple):
    """Where something stands. ``server`` counts the servers as they came up. ``turn`` orders a
    section, and ``arrival`` what has the same turn. ``id`` is the job's, or the server's where
    the section is HEADER."""

    server: int
    section: Section
    turn: int
    arrival: int
    id: str


class QueueRows:
    """The rows, each a job or a server's header. Every look-up is O(log n) or better."""

    def __init__(self) -> None:
        self._order: list[Place] = []
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, row: int) -> Place:
        return self._order[row]

    def place_of(self, item_id: str) -> Place | None:
        return self._places.get(item_id)

    def row_of(self, item_id: str) -> int | None:
        place = self._places.get(item_id)
        return None if place is None else bisect_left(self._order, place)

    def row_for(self, place: Place) -> int:
        """The row that something at ``place`` would get."""
        return bisect_left(self._order, place)

    def span(self, server: int, section: Section) -> range:
        """The rows of one section, none where it is empty."""
        start = bisect_left(self._order, (server, section))
        return range(start, bisect_left(self._order, (server, section + 1), start))

    def ids(self, rows: range) -> list[str]:
        return [place.id for place in self._order[rows.start : rows.stop]]

    def insert(self, row: int, places: Sequence[Place]) -> None:
        """Put in sorted places that belong there, with no row in between."""
        self._order[row:row] = places
        self._places.update((place.id, place) for place in places)

    def remove(self, row: int) -> None:
        del self._places[self._order.pop(row).id]

    def move(self, row: int, place: Place) -> None:
        """Give one item another place."""
        del self._order[row]
        self._order.insert(bisect_left(self._order, place), place)
        self._places[place.id] = place

    def rearrange(self, places: Mapping[str, Place | None]) -> None:
        """Give many items another place at once; None takes one out."""
        for item_id, place in places.items():
            if place is None:
                self._places.pop(item_id, None)
            else:
                self._places[item_id] = place
        kept = [place for place in self._order if place.id not in places]
        come = [place for place in places.values() if place is not None]
        self._order = sorted(kept + sorted(come))
