"""Where one searches the library: the line, its help, and what is wrong with what is typed."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController
from algovera_desktop.ui.widgets.search_edit import SearchEdit, Suggest
from algovera_desktop.ui.widgets.search_help import SearchHelp

_PATIENCE_MS = 600
"""So long a search that is not finished may be wrong before words are made of it."""


class SearchField(QWidget):
    """Tells of each keystroke, and shows below the line what cannot be understood.

    Signals:
        text_edited: the text, at each change by the user.
        left: the user wants to go on to what was found.
    """

    text_edited = Signal(str)
    left = Signal()

    def __init__(
        self, suggest: Suggest, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._problem = ""
        self.edit = SearchEdit(suggest, themes, self)
        self.edit.setAccessibleName(self.tr("Search the library"))
        self.set_place("")
        self.problem = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.problem.setProperty("tone", "danger")
        self.problem.hide()
        self.help_button = QToolButton(self)
        self.help_button.setToolTip(self.tr("What can be searched for"))
        self.help_button.setAccessibleName(self.tr("Search help"))
        self.help_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._help: SearchHelp | None = None
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._lay_out()
        self._connect()
        self._dress()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(SPACE_1)
        line.addWidget(self.edit, 1)
        line.addWidget(self.help_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addLayout(line)
        column.addWidget(self.problem)
        self.setFocusProxy(self.edit)

    def _connect(self) -> None:
        self.edit.text_changed_by_user.connect(self._on_edit_text_changed)
        self.edit.entered.connect(self._say_problem)
        self.edit.left.connect(self.left)
        self.help_button.clicked.connect(self._on_help_button_clicked)
        self._patience.timeout.connect(self._say_problem)
        self._themes.changed.connect(self._dress)

    def _dress(self) -> None:
        self.help_button.setIcon(icon("circle-question-mark", self._themes.theme, "muted"))

    def text(self) -> str:
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Show another search without telling of it; Ctrl+Z brings the old one back."""
        self.edit.replace_text(text)

    def set_place(self, name: str) -> None:
        """Say what is searched: an album's name, say; empty for everything."""
        words = self.tr("Search in {place}").format(place=name) if name else self.tr("Search")
        self.edit.setPlaceholderText(words)

    def begin(self) -> None:
        """Bring the keyboard here, ready for another search."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def show_problem(self, words: str, start: int, end: int) -> None:
        """Underline the letters from ``start`` to ``end`` now, and say what is wrong with them
        once the user pauses, for what is being typed is often not finished."""
        self._problem = words
        self.edit.underline((start, end))
        self.edit.setAccessibleDescription(words)
        if self.problem.isVisible():
            self.problem.setText(words)
        else:
            self._patience.start()

    def clear_problem(self) -> None:
        """All is understood."""
        self._patience.stop()
        self._problem = ""
        self.edit.underline(None)
        self.edit.setAccessibleDescription("")
        self.problem.hide()

    def _say_problem(self) -> None:
        self._patience.stop()
        if self._problem and (self.problem.isHidden() or self.problem.text() != self._problem):
            self.problem.setText(self._problem)
            self.problem.show()
            spoken = QAccessibleAnnouncementEvent(self.edit, self._problem)
            QAccessible.updateAccessibility(spoken)

    def _on_edit_text_changed(self, text: str) -> None:
        if self._patience.isActive():
            self._patience.start()
        self.text_edited.emit(text)

    def _on_help_button_clicked(self) -> None:
        if self._help is None:
            self._help = SearchHelp(self)
            self._help.example_chosen.connect(self._on_help_example_chosen)
        self._help.show_below(self.help_button)

    def _on_help_example_chosen(self, example: str) -> None:
        """Add an example to what is typed."""
        before = self.edit.text().rstrip()
        self.edit.setFocus()
        self.edit.end(False)
        self.edit.insert(example if not before or before != self.edit.text() else f" {example}")
