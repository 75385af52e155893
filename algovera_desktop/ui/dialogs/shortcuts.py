"""Help → Keyboard shortcuts."""

from collections.abc import Sequence

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.theme import SPACE_3, SPACE_4


class ShortcutsDialog(QDialog):
    """What each key does, in (what, keys) pairs."""

    def __init__(self, rows: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        table = QTableWidget(len(rows), 2, self)
        table.setAccessibleName(self.tr("Keyboard shortcuts"))
        table.setHorizontalHeaderLabels([self.tr("What it does"), self.tr("Keys")])
        table.verticalHeader().hide()
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        buttons = close_buttons(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addWidget(table)
        column.addWidget(buttons)
        self.resize(440, 520)


def rows_of(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    """The pairs of those actions that have a key, in the words of this system."""
    rows: list[tuple[str, str]] = []
    for action in actions:
        keys = [
            keys.toString(QKeySequence.SequenceFormat.NativeText)
            for keys in action.shortcuts()
            if _is_on_most_keyboards(keys)
        ]
        if keys:
            # Not its text: that of Undo says what is undone.
            rows.append((action.iconText().replace("&", "").rstrip("…"), ", ".join(keys)))
    return rows


def _is_on_most_keyboards(keys: QKeySequence) -> bool:
    """Qt's numbers for what only keyboards for offices and sofas have, such as a key named Redo,
    begin with that of Back."""
    first: QKeyCombination = keys[0]  # pyright: ignore[reportIndexIssue]
    return first.key() < Qt.Key.Key_Back
