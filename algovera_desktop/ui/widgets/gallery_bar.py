"""The line above the gallery: what it shows, and how large."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.tile_size_slider import TileSizeSlider


class GalleryBar(QFrame):
    """Chooses between all pictures and the trash, and by ``sizes`` how large the tiles are.

    Signals:
        trash_toggled: whether the trash is to be shown.
    """

    trash_toggled = Signal(bool)

    def __init__(self, themes: ThemeController) -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("look", "bar")
        self._all = self._choice(self.tr("All"))
        self._all.setChecked(True)
        self._trash = self._choice(self.tr("Trash"))
        self._group = QButtonGroup(self)
        self._group.addButton(self._all)
        self._group.addButton(self._trash)
        self._trash.toggled.connect(self.trash_toggled)
        self.sizes = TileSizeSlider()
        self._size_icon = QLabel()
        self._lay_out()
        self._dress()
        themes.changed.connect(self._dress)

    def _choice(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        button.setProperty("look", "quiet")
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_2, SPACE_1, SPACE_3, SPACE_1)
        row.setSpacing(SPACE_1)
        row.addWidget(self._all)
        row.addWidget(self._trash)
        row.addStretch(1)
        row.addWidget(self._size_icon)
        row.addWidget(self.sizes)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._trash.setIcon(icon("trash-2", theme))
        size = QSize(ICON_SIDE, ICON_SIDE)
        picture = icon("image", theme, "muted").pixmap(size, self.devicePixelRatioF())
        self._size_icon.setPixmap(picture)
