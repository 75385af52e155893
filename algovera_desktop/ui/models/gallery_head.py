"""What stands before the pictures of the library: jobs on the way, and pictures that have just
taken their job's place.

Every row has a place that never changes, whatever is inserted or removed around it; rows are
kept sorted by place, so that a row is found by bisection. The newest group stands first and each
group in the order of its seeds. A finished job's picture keeps the job's place until another
query is shown.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

Place = tuple[int, int]
Entry = str | int
"""A job by its id, or a picture by its id."""


class GalleryHead:
    """Jobs and pictures by row and by id. Every look-up is O(log n) or better."""

    def __init__(self) -> None:
        self._order: list[Place] = []
        self._entries: dict[Place, Entry] = {}
        self._places: dict[Entry, Place] = {}
        self._groups: dict[str, list[int]] = {}
        self._left: dict[int, Place] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, row: int) -> Entry:
        return self._entries[self._order[row]]

    def pictures(self) -> Iterator[int]:
        """The ids of the pictures that stand here, in no order."""
        return (entry for entry in self._places if isinstance(entry, int))

    def pictures_among(self, ids: Collection[int]) -> list[int]:
        """Those of some pictures that stand here."""
        return [one for one in ids if one in self._places] if self._places else []

    def row_of(self, entry: Entry) -> int | None:
        place = self._places.get(entry)
        return None if place is None else bisect_left(self._order, place)

    def insert_group(self, group_id: str, jobs: Sequence[str]) -> int:
        """Put jobs behind those of their group, which if it is new stands before all; the first
        one's row."""
        group = self._groups.setdefault(group_id, [len(self._groups) + 1, 0])
        number, count = group
        group[1] += len(jobs)
        places = [(-number, count + index) for index in range(len(jobs))]
        row = bisect_left(self._order, places[0])
        self._order[row:row] = places
        for place, job_id in zip(places, jobs, strict=True):
            self._keep(place, job_id)
        return row

    def row_for_group(self, group_id: str) -> int:
        """The row that the next job of a group would get."""
        number, count = self._groups.get(group_id, (len(self._groups) + 1, 0))
        return bisect_left(self._order, (-number, count))

    def replace(self, row: int, entry: Entry) -> None:
        """Show something else in a row: the job's picture."""
        place = self._order[row]
        del self._places[self._entries[place]]
        self._keep(place, entry)

    def remove(self, first: int, last: int) -> None:
        """Take rows out, the last one too, remembering where the pictures among them were."""
        places = self._order[first : last + 1]
        del self._order[first : last + 1]
        for place in places:
            entry = self._entries.pop(place)
            del self._places[entry]
            if isinstance(entry, int):
                self._left[entry] = place

    def row_to_return(self, image_id: int) -> int | None:
        """The row of a picture that was removed from here, if it was."""
        place = self._left.get(image_id)
        return None if place is None else bisect_left(self._order, place)

    def bring_back(self, image_id: int) -> None:
        """Put a picture where it was before it was removed."""
        place = self._left.pop(image_id)
        self._order.insert(bisect_left(self._order, place), place)
        self._keep(place, image_id)

    def _keep(self, place: Place, entry: Entry) -> None:
        self._entries[place] = entry
        self._places[entry] = place
