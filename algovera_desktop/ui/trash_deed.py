"""Deleting pictures, which can be taken back."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.store import Library

translate = QCoreApplication.translate


class TrashDeed:
    """Put pictures in the trash of this program: a Deed of the window's history. Their files
    stay. ``trashed`` is told the ids each time, ``restored`` the records that are back."""

    def __init__(
        self,
        library: Library,
        ids: Sequence[int],
        trashed: Callable[[tuple[int, ...]], None],
        restored: Callable[[list[ImageRecord]], None],
    ) -> None:
        self._library = library
        self._ids = tuple(ids)
        self._trashed = trashed
        self._restored = restored

    def name(self) -> str:
        one, count = translate("PictureActions", "Delete"), len(self._ids)
        return one if count == 1 else translate("PictureActions", "Delete %n pictures", "", count)

    def begin(self) -> None:
        pass

    def do(self) -> tuple[int, ...]:
        self._library.trash(self._ids)
        return self._ids

    def done(self, ids: tuple[int, ...]) -> None:
        self._trashed(ids)

    def words(self) -> str:
        if len(self._ids) == 1:
            return translate("PictureActions", "The picture is in the trash.")
        return translate("PictureActions", "%n pictures are in the trash.", "", len(self._ids))

    def undo(self) -> list[ImageRecord]:
        return restore(self._library, self._ids)

    def undone(self, records: list[ImageRecord]) -> None:
        self._restored(records)


def restore(library: Library, ids: Sequence[int]) -> list[ImageRecord]:
    """Bring pictures back from the trash; those that are gone for good are missing."""
    library.restore(ids)
    records = (library.get(image_id) for image_id in ids)
    return [record for record in records if record]
