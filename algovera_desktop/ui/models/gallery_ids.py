"""Which pictures the gallery shows and in which order: eight bytes for each, and nothing else."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from itertools import compress

from algovera_desktop.domain.images import LibraryQuery, SortOrder

_CHUNK = 50_000
"""So many rows are looked through before asking whether all was found."""


class ImageIds:
    """The ids of a query's pictures by row.

    By id, newest or oldest first, a picture is found and placed by bisection. In any other order
    its place is only known to the library, and a look-up goes over all of them once: 10 to 40 ms
    at a million, however many are looked for.
    """

    def __init__(self, query: LibraryQuery, ids: "array[int] | None" = None) -> None:
        self._query = query
        self._ids = array("q") if ids is None else ids
        self._sign = {SortOrder.NEWEST: -1, SortOrder.OLDEST: 1}.get(query.sort, 0)
        if query.like_id is not None:
            self._sign = 0

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, row: int) -> int:
        return self._ids[row]

    def between(self, first: int, last: int) -> "array[int]":
        """The ids of a stretch of rows, the last one too."""
        return self._ids[first : last + 1]

    @property
    def is_by_id(self) -> bool:
        """Whether an id alone says where a picture belongs."""
        return self._sign != 0

    def starts_with(self, other: "ImageIds") -> bool:
        """Whether these are the pictures of ``other``, and perhaps more behind them."""
        count = len(other)
        if not count or len(self) < count:
            return not count
        # Whatever came or went before the last one has moved it: seldom are all of them compared.
        is_last_there = self._ids[count - 1] == other._ids[-1]
        return is_last_there and self._ids[:count] == other._ids

    def row_for(self, image_id: int) -> int:
        """The row that a picture has or would get; only where ``is_by_id``."""
        return bisect_left(self._ids, self._sign * image_id, key=self._sign.__mul__)

    def in_order(self, ids: Iterable[int]) -> list[int]:
        """Other pictures in the order of these; only where ``is_by_id``."""
        return sorted(ids, key=self._sign.__mul__)

    def row_of(self, image_id: int, near: int = 0) -> int | None:
        """The row of a picture; ``near`` is where it was seen last."""
        if 0 <= near < len(self._ids) and self._ids[near] == image_id:
            return near
        if self.is_by_id:
            row = self.row_for(image_id)
            return row if row < len(self._ids) and self._ids[row] == image_id else None
        try:
            return self._ids.index(image_id)
        except ValueError:
            return None

    def rows_of(self, ids: Collection[int]) -> list[int]:
        """The rows of those of these pictures that are here, from the top."""
        if self.is_by_id:
            found = map(self.row_of, ids)
            return sorted(row for row in found if row is not None)
        wanted, rows = set(ids), list[int]()
        for first in range(0, len(self._ids), _CHUNK):
            if len(rows) == len(wanted):
                break
            chunk = self._ids[first : first + _CHUNK]
            rows += compress(range(first, first + _CHUNK), map(wanted.__contains__, chunk))
        return rows

    def insert(self, row: int, ids: Sequence[int]) -> None:
        """Put pictures before the one in a row."""
        self._ids[row:row] = array("q", ids)

    def remove(self, first: int, last: int) -> None:
        """Take a stretch of rows out, the last one too."""
        del self._ids[first : last + 1]

    def without(self, ids: Collection[int]) -> "ImageIds":
        """The same pictures but for these, in one go."""
        return self.without_rows(self.rows_of(ids))

    def without_rows(self, rows: Sequence[int]) -> "ImageIds":
        """The same pictures but for those in these rows, which are in order."""
        if not rows:
            return self
        kept = array("q")
        for after, row in zip([-1, *rows], [*rows, len(self._ids)], strict=True):
            kept.extend(self._ids[after + 1 : row])
        return ImageIds(self._query, kept)

    def including(self, ids: Collection[int]) -> "ImageIds":
        """The same pictures and these, each where it belongs; only where ``is_by_id``."""
        here = {self[row] for row in self.rows_of(ids)}
        coming = self.in_order(set(ids) - here)
        if not coming:
            return self
        merged, done = array("q"), 0
        for image_id in coming:
            row = self.row_for(image_id)
            merged.extend(self._ids[done:row])
            merged.append(image_id)
            done = row
        merged.extend(self._ids[done:])
        return ImageIds(self._query, merged)
