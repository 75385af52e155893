"""The side list, and below it the button for a new album."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.side_list import SideList


class SidePanel(QWidget):
    """The button does not stand in the list, where it would be at hand: screen readers see
    nothing in a tree but its rows."""

    def __init__(
        self, side: SideList, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.new_album = QPushButton(self.tr("New album"))
        self.new_album.setProperty("look", "quiet")
        self.new_album.setToolTip(self.tr("New album · Ins"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(side, 1)
        column.addWidget(self.new_album, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(side)
        self.new_album.clicked.connect(side.begin_album)
        themes.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.new_album.setIcon(icon("plus", self._themes.theme, "muted"))
