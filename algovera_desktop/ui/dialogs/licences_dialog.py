"""Help → Licences: whose work is in the program, and on which terms."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.services.licences import Part, installed_parts
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4


class LicencesDialog(QDialog):
    """The parts on the left, found by their names; the licence of the chosen one on the right."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Licences"))
        self._parts: list[Part] = []
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Find a part"))
        self._search.setAccessibleName(self.tr("Find a part"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._on_search_text_changed)
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Parts"))
        # The longest name ends in dots instead.
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self._on_list_current_row_changed)
        self._title = QLabel(self.tr("Looking around…"), self)
        self._title.setWordWrap(True)
        self._text = QPlainTextEdit(self)
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(self.tr("Licence"))
        self._lay_out()
        task = tasks.start(Pool.STORAGE, _find)
        task.succeeded.connect(self._on_find_succeeded)

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(SPACE_3)
        for stretch, widgets in ((2, (self._search, self._list)), (5, (self._title, self._text))):
            column = QVBoxLayout()
            column.setSpacing(SPACE_2)
            for widget in widgets:
                column.addWidget(widget)
            columns.addLayout(column, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(columns, 1)
        column.addWidget(close_buttons(self))
        self.resize(840, 560)

    def _on_find_succeeded(self, parts: list[Part]) -> None:
        self._parts = parts
        for part in parts:
            self._list.addItem(QListWidgetItem(part.name))
        self._list.setCurrentRow(0)

    def _on_search_text_changed(self, text: str) -> None:
        wanted = text.strip().casefold()
        rows = range(self._list.count())
        shown = [row for row in rows if wanted in self._parts[row].name.casefold()]
        for row in rows:
            self._list.item(row).setHidden(row not in shown)
        if shown and self._list.currentRow() not in shown:
            self._list.setCurrentRow(shown[0])

    def _on_list_current_row_changed(self, row: int) -> None:
        if row < 0:
            return
        part = self._parts[row]
        facts = [f"{part.name} {part.version}".strip(), part.licence]
        self._title.setText(" · ".join(filter(None, facts)))
        self._text.setPlainText(
            part.text or self.tr("This package names its licence and brings no text of it.")
        )


def _find(context: TaskContext) -> list[Part]:
    """On a worker."""
    del context
    return installed_parts()
