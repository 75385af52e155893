"""What is selected in the gallery, which may be a million pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile


@dataclass(frozen=True, slots=True)
class GallerySelection:
    """The selected pictures by their ids and the selected jobs, both in the gallery's order.

    ``only`` is the one tile where exactly one is selected and is at hand. ``in_trash`` says
    whether the pictures lie in the trash, ``album_id`` which album is shown, if one is.
    """

    image_ids: Sequence[int] = ()
    jobs: Sequence[JobTile] = ()
    only: Tile | None = None
    in_trash: bool = False
    album_id: int | None = None

    def __len__(self) -> int:
        return len(self.image_ids) + len(self.jobs)


def selection_of(tiles: Sequence[Tile]) -> GallerySelection:
    """A few tiles at hand as a selection; none, one, or as many as fit on a screen."""
    records = [tile for tile in tiles if isinstance(tile, ImageRecord)]
    return GallerySelection(
        image_ids=tuple(record.id for record in records),
        jobs=tuple(tile for tile in tiles if isinstance(tile, JobTile)),
        only=tiles[0] if len(tiles) == 1 else None,
        in_trash=bool(records) and all(record.trashed_at for record in records),
    )
