"""Picture → Share copy: shows exactly what leaves, read from the copies themselves."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.library.sharing.pieces import PieceKind
from algovera_desktop.services.export import ExportProgress
from algovera_desktop.services.export_share import Finding, ShareFindings
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog
from algovera_desktop.ui.dialogs.share_words import finding_words, label_words
from algovera_desktop.ui.dialogs.work_progress import WorkProgress
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4, ThemeController

_TEXT_LINES = 4
_WIDTH = 640


class ShareDialog(QDialog):
    """Non-modal. First the copies are made in memory and read; only what was found in them is
    said to be in them. Then the user chooses where they go.

    Signals:
        folder_chosen: the Path of a folder for the copies.
        file_chosen: the Path of a file for the one copy, or of a zip for several.
        cancelled: what is under way shall stop.
    """

    folder_chosen = Signal(object)
    file_chosen = Signal(object)
    cancelled = Signal()

    def __init__(
        self,
        count: int,
        suffix: str,
        folder: Path,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._count = count
        self._suffix = suffix
        self._folder = folder
        self._themes = themes
        self.is_writing = False
        is_one = count == 1
        self.setWindowTitle(
            self.tr("Share a copy") if is_one else self.tr("Share %n copies", "", count)
        )
        self._lists = QGridLayout()
        self._texts = QPlainTextEdit(self)
        self._texts_title = QLabel(self.tr("&Texts that do not leave begin:"), self)
        self.note = QLabel(self)
        self.problem = QLabel(self)
        self.progress = WorkProgress(self)
        self.save = QPushButton(self.tr("Save copy…") if is_one else self.tr("Save copies…"), self)
        self.save_zip = QPushButton(self.tr("Save as zip…"), self)
        self.save_zip.hide()
        self._lay_out()
        self.save.clicked.connect(self.ask_for_target)
        self.save_zip.clicked.connect(self.ask_for_zip)
        self.progress.cancelled.connect(self._on_progress_cancelled)
        self._set_ready(False)
        self.progress.begin(self.tr("Looks at what is in the files…"))

    def show_findings(self, findings: ShareFindings) -> None:
        """Say what leaves and what does not."""
        self.progress.hide()
        self._set_ready(findings.count > 0)
        self._fill_column(0, self.tr("Stays in the copy"), "check", findings, findings.stays)
        self._fill_column(1, self.tr("Is taken out"), "x", findings, findings.taken_out)
        texts = [text for one in findings.taken_out for text in one.texts]
        self._texts.setPlainText("\n".join(" ".join(text.split()) for text in texts))
        self._texts.setVisible(bool(texts))
        self._texts_title.setVisible(bool(texts))
        self.note.setText(" ".join(self._notes(findings)))
        self.show_problem(self._problems(findings))
        self._fit()

    def show_progress(self, progress: ExportProgress) -> None:
        """Show how far the look, or the saving, is."""
        words = self.tr("{done} of {total}").format(
            done=self.locale().toString(progress.done), total=self.locale().toString(progress.total)
        )
        self.progress.show_done(progress.done, progress.total, words)

    def begin_saving(self) -> None:
        self.is_writing = True
        self._set_ready(False)
        self.progress.show()
        self.progress.begin(self.tr("Begins…"))

    def end_saving(self, problem: str = "") -> None:
        """Let the user choose again; ``problem`` says why it did not work."""
        self.is_writing = False
        self.progress.hide()
        self._set_ready(True)
        self.show_problem(problem)

    def show_stopped(self) -> None:
        """Say that the saving ended before its time."""
        self.end_saving(self.tr("Stopped. What was copied before is whole and stays."))

    def show_problem(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def ask_for_target(self) -> QFileDialog:
        """Open the dialog for the place: a file for one copy, a folder for several."""
        if self._count == 1:
            return self._ask_for_file(self.tr("picture"), self._suffix)
        dialog = FolderDialog(self.tr("Where to"), self._folder, self)
        dialog.folder_chosen.connect(self.folder_chosen)
        dialog.open()
        return dialog

    def ask_for_zip(self) -> QFileDialog:
        """Open the dialog for the archive."""
        return self._ask_for_file(self.tr("pictures"), "zip")

    def _ask_for_file(self, name: str, suffix: str) -> QFileDialog:
        dialog = QFileDialog(self, self.tr("Where to"), str(self._folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{name}.{suffix}")
        dialog.fileSelected.connect(self._on_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def lines(self, column: int) -> list[str]:
        """What a list says: 0 is what stays, 1 what is taken out."""
        body = self._bodies[column]
        return [label.text() for label in body.findChildren(QLabel) if label.text()]

    def reject(self) -> None:
        """Close, and stop what is under way."""
        self.cancelled.emit()
        super().reject()

    def _lay_out(self) -> None:
        self._bodies = [QWidget(self), QWidget(self)]
        self._lists.setHorizontalSpacing(SPACE_4)
        for column, body in enumerate(self._bodies):
            self._lists.addWidget(body, 0, column)
            self._lists.setColumnStretch(column, 1)
        self._texts.setReadOnly(True)
        self._texts.setTabChangesFocus(True)
        self._texts.setFixedHeight(_TEXT_LINES * self.fontMetrics().lineSpacing() + SPACE_4)
        self._texts_title.setBuddy(self._texts)
        self._texts.hide()
        self._texts_title.hide()
        for label, tone in ((self.note, "muted"), (self.problem, "warning")):
            label.setWordWrap(True)
            label.setProperty("tone", tone)
        self.problem.hide()
        self.save.setProperty("look", "primary")
        buttons = close_buttons(self)
        # A box of buttons shows all that are added to it.
        if self._count > 1:
            buttons.addButton(self.save_zip, buttons.ButtonRole.ActionRole)
        buttons.addButton(self.save, buttons.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(self._lists, 0)
        for widget in (self._texts_title, self._texts, self.note, self.problem, self.progress):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)

    def _fill_column(
        self,
        column: int,
        title: str,
        icon_name: str,
        findings: ShareFindings,
        found: Sequence[Finding],
    ) -> None:
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_2)
        grid.setVerticalSpacing(SPACE_1)
        grid.addWidget(QLabel(f"<b>{title}</b>", body), 0, 0, 1, 2)
        lines = [self._line(one, findings) for one in found] or [self.tr("Nothing")]
        for row, line in enumerate(lines, 1):
            mark = QLabel(body)
            side = QSize(ICON_SIDE, ICON_SIDE)
            picture = icon(icon_name, self._themes.theme, "muted")
            mark.setPixmap(picture.pixmap(side, self.devicePixelRatioF()))
            words = QLabel(line, body)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(lines) + 1, 1)
        self._lists.replaceWidget(self._bodies[column], body)
        self._bodies[column].deleteLater()
        self._bodies[column] = body
        # Now and not when the event loop has its turn: what is hidden takes no room.
        body.show()

    def _fit(self) -> None:
        """As high as the lines need at this width, which adjustSize does not ask."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _line(self, finding: Finding, findings: ShareFindings) -> str:
        words = finding_words(finding, findings.count)
        if finding.kind is PieceKind.LABEL:
            labels = ", ".join(map(label_words, findings.source_types))
            return f"{words}: {labels}"
        return words

    def _notes(self, findings: ShareFindings) -> list[str]:
        notes: list[str] = []
        if findings.count:
            notes.append(self.tr("This was read from the copies as they will be saved."))
            notes.append(self.tr("Their names say nothing of the prompt."))
        if findings.unlabelled:
            notes.append(
                self.tr(
                    "%n of them carry no label, for nothing says how they were made.",
                    "",
                    findings.unlabelled,
                )
            )
        if any(one.kind is PieceKind.HIDDEN for one in findings.taken_out):
            notes.append(
                self.tr("Where a text was hidden in the pixels, their lowest bits were changed.")
            )
        return notes

    def _problems(self, findings: ShareFindings) -> str:
        lines = [self.tr("Missing: {0}").format(name) for name in findings.missing]
        lines += [
            self.tr("Not shared: {0}, for it cannot be understood to its end").format(name)
            for name, _reason in findings.refused
        ]
        return "\n".join([*lines[:5], *(["…"] if len(lines) > 5 else [])])

    def _set_ready(self, is_ready: bool) -> None:
        self.save.setEnabled(is_ready)
        self.save_zip.setEnabled(is_ready)

    def _on_file_selected(self, name: str) -> None:
        self.file_chosen.emit(Path(name))

    def _on_progress_cancelled(self) -> None:
        self.cancelled.emit()
