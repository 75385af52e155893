"""The place in the window where pictures are compared, beside or upon each other."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.compare_view import CompareView
from algovera_desktop.ui.widgets.swipe_view import SwipeView


class ComparePages(QStackedWidget):
    """Changes between the two ways to compare. ``decoder`` is for these pages alone: what one
    place wants decoded takes the place of what another wanted.

    Signals:
        closed: the user wants back to where they came from.
        favourite_requested: the id (int) of a picture and whether it shall be one (bool).
        rating_requested: the id (int) of a picture and its stars (int).
    """

    closed = Signal()
    favourite_requested = Signal(object, bool)
    rating_requested = Signal(object, int)

    def __init__(
        self,
        thumbnails: ThumbnailLoader,
        decoder: PictureDecoder,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.beside = CompareView(thumbnails, decoder, themes, self)
        self.upon = SwipeView(thumbnails, decoder, themes, self)
        self.addWidget(self.beside)
        self.addWidget(self.upon)
        self.beside.closed.connect(self.closed)
        self.upon.closed.connect(self.closed)
        self.beside.swipe_requested.connect(self._on_beside_swipe_requested)
        self.upon.side_by_side_requested.connect(self._on_upon_side_by_side_requested)
        self.beside.favourite_requested.connect(self.favourite_requested)
        self.beside.rating_requested.connect(self.rating_requested)

    def compare(self, records: Sequence[ImageRecord]) -> None:
        """Lay two to four pictures side by side."""
        self.setCurrentWidget(self.beside)
        self.beside.show_records(records)

    def swipe(self, records: Sequence[ImageRecord]) -> None:
        """Lay two pictures upon each other."""
        self.setCurrentWidget(self.upon)
        self.upon.show_records(records)

    def _on_beside_swipe_requested(self) -> None:
        if len(self.beside.records) == 2:
            self.swipe(self.beside.records)

    def _on_upon_side_by_side_requested(self) -> None:
        self.compare(self.upon.records)
