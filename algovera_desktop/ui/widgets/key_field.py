"""Where a secret is entered. What was stored is never read back into it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController


class KeyField(QWidget):
    """A line that hides what is typed, with an eye to look at it.

    Signals:
        key_edited: the user changed the text; it is not sent along.
    """

    key_edited = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.edit = QLineEdit(self)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName(self.tr("Key"))
        self.edit.textEdited.connect(self.key_edited)
        self.eye = QToolButton(self)
        self.eye.setCheckable(True)
        self.eye.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.eye.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.eye.setAccessibleName(self.tr("Show the typed key"))
        self.eye.setToolTip(self.tr("Show what is typed"))
        self.eye.toggled.connect(self._on_eye_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_1)
        row.addWidget(self.edit, 1)
        row.addWidget(self.eye)
        self._paint_icons()
        themes.changed.connect(self._on_themes_changed)

    def key(self) -> str:
        """What is typed, without the blanks that come along with a pasted text."""
        return self.edit.text().strip()

    def clear(self) -> None:
        self.edit.clear()
        self.eye.setChecked(False)

    def set_hint(self, text: str) -> None:
        self.edit.setPlaceholderText(text)

    def _paint_icons(self) -> None:
        self.eye.setIcon(icon("eye-off" if self.eye.isChecked() else "eye", self._themes.theme))

    def _on_eye_toggled(self, checked: bool) -> None:
        echo = QLineEdit.EchoMode.Normal if checked else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(echo)
        self._paint_icons()

    def _on_themes_changed(self) -> None:
        self._paint_icons()
