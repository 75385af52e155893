"""The slider for the size of the gallery's tiles."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from algovera_desktop.ui.widgets.gallery_view import TILE_SIDES_PX

_LEAST_WIDTH, _MOST_WIDTH = 64, 96


class TileSizeSlider(QSlider):
    """Offers the four sizes as four places.

    Signals:
        tile_size_chosen: the side of a tile in device-independent pixels.
    """

    tile_size_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, len(TILE_SIDES_PX) - 1)
        self.setPageStep(1)
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setMaximumWidth(_MOST_WIDTH)
        self.setAccessibleName(self.tr("Size of the pictures in the gallery"))
        self.setToolTip(self.tr("Picture size (Ctrl+wheel in the gallery)"))
        self.valueChanged.connect(self._on_value_changed)

    def show_tile_size(self, tile_px: int) -> None:
        """Follow a size that was chosen elsewhere."""
        if tile_px in TILE_SIDES_PX:
            self.setValue(TILE_SIDES_PX.index(tile_px))

    def _on_value_changed(self, value: int) -> None:
        self.tile_size_chosen.emit(TILE_SIDES_PX[value])
