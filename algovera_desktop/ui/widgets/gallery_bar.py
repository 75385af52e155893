"""The line above the gallery: what it shows, and how large."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QSlider

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController

_SLIDER_WIDTH = 96


class GalleryBar(QFrame):
    """Chooses between all pictures and the trash, and the size of the tiles.

    Signals:
        trash_toggled: whether the trash is to be shown.
        size_step_chosen: the position of the chosen size among ``step_count``, from 0.
    """

    trash_toggled = Signal(bool)
    size_step_chosen = Signal(int)

    def __init__(self, themes: ThemeController, step_count: int) -> None:
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
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(0, step_count - 1)
        self._size.setPageStep(1)
        self._size.setFixedWidth(_SLIDER_WIDTH)
        self._size.setAccessibleName(self.tr("Thumbnail size"))
        self._size.setToolTip(self.tr("Thumbnail size (Ctrl+wheel)"))
        self._size.valueChanged.connect(self.size_step_chosen)
        self._size_icon = QLabel()
        self._lay_out()
        self._dress()
        themes.changed.connect(self._dress)

    def set_size_step(self, step: int) -> None:
        """Show a size that was chosen elsewhere."""
        self._size.setValue(step)

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
        row.addWidget(self._size)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._trash.setIcon(icon("trash-2", theme))
        size = QSize(ICON_SIDE, ICON_SIDE)
        picture = icon("image", theme, "muted").pixmap(size, self.devicePixelRatioF())
        self._size_icon.setPixmap(picture)
