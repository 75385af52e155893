"""Help → About: the version, and whose work is inside."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop import __version__
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.icons import app_icon
from algovera_desktop.ui.theme import SPACE_3, SPACE_4, heading_font

_ICON_SIDE = 48

_PARTS = (
    ("Qt for Python (PySide6)", "LGPL-3.0"),
    ("Requests", "Apache-2.0"),
    ("Pillow", "MIT-CMU"),
    ("NumPy", "BSD-3-Clause"),
    ("keyring", "MIT"),
    ("platformdirs", "MIT"),
    ("FastAPI", "MIT"),
    ("Uvicorn", "BSD-3-Clause"),
    ("Lucide icons", "ISC"),
    ("Noto Emoji", "Apache-2.0"),
)
"""Names and SPDX licences of what is shipped or built upon, as each declares it."""


class AboutDialog(QDialog):
    """The program's name and version, and the parts that it is built with."""

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
        parts = QPlainTextEdit("\n".join(f"{part} — {licence}" for part, licence in _PARTS), self)
        parts.setReadOnly(True)
        parts.setTabChangesFocus(True)
        parts.setAccessibleName(self.tr("Parts and their licences"))
        label = QLabel(self.tr("&Built with"), self)
        label.setBuddy(parts)
        buttons = close_buttons(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(head)
        for widget in (purpose, label, parts, buttons):
            column.addWidget(widget)
        self.resize(420, 420)
