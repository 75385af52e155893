"""A report of trouble, to be read before it is passed on. The program sends nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import SPACE_3, SPACE_4, heading_font


@dataclass(frozen=True, slots=True)
class ReportWords:
    """What the dialog says: its title, a heading, and what the report is for."""

    title: str
    heading: str
    purpose: str


class ReportDialog(QDialog):
    """Gathers a report on a worker and shows all of it, to copy or to save."""

    def __init__(
        self,
        words: ReportWords,
        gather: Callable[[], str],
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.setWindowTitle(words.title)
        self._report = QPlainTextEdit(self)
        self._report.setReadOnly(True)
        self._report.setTabChangesFocus(True)
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._report.setPlaceholderText(self.tr("Looking around…"))
        self._report.setAccessibleName(self.tr("Report"))
        self._told = QLabel(self)
        self._told.setWordWrap(True)
        self._told.setProperty("tone", "muted")
        self._told.hide()
        self._copy = QPushButton(self.tr("&Copy report"), self)
        self._copy.setProperty("look", "primary")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._save = QPushButton(self.tr("&Save…"), self)
        self._save.clicked.connect(self._on_save_clicked)
        self._lay_out(words)
        # Not STORAGE: the keyring is looked for, which may wait for a person.
        task = tasks.start(Pool.NETWORK, lambda _context: gather())
        task.succeeded.connect(self._on_gather_succeeded)
        task.failed.connect(self._on_gather_failed)

    def _lay_out(self, words: ReportWords) -> None:
        heading = QLabel(words.heading, self)
        heading.setFont(heading_font(self.font()))
        purpose = QLabel(words.purpose, self)
        for label in (heading, purpose):
            label.setWordWrap(True)
        buttons = close_buttons(self)
        for button in (self._copy, self._save):
            button.setAutoDefault(False)
            button.setEnabled(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        for widget in (heading, purpose, self._report, self._told, buttons):
            column.addWidget(widget)
        self.resize(640, 520)

    def _on_gather_succeeded(self, text: str) -> None:
        self._report.setPlainText(text)
        for button in (self._copy, self._save):
            button.setEnabled(True)
        self._copy.setFocus()

    def _on_gather_failed(self, error: Exception) -> None:
        self._report.setPlaceholderText("")
        self._tell(self.tr("The report could not be put together (%s).") % type(error).__name__)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
        self._tell(self.tr("Copied."))

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the report"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDirectory(QDir.home())
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(f"algovera-report-{date.today().isoformat()}.txt")
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_dialog_file_selected(self, name: str) -> None:
        text = self._report.toPlainText()
        task = self._tasks.start(Pool.STORAGE, partial(_write, Path(name), text))
        task.succeeded.connect(self._on_write_succeeded)
        task.failed.connect(self._on_write_failed)

    def _on_write_succeeded(self) -> None:
        self._tell(self.tr("Saved."))

    def _on_write_failed(self, error: Exception) -> None:
        if isinstance(error, LibraryError):
            self._tell(self.tr("Not saved: %s") % error)

    def _tell(self, text: str) -> None:
        self._told.setText(text)
        self._told.show()


def _write(path: Path, text: str, context: TaskContext) -> None:
    """On a worker."""
    del context
    with os_errors_translated(str(path)):
        path.write_text(text, "utf-8")
