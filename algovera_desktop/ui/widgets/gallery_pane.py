"""The middle of the window: the gallery, or one of its pictures large in the gallery's place."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from algovera_desktop.ui.widgets.gallery_view import GalleryView

if TYPE_CHECKING:
    # What it takes to load is for after the first screenful.
    from algovera_desktop.ui.widgets.large_view import LargeView


class GalleryPane(QStackedWidget):
    """Keeps both on the same picture, so that each is left where the other one is."""

    def __init__(self, gallery: GalleryView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gallery = gallery
        self.addWidget(gallery)
        self.setFocusProxy(gallery)

    def add_large(self, large: "LargeView") -> None:
        """Have pictures shown large by this; before it none can be."""
        self.large = large
        self.addWidget(large)
        self.gallery.open_requested.connect(self.open_row)
        large.row_changed.connect(self.gallery.select_row)
        large.closed.connect(self.show_gallery)

    def open_row(self, row: int) -> None:
        """Show a row large."""
        self.setCurrentWidget(self.large)
        self.setFocusProxy(self.large)
        self.large.show_row(row)
        self.large.setFocus()

    def open_current(self) -> None:
        """Show large what has the gallery's cursor, if anything has."""
        if self.gallery.currentIndex().isValid():
            self.open_row(self.gallery.currentIndex().row())

    def show_gallery(self) -> None:
        self.setCurrentWidget(self.gallery)
        self.setFocusProxy(self.gallery)
        self.gallery.setFocus()
