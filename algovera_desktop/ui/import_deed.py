"""An import, as something that can be taken back."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from algovera_desktop.library.store import Library
from algovera_desktop.ui.trash_deed import IdsTold, RestoreDeed

translate = QCoreApplication.translate


class ImportDeed(RestoreDeed):
    """Pictures that have come in already: a Deed of the window's history. Taken back they are in
    the trash, the copies that were made of them too; done again they are back from it."""

    def __init__(
        self, library: Library, ids: Sequence[int], restored: IdsTold, trashed: IdsTold
    ) -> None:
        super().__init__(library, ids, restored, trashed)
        self._is_counted = self._is_told = False

    @property
    def ids(self) -> tuple[int, ...]:
        """What came in."""
        return self._ids

    def name(self) -> str:
        one, count = translate("ImportDeed", "Import"), len(self._ids)
        return one if count == 1 else translate("ImportDeed", "Import %n pictures", "", count)

    def do(self) -> tuple[int, ...]:
        if self._is_counted:
            return super().do()
        self._is_counted, self._back = True, self._ids
        return self._ids

    def done(self, back: tuple[int, ...]) -> None:
        if self._is_told:
            super().done(back)
        self._is_told = True
