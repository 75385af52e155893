"""Putting pictures in the trash and taking them out of it; either takes the other back."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from algovera_desktop.library.store import Library

translate = QCoreApplication.translate

IdsTold = Callable[[tuple[int, ...]], None]


class TrashDeed:
    """Put pictures in the trash of this program: a Deed of the window's history. Their files
    stay. ``trashed`` is told each time which ones went, ``restored`` which ones are back;
    before that ``leaving`` which ones are about to go, and ``staying`` if they could not."""

    def __init__(
        self,
        library: Library,
        ids: Sequence[int],
        trashed: IdsTold,
        restored: IdsTold,
        *,
        leaving: IdsTold | None = None,
        staying: IdsTold | None = None,
    ) -> None:
        self._library = library
        self._ids = tuple(ids)
        self._leaving = leaving
        self._staying = staying
        self._gone: tuple[int, ...] = ()
        self._lost = 0
        self._trashed = trashed
        self._restored = restored

    def name(self) -> str:
        one, count = translate("PictureActions", "Delete"), len(self._ids)
        return one if count == 1 else translate("PictureActions", "Delete %n pictures", "", count)

    def begin(self) -> None:
        if self._leaving is not None:
            self._leaving(self._ids)

    def not_done(self) -> None:
        if self._staying is not None:
            self._staying(self._ids)

    def do(self) -> tuple[int, ...]:
        self._gone = self._library.trash(self._ids)
        return self._gone

    def done(self, gone: tuple[int, ...]) -> None:
        if gone:
            self._trashed(gone)

    def words(self) -> str:
        if len(self._gone) == 1:
            return translate("PictureActions", "The picture is in the trash.")
        return translate("PictureActions", "%n pictures are in the trash.", "", len(self._gone))

    def undo(self) -> tuple[int, ...]:
        back = self._library.restore(self._gone)
        self._lost = sum(self._is_lost(image_id) for image_id in set(self._gone) - set(back))
        return back

    def undone(self, back: tuple[int, ...]) -> str | None:
        if back:
            self._restored(back)
        if not self._lost:
            return None
        one = translate("PictureActions", "One picture is deleted for good and cannot come back.")
        many = translate(
            "PictureActions",
            "%n pictures are deleted for good and cannot come back.",
            "",
            self._lost,
        )
        return one if self._lost == 1 else many

    def _is_lost(self, image_id: int) -> bool:
        """Whether it is deleted for good, or about to be; somebody else may have restored it."""
        record = self._library.get(image_id)
        return record is None or record.trashed_at is not None


class RestoreDeed:
    """Take pictures out of the trash: the same the other way round. Those that are gone for good
    stay gone."""

    def __init__(
        self, library: Library, ids: Sequence[int], restored: IdsTold, trashed: IdsTold
    ) -> None:
        self._library = library
        self._ids = tuple(ids)
        self._back: tuple[int, ...] = ()
        self._restored = restored
        self._trashed = trashed

    def name(self) -> str:
        one, count = translate("PictureActions", "Restore"), len(self._ids)
        many = translate("PictureActions", "Restore %n pictures", "", count)
        return one if count == 1 else many

    def begin(self) -> None:
        """Nothing has to be looked at."""

    def do(self) -> tuple[int, ...]:
        self._back = self._library.restore(self._ids)
        return self._back

    def done(self, back: tuple[int, ...]) -> None:
        if back:
            self._restored(back)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return ""

    def undo(self) -> tuple[int, ...]:
        return self._library.trash(self._back)

    def undone(self, gone: tuple[int, ...]) -> None:
        if gone:
            self._trashed(gone)
