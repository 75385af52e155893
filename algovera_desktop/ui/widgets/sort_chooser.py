"""In which order the gallery stands."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from algovera_desktop.domain.images import SortOrder


class SortChooser(QComboBox):
    """Offers every order; an album's own only where an album is shown, and relevance only while
    words are searched.

    Signals:
        sort_chosen: the SortOrder that the user chose.
    """

    sort_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for order, text in (
            (SortOrder.NEWEST, self.tr("Newest first")),
            (SortOrder.OLDEST, self.tr("Oldest first")),
            (SortOrder.RATING, self.tr("Best rated")),
            (SortOrder.RELEVANCE, self.tr("Best match")),
            (SortOrder.SIZE, self.tr("Largest first")),
            (SortOrder.RANDOM, self.tr("Random")),
            (SortOrder.ALBUM, self.tr("Album order")),
        ):
            self.addItem(text, order)
        self.setAccessibleName(self.tr("Order of the pictures"))
        self.setToolTip(self.tr("Order of the pictures"))
        self.set_has_album(False)
        self.set_has_words(False)
        self.activated.connect(self._on_activated)

    def show_sort(self, order: SortOrder) -> None:
        self.setCurrentIndex(self.findData(order))

    def set_has_album(self, has_album: bool) -> None:
        self._set_enabled(SortOrder.ALBUM, has_album)

    def set_has_words(self, has_words: bool) -> None:
        self._set_enabled(SortOrder.RELEVANCE, has_words)

    def _set_enabled(self, order: SortOrder, is_enabled: bool) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.findData(order)).setEnabled(is_enabled)

    def _on_activated(self, row: int) -> None:
        self.sort_chosen.emit(self.itemData(row))
