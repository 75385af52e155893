"""A line that opens and closes what lies below it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController


class Fold(QWidget):
    """``header`` is a checkable button whose ``toggled`` tells; ``content`` is seen while it is
    pressed."""

    def __init__(self, content: QWidget, themes: ThemeController) -> None:
        super().__init__()
        self._themes = themes
        self._words = ("", "")
        self.content = content
        self.header = QToolButton()
        self.header.setCheckable(True)
        self.header.setProperty("look", "fold")
        self.header.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(self.header)
        column.addWidget(content)
        content.hide()
        self.header.toggled.connect(self._on_header_toggled)
        themes.changed.connect(self._dress)

    def set_words(self, closed: str, open_: str) -> None:
        """What the header says while it is closed, and while it is open."""
        self._words = (closed, open_)
        self._dress()

    def close_fold(self) -> None:
        self.header.setChecked(False)

    def _dress(self) -> None:
        is_open = self.header.isChecked()
        self.header.setText(self._words[is_open])
        name = "chevron-down" if is_open else "chevron-right"
        self.header.setIcon(icon(name, self._themes.theme, "muted"))

    def _on_header_toggled(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        self._dress()
