"""Help → About: what this is, and which version of it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop import __version__
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.icons import app_icon
from algovera_desktop.ui.theme import SPACE_3, SPACE_4, heading_font

_ICON_SIDE = 48
_WIDTH = 440


class AboutDialog(QDialog):
    """The program's name, version and licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Algovera Desktop"))
        picture = QLabel(self)
        side = QSize(_ICON_SIDE, _ICON_SIDE)
        picture.setPixmap(app_icon().pixmap(side, self.devicePixelRatioF()))
        name = QLabel(self.tr("Algovera Desktop"), self)
        name.setFont(heading_font(self.font()))
        version = QLabel(self.tr("Version %s") % __version__, self)
        version.setProperty("tone", "muted")
        version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.addWidget(name)
        words.addWidget(version)
        head = QHBoxLayout()
        head.setSpacing(SPACE_3)
        head.addWidget(picture)
        head.addLayout(words, 1)
        purpose = QLabel(
            self.tr("Turns words into pictures and keeps every picture you ever made."), self
        )
        purpose.setWordWrap(True)
        licence = QLabel(
            self.tr("Apache License 2.0. Help → Licences names all that it is built with."), self
        )
        licence.setWordWrap(True)
        licence.setProperty("tone", "muted")
        buttons = close_buttons(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(head)
        for widget in (purpose, licence):
            column.addWidget(widget)
        column.addWidget(buttons)
        self.resize(_WIDTH, self.heightForWidth(_WIDTH))
