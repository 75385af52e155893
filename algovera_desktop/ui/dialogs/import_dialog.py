"""File → Import: which pictures, whether they are copied, and what became of them."""

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.services.import_report import ImportMode, ImportProgress, ImportReport
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog
from algovera_desktop.ui.dialogs.work_progress import WorkProgress
from algovera_desktop.ui.models.remark_list import RemarkList
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4, SPACE_6
from algovera_desktop.ui.wording import describe_error

_MOST_NAMED = 3
_LIST_LINES = 8


class _Page(IntEnum):
    CHOICE = 0
    PROGRESS = 1
    REPORT = 2


class ImportDialog(QDialog):
    """Non-modal; asks, then shows how far it is, then what came of it.

    ``sources`` are files and folders that the user has named already. Closing it while pictures
    come in stops that.

    Signals:
        import_requested: the sources (a list of Paths) and the ImportMode.
        cancelled: the import that is under way shall stop.
        undo_requested: what came in shall go to the trash.
    """

    import_requested = Signal(object, object)
    cancelled = Signal()
    undo_requested = Signal()

    def __init__(self, sources: Sequence[Path] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import pictures"))
        self.sources = list(sources)
        self._sources_words = QLabel(self)
        self.add_folder = QPushButton(self.tr("Add a &folder…"), self)
        self.add_files = QPushButton(self.tr("Add f&iles…"), self)
        self.copy = QRadioButton(self.tr("&Copy them into the library"), self)
        self.leave = QRadioButton(self.tr("&Leave them where they are"), self)
        self.progress = WorkProgress(self)
        self.outcome = QLabel(self)
        self._came_in = ""
        self.stopped = QLabel(self)
        self._remarks_title = QLabel(self.tr("&What there is to say of single files"), self)
        self._remarks = RemarkList(parent=self)
        self.remarks = QListView(self)
        self.undo = QPushButton(self.tr("Undo the import"), self)
        self.go = QPushButton(self.tr("Import"), self)
        self._pages = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._show_sources()

    @property
    def mode(self) -> ImportMode:
        return ImportMode.COPY if self.copy.isChecked() else ImportMode.IN_PLACE

    @property
    def is_busy(self) -> bool:
        """Whether pictures are coming in."""
        return self._pages.currentIndex() == _Page.PROGRESS

    def add(self, sources: Sequence[Path]) -> None:
        """Name more files and folders; those that are named already stay as they are."""
        self.sources += [path for path in sources if path not in self.sources]
        self._pages.setCurrentIndex(_Page.CHOICE)
        self._show_sources()

    def show_progress(self, progress: ImportProgress) -> None:
        """Show how far it is."""
        done = self.locale().toString(progress.done)
        if progress.total is None:
            words = self.tr("Looks for pictures… {done} found").format(done=done)
        else:
            total = self.locale().toString(progress.total)
            words = self.tr("{done} of {total}").format(done=done, total=total)
        self.progress.show_done(progress.done, progress.total, words)

    def show_report(self, report: ImportReport) -> None:
        """Say what came of it."""
        self._pages.setCurrentIndex(_Page.REPORT)
        self.sources = []
        self._came_in = "\n".join(self._result_lines(report))
        self.outcome.setText(self._came_in)
        words = "" if report.stopped_by is None else describe_error(report.stopped_by)
        self.stopped.setText(f"{words.title} {words.advice}".strip() if words else "")
        self.stopped.setVisible(bool(words))
        remarks = [*report.refused, *report.remarks]
        self._remarks.show_remarks(remarks)
        self._remarks_title.setVisible(bool(remarks))
        self.remarks.setVisible(bool(remarks))
        self.undo.setVisible(bool(report.image_ids))
        self.undo.setEnabled(True)
        self.go.hide()
        self._close.setFocus()

    def show_undone(self, is_undone: bool) -> None:
        """Say that what came in is in the trash, or is back from it."""
        self.undo.setEnabled(not is_undone)
        words = self.tr("What came in is in the trash. Redo brings it back.")
        self.outcome.setText(words if is_undone else self._came_in)

    def show_failure(self, words: str) -> None:
        """Say why it did not even begin."""
        self._pages.setCurrentIndex(_Page.CHOICE)
        self._problem.setText(words)
        self._problem.setVisible(bool(words))
        self._show_sources()

    def ask_for_folder(self) -> FolderDialog:
        """Open the dialog for a folder."""
        dialog = FolderDialog(self.tr("Add a folder"), None, self)
        dialog.folder_chosen.connect(self._on_folder_dialog_folder_chosen)
        dialog.open()
        return dialog

    def ask_for_files(self) -> QFileDialog:
        """Open the dialog for files."""
        dialog = QFileDialog(self, self.tr("Add files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Pictures") + " (*.png *.jpg *.jpeg *.webp)")
        dialog.filesSelected.connect(self._on_dialog_files_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def reject(self) -> None:
        """Close, and stop what is under way."""
        self.cancelled.emit()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.cancelled.emit()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self._pages.addWidget(self._choice_page())
        self._pages.addWidget(self._progress_page())
        self._pages.addWidget(self._report_page())
        self.go.setProperty("look", "primary")
        buttons = close_buttons(self)
        self._close = buttons.button(buttons.StandardButton.Close)
        buttons.addButton(self.go, buttons.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_4)
        column.addWidget(self._pages, 1)
        column.addWidget(buttons)
        self.setMinimumWidth(460)

    def _choice_page(self) -> QWidget:
        page, column = _page()
        self._sources_words.setTextFormat(Qt.TextFormat.PlainText)
        self._sources_words.setWordWrap(True)
        add = QHBoxLayout()
        add.setSpacing(SPACE_2)
        add.addWidget(self.add_folder)
        add.addWidget(self.add_files)
        add.addStretch(1)
        self.copy.setChecked(True)
        self._problem = _muted("", page)
        self._problem.setProperty("tone", "danger")
        self._problem.hide()
        column.addWidget(self._sources_words)
        column.addLayout(add)
        column.addSpacing(SPACE_2)
        column.addWidget(self.copy)
        column.addWidget(_hint(self.tr("They stay here whatever becomes of the originals."), page))
        column.addWidget(self.leave)
        column.addWidget(
            _hint(self.tr("No second copy; they are missing here when they go there."), page)
        )
        column.addWidget(self._problem)
        column.addWidget(
            _muted(
                self.tr("Originals are only read. What is here already does not come in again."),
                page,
            )
        )
        column.addStretch(1)
        return page

    def _progress_page(self) -> QWidget:
        page, column = _page()
        column.addWidget(self.progress)
        note = self.tr("You can go on working meanwhile. What is in stays in when you stop.")
        column.addWidget(_muted(note, page))
        column.addStretch(1)
        return page

    def _report_page(self) -> QWidget:
        page, column = _page()
        for label in (self.outcome, self.stopped):
            label.setWordWrap(True)
        self.stopped.setProperty("tone", "warning")
        self.remarks.setModel(self._remarks)
        self.remarks.setUniformItemSizes(True)
        self.remarks.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.remarks.setMinimumHeight(_LIST_LINES * self.fontMetrics().lineSpacing())
        self._remarks_title.setBuddy(self.remarks)
        row = QHBoxLayout()
        row.addWidget(self.undo)
        row.addStretch(1)
        column.addWidget(self.outcome)
        column.addWidget(self.stopped)
        column.addWidget(self._remarks_title)
        column.addWidget(self.remarks, 1)
        column.addLayout(row)
        column.addStretch()
        return page

    def _connect(self) -> None:
        self.add_folder.clicked.connect(self.ask_for_folder)
        self.add_files.clicked.connect(self.ask_for_files)
        self.go.clicked.connect(self._on_go_clicked)
        self.progress.cancelled.connect(self.cancelled)
        self.undo.clicked.connect(self._on_undo_clicked)

    def _show_sources(self) -> None:
        names = [path.name or str(path) for path in self.sources[:_MOST_NAMED]]
        more = len(self.sources) - len(names)
        if more > 0:
            names.append(self.tr("and %n more", "", more))
        words = ", ".join(names) or self.tr("Folders or files with pictures of any tool")
        self._sources_words.setText(words)
        self._sources_words.setToolTip("\n".join(map(str, self.sources[:20])))
        self.go.setVisible(True)
        self.go.setEnabled(bool(self.sources))

    def _result_lines(self, report: ImportReport) -> list[str]:
        count = len(report.image_ids)
        one = self.tr("One picture came in.")
        lines = [one if count == 1 else self.tr("%n pictures came in.", "", count)]
        if report.known_count:
            lines.append(self.tr("Here already: %n", "", report.known_count))
        if report.trashed_ids:
            lines.append(self.tr("Of these in the trash: %n", "", len(report.trashed_ids)))
        if report.refused:
            lines.append(self.tr("Did not come in: %n", "", len(report.refused)))
        return lines

    def _on_folder_dialog_folder_chosen(self, folder: Path) -> None:
        self.add([folder])

    def _on_dialog_files_selected(self, names: list[str]) -> None:
        self.add([Path(name) for name in names])

    def _on_go_clicked(self) -> None:
        self._problem.hide()
        self._pages.setCurrentIndex(_Page.PROGRESS)
        self.progress.begin(self.tr("Looks for pictures…"))
        self.go.hide()
        self.import_requested.emit(list(self.sources), self.mode)

    def _on_undo_clicked(self) -> None:
        self.undo.setEnabled(False)
        self.undo_requested.emit()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACE_2)
    return page, column


def _muted(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setWordWrap(True)
    label.setProperty("tone", "muted")
    return label


def _hint(words: str, parent: QWidget) -> QLabel:
    """Below a choice, in line with its text."""
    label = _muted(words, parent)
    label.setContentsMargins(SPACE_6, 0, 0, 0)
    return label
