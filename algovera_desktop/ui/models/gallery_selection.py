"""What is selected in the gallery, which may be a million pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from algovera_desktop.ui.models.gallery_rows import JobTile, Tile


@dataclass(frozen=True, slots=True)
class GallerySelection:
    """The selected pictures by their ids and the selected jobs, both in the gallery's order.

    ``only`` is the one tile where exactly one is selected and is at hand. ``in_trash`` says
    whether the pictures lie in the trash.
    """

    image_ids: Sequence[int] = ()
    jobs: Sequence[JobTile] = ()
    only: Tile | None = None
    in_trash: bool = False

    def __len__(self) -> int:
        return len(self.image_ids) + len(self.jobs)
