"""The negative prompt, folded away until someone wants it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController
from algovera_desktop.ui.widgets.prompt_edit import PromptEdit

_MAX_SUMMARY_CHARS = 24


class WithoutField(QWidget):
    """A header that folds, and a text field. Folded, the header still says what is inside.

    Signals:
        text_edited: the user changed the text (str).
        fold_toggled: the user opened (True) or closed it.
    """

    text_edited = Signal(str)
    fold_toggled = Signal(bool)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._header = QToolButton(self)
        self._header.setCheckable(True)
        self._header.setProperty("look", "fold")
        self._header.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The chevron behind the word, flush with the labels of the other fields.
        is_left_to_right = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        self._header.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft if is_left_to_right else Qt.LayoutDirection.LeftToRight
        )
        self._header.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._header.clicked.connect(self._on_header_clicked)
        self.edit = PromptEdit(2, 6, self)
        self.edit.setAccessibleName(self.tr("Without"))
        self.edit.setAccessibleDescription(self.tr("What the picture should not show."))
        self.edit.setPlaceholderText(self.tr("What should not be in the picture"))
        self.edit.textChanged.connect(self._on_edit_text_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        first_line = QHBoxLayout()
        first_line.addWidget(self._header)
        first_line.addStretch(1)
        column.addLayout(first_line)
        column.addWidget(self.edit)
        self.set_open(False)
        themes.changed.connect(self._on_themes_changed)

    def set_open(self, is_open: bool) -> None:
        self._header.setChecked(is_open)
        self.edit.setVisible(is_open)
        self._dress_header()

    def text(self) -> str:
        return self.edit.toPlainText()

    def _dress_header(self) -> None:
        is_open = self._header.isChecked()
        text = " ".join(self.text().split())
        if len(text) > _MAX_SUMMARY_CHARS:
            text = text[: _MAX_SUMMARY_CHARS - 1] + "…"
        summary = "" if is_open or not text else f": {text.replace('&', '&&')}"
        self._header.setText(self.tr("&Without") + summary)
        self._header.setAccessibleName(self.tr("Without (what should not be in the picture)"))
        name = "chevron-down" if is_open else "chevron-right"
        self._header.setIcon(icon(name, self._themes.theme, "muted"))

    def _on_header_clicked(self, checked: bool) -> None:
        self.set_open(checked)
        if checked:
            self.edit.setFocus()
        self.fold_toggled.emit(checked)

    def _on_edit_text_changed(self) -> None:
        self._dress_header()
        self.text_edited.emit(self.text())

    def _on_themes_changed(self) -> None:
        self._dress_header()
