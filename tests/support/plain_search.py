"""A library in plain Python, of any size at once, that answers as LibrarySearch does."""

from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, LibraryQuery, SortOrder

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

_KEYS: dict[SortOrder, Callable[[ImageRecord], tuple[int, ...]]] = {
    SortOrder.OLDEST: lambda record: (record.id,),
    SortOrder.RATING: lambda record: (-record.rating, -record.id),
    SortOrder.RANDOM: lambda record: (record.id * 2_654_435_761 % 1_000_003,),
}


def make_record(number: int) -> ImageRecord:
    """A picture whose prompt tells whether its number is even or odd."""
    parity = "odd" if number % 2 else "even"
    request = GenerationRequest(f"{parity} fox, number {number}", "sketch", 64, 48, seed=number)
    return ImageRecord(
        path=f"none/{number}.png",
        sha256=f"{number:064x}",
        size_bytes=1,
        media_type="image/png",
        width=64,
        height=48,
        created_at=NOW,
        server_name="This computer",
        model_title="Sketch",
        job_id=f"job {number}",
        request=request,
        id=number,
    )


class PlainSearch:
    """Finds pictures by the beginning of their prompt. ``ids_of`` answers for a library too large
    to be made; else what was put into ``pictures`` counts."""

    def __init__(self, count: int = 0) -> None:
        self.pictures = {number: make_record(number) for number in range(1, count + 1)}
        self.ids_of: array[int] | None = None
        self.read_ids: list[int] = []

    def change(self, ids: Collection[int], **changes: object) -> list[ImageRecord]:
        """Change pictures; how they are now."""
        for image_id in ids:
            self.pictures[image_id] = replace(self.pictures[image_id], **changes)
        return [self.pictures[image_id] for image_id in ids]

    def found(self, query: LibraryQuery) -> list[ImageRecord]:
        found = [one for one in list(self.pictures.values()) if _matches(query, one)]
        return sorted(found, key=_KEYS.get(query.sort, lambda record: (-record.id,)))

    def first(self, query: LibraryQuery, limit: int = 200) -> list[ImageRecord]:
        if self.ids_of is not None:
            return [make_record(number) for number in self.ids_of[:limit]]
        return self.found(query)[:limit]

    def ids(self, query: LibraryQuery, token: CancelToken) -> "array[int]":
        token.raise_if_cancelled()
        if self.ids_of is not None:
            return self.ids_of[:]
        return array("q", [record.id for record in self.found(query)])

    def records(self, ids: Sequence[int]) -> list[ImageRecord]:
        self.read_ids += ids
        if self.ids_of is not None:
            return [make_record(number) for number in ids]
        return [self.pictures[one] for one in ids if one in self.pictures]

    def matches(self, query: LibraryQuery, image_id: int) -> bool:
        return image_id in self.pictures and _matches(query, self.pictures[image_id])


def _matches(query: LibraryQuery, record: ImageRecord) -> bool:
    is_in_place = query.trashed == (record.trashed_at is not None)
    return is_in_place and record.request.prompt.startswith(query.text)
