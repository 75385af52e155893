"""In which order the gallery shows jobs and pictures, and where each one is.

Every row has a place that never changes, whatever is inserted or removed around it; rows are
kept sorted by place, so that a row is found by bisection. Jobs stand before pictures, the
newest group first and each group in the order of its seeds. A finished job's picture keeps
the job's place until the gallery is read anew.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobProgress

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class JobTile:
    """A row that is no picture yet; ``progress`` is None until something was heard of it.
    ``held_up_by`` is why its server gets nothing now, None where nothing is in the way."""

    job: Job
    progress: JobProgress | None = None
    held_up_by: FailureKind | None = None


Tile = ImageRecord | JobTile


class GalleryRows:
    """The tiles by row, by job and by picture. Every look-up is O(log n) or better."""

    def __init__(self) -> None:
        self._order: list[Place] = []
        self._tiles: dict[Place, Tile] = {}
        self._job_places: dict[str, Place] = {}
        self._image_places: dict[int, Place] = {}
        self._groups: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, row: int) -> Tile:
        return self._tiles[self._order[row]]

    def row_of_job(self, job_id: str) -> int | None:
        return self._row(self._job_places.get(job_id))

    def row_of_image(self, image_id: int) -> int | None:
        return self._row(self._image_places.get(image_id))

    def _row(self, place: Place | None) -> int | None:
        return None if place is None else bisect_left(self._order, place)

    def places_in_group(self, group_id: str, size: int) -> list[Place]:
        """Places for jobs behind those of their group, which if it is new stands before all."""
        group = self._groups.setdefault(group_id, [len(self._groups) + 1, 0])
        number, count = group
        group[1] += size
        return [(0, -number, count + index) for index in range(size)]

    def row_for(self, place: Place) -> int:
        """The row that a tile at ``place`` would get."""
        return bisect_left(self._order, place)

    def insert(self, places: Sequence[Place], tiles: Sequence[Tile]) -> None:
        """Put in tiles whose sorted places follow each other with no row in between."""
        row = self.row_for(places[0])
        self._order[row:row] = places
        for place, tile in zip(places, tiles, strict=True):
            self._keep(place, tile)

    def replace(self, row: int, tile: Tile) -> None:
        """Show another tile in a row: the job's next state, or its picture."""
        self._forget(self[row])
        self._keep(self._order[row], tile)

    def remove(self, first: int, last: int) -> list[Place]:
        """Take rows out, the last one too, and return their places."""
        places = self._order[first : last + 1]
        del self._order[first : last + 1]
        for place in places:
            self._forget(self._tiles.pop(place))
        return places

    def _keep(self, place: Place, tile: Tile) -> None:
        self._tiles[place] = tile
        if isinstance(tile, JobTile):
            self._job_places[tile.job.id] = place
        else:
            self._image_places[tile.id] = place

    def _forget(self, tile: Tile) -> None:
        if isinstance(tile, JobTile):
            del self._job_places[tile.job.id]
        else:
            del self._image_places[tile.id]


def runs_of(rows: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of each stretch of rows without a gap, from the top."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def with_job(tile: JobTile, job: Job) -> JobTile:
    """The tile with the job's new state; the progress of an attempt that ended is dropped."""
    is_same_attempt = {tile.job.state, job.state} <= ACTIVE_STATES
    return replace(tile, job=job, progress=tile.progress if is_same_attempt else None)


def place_of_record(record: ImageRecord) -> Place:
    """Where a picture belongs by its age alone."""
    return (1, -record.id, 0)
