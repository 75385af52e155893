"""All rows of the gallery: the head, then a query's pictures by their ids."""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from algovera_desktop.ui.models.gallery_head import Entry, GalleryHead
from algovera_desktop.ui.models.gallery_ids import ImageIds


@dataclass(slots=True)
class GalleryList:
    """What stands in which row, by the ids of jobs and pictures. ``seen_at`` is where pictures
    that are shown stood last, which saves a search in an order that is not by id."""

    ids: ImageIds
    head: GalleryHead = field(default_factory=GalleryHead)
    seen_at: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])

    def __len__(self) -> int:
        return len(self.head) + len(self.ids)

    def __getitem__(self, row: int) -> Entry:
        front = len(self.head)
        return self.head[row] if row < front else self.ids[row - front]

    @property
    def picture_count(self) -> int:
        return len(self.ids) + sum(1 for _ in self.head.pictures())

    def row_of(self, entry: Entry) -> int | None:
        """The row of a job or a picture."""
        row = self.head.row_of(entry)
        if row is not None or isinstance(entry, str):
            return row
        near = (seen[entry] for seen in self.seen_at.values() if entry in seen)
        row = self.ids.row_of(entry, next(near, 0))
        return None if row is None else row + len(self.head)

    def rows_of(self, ids: Collection[int]) -> list[int]:
        """The rows of those of these pictures that are here, from the top."""
        in_head = (self.head.row_of(image_id) for image_id in self.head.pictures_among(ids))
        rows = sorted(row for row in in_head if row is not None)
        front = len(self.head)
        return rows + [row + front for row in self.ids.rows_of(ids)]

    def pictures_between(self, first: int, last: int) -> "array[int]":
        """The ids of the pictures in a stretch of rows, the last one too."""
        front = len(self.head)
        in_head = (self.head[row] for row in range(first, min(last + 1, front)))
        ids = array("q", (entry for entry in in_head if isinstance(entry, int)))
        if last >= front:
            ids.extend(self.ids.between(max(first - front, 0), last - front))
        return ids

    def jobs_between(self, first: int, last: int) -> list[str]:
        """The ids of the jobs in a stretch of rows, the last one too."""
        in_head = (self.head[row] for row in range(first, min(last + 1, len(self.head))))
        return [entry for entry in in_head if isinstance(entry, str)]

    def note_seen(self, who: str, rows: Iterable[int]) -> Sequence[int]:
        """Remember where the pictures of some rows stand; their ids."""
        front = len(self.head)
        entries = [(self[row], row - front) for row in rows if row < len(self)]
        seen = {entry: row for entry, row in entries if isinstance(entry, int)}
        self.seen_at[who] = seen
        return list(seen)

    def remove(self, first: int, last: int) -> None:
        """Take a stretch of rows out, the last one too; it may begin in the head."""
        front = len(self.head)
        if last >= front:
            self.ids.remove(max(first - front, 0), last - front)
        if first < front:
            self.head.remove(first, min(last, front - 1))
