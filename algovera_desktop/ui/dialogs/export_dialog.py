"""Picture → Export: what leaves, in which form, under which names."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.contact_sheet import PageSize, SheetLayout
from algovera_desktop.services.export import ExportOptions, ExportProgress
from algovera_desktop.services.export_names import FIELDS, OWN_NAMES, file_name, unknown_fields
from algovera_desktop.services.export_sheet import SheetCaptions
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog
from algovera_desktop.ui.dialogs.work_progress import WorkProgress
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4
from algovera_desktop.ui.widgets.elided_label import ElidedLabel


class ExportKind(Enum):
    FILES = "files"
    ZIP = "zip"
    PDF = "pdf"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What the user has chosen. ``target`` is a folder for FILES and PNG, else a file."""

    kind: ExportKind
    target: Path
    options: ExportOptions
    layout: SheetLayout
    captions: SheetCaptions


class ExportDialog(QDialog):
    """Non-modal. Asks, then shows how far the export is.

    ``example`` is one of the pictures, to show what its name would be; ``folder`` is where the
    file dialogs open.

    Signals:
        export_requested: an ExportPlan, once the user has chosen a place.
        cancelled: the export that is under way shall stop.
    """

    export_requested = Signal(object)
    cancelled = Signal()

    def __init__(
        self,
        count: int,
        example: ImageRecord | None,
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._count = count
        self._example = example
        self._folder = folder
        self.setWindowTitle(
            self.tr("Export the picture")
            if count == 1
            else self.tr("Export %n pictures", "", count)
        )
        self._kinds = QButtonGroup(self)
        self.pattern = QLineEdit(OWN_NAMES, self)
        self._name = ElidedLabel(self)
        self.sidecars = QCheckBox(self.tr("With ratings, tags and notes (XMP files)"), self)
        self.paper = QComboBox(self)
        self.columns = QSpinBox(self)
        self.prompts = QCheckBox(self.tr("Prompts below the pictures"), self)
        self.facts = QCheckBox(self.tr("Model and seed below the pictures"), self)
        self.title = QLineEdit(self)
        self.problem = QLabel(self)
        self.go = QPushButton(self.tr("Export…"), self)
        self.progress = WorkProgress(self)
        self._lay_out()
        self._connect()
        self._on_kinds_changed()

    @property
    def kind(self) -> ExportKind:
        return list(ExportKind)[self._kinds.checkedId()]

    @property
    def is_writing(self) -> bool:
        """Whether an export is under way."""
        return not self.progress.isHidden()

    def choose(self, kind: ExportKind) -> None:
        self._kinds.button(list(ExportKind).index(kind)).setChecked(True)

    def show_progress(self, progress: ExportProgress) -> None:
        """Show how far the export is."""
        words = self.tr("{done} of {total}").format(
            done=self.locale().toString(progress.done), total=self.locale().toString(progress.total)
        )
        self.progress.show_done(progress.done, progress.total, words)

    def show_problem(self, words: str) -> None:
        """Say why it did not work and let the user try again."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self._set_busy(False)

    def show_stopped(self) -> None:
        """Say that it ended before its time."""
        self.show_problem(self.tr("Stopped. What was copied before is whole and stays."))

    def ask_for_target(self) -> QFileDialog:
        """Open the dialog for the place, which asks by itself before it replaces a file."""
        title = self.tr("Where to")
        if self.kind in (ExportKind.FILES, ExportKind.PNG):
            folders = FolderDialog(title, self._folder, self)
            folders.folder_chosen.connect(self._on_target_chosen)
            folders.open()
            return folders
        suffix = self.kind.value
        dialog = QFileDialog(self, title, str(self._folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{self.title.text().strip() or self.tr('Pictures')}.{suffix}")
        dialog.fileSelected.connect(self._on_dialog_file_selected)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _lay_out(self) -> None:
        kinds = QVBoxLayout()
        kinds.setSpacing(SPACE_2)
        for number, words in enumerate(self._kind_words()):
            button = QRadioButton(words, self)
            self._kinds.addButton(button, number)
            kinds.addWidget(button)
        self._kinds.button(0).setChecked(True)
        self._options = QStackedWidget(self)
        self._options.addWidget(self._names_page())
        self._options.addWidget(self._sheet_page())
        note = QLabel(
            self.tr(
                "Files leave as they are, with the prompts and settings in them. "
                "“Share copy…” makes copies without."
            ),
            self,
        )
        note.setWordWrap(True)
        note.setProperty("tone", "muted")
        self.problem.setWordWrap(True)
        self.problem.setProperty("tone", "danger")
        self.problem.hide()
        self.progress.hide()
        self.go.setProperty("look", "primary")
        self._buttons = close_buttons(self)
        self._buttons.addButton(self.go, self._buttons.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_4)
        column.addLayout(kinds)
        column.addWidget(self._options)
        for widget in (note, self.problem, self.progress):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.setMinimumWidth(520)

    def _kind_words(self) -> Sequence[str]:
        return (
            self.tr("&Files in a folder"),
            self.tr("One &zip archive"),
            self.tr("Contact sheet to print (&PDF)"),
            self.tr("Contact sheet as pictures (P&NG)"),
        )

    def _names_page(self) -> QWidget:
        page = QWidget(self)
        form = _form(page)
        form.addRow(self.tr("&Names"), self.pattern)
        self._name.setProperty("tone", "muted")
        form.addRow("", self._name)
        fields = QLabel(" ".join(f"{{{one}}}" for one in FIELDS), page)
        fields.setAccessibleName(self.tr("What names may be made of"))
        fields.setProperty("tone", "muted")
        fields.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(self.tr("Made of"), fields)
        form.addRow("", self.sidecars)
        return page

    def _sheet_page(self) -> QWidget:
        page = QWidget(self)
        form = _form(page)
        for words, size in (("A4", PageSize.A4), (self.tr("US Letter"), PageSize.LETTER)):
            self.paper.addItem(words, size)
        self.columns.setRange(1, 8)
        self.columns.setValue(4)
        self.prompts.setChecked(True)
        self.facts.setChecked(True)
        self.title.setPlaceholderText(self.tr("at the foot of each page"))
        form.addRow(self.tr("Pa&per"), self.paper)
        form.addRow(self.tr("Pictures in a &row"), self.columns)
        form.addRow(self.tr("&Title"), self.title)
        form.addRow("", self.prompts)
        form.addRow("", self.facts)
        return page

    def _connect(self) -> None:
        self._kinds.idToggled.connect(self._on_kinds_changed)
        self.pattern.textChanged.connect(self._on_pattern_text_changed)
        self.go.clicked.connect(self._on_go_clicked)
        self.progress.cancelled.connect(self.cancelled)

    def _on_kinds_changed(self) -> None:
        is_sheet = self.kind in (ExportKind.PDF, ExportKind.PNG)
        self._options.setCurrentIndex(1 if is_sheet else 0)
        self._on_pattern_text_changed()

    def _on_pattern_text_changed(self) -> None:
        pattern = self.pattern.text()
        unknown = unknown_fields(pattern)
        is_named = self._options.currentIndex() == 0
        is_good = not (is_named and (unknown or not pattern.strip()))
        self.pattern.setProperty("invalid", not is_good)
        self.pattern.style().polish(self.pattern)
        self.go.setEnabled(is_good)
        if unknown:
            words = self.tr("Nothing is called {name}").format(name=f"{{{unknown[0]}}}")
        elif self._example is not None:
            words = self.tr("For example: {0}").format(file_name(pattern, self._example, 1))
        else:
            words = ""
        self._name.setText(words)
        self._name.setToolTip(words)

    def _on_go_clicked(self) -> None:
        self.ask_for_target()

    def _on_dialog_file_selected(self, name: str) -> None:
        self._on_target_chosen(Path(name))

    def _on_target_chosen(self, target: Path) -> None:
        captions = SheetCaptions(self.prompts.isChecked(), self.facts.isChecked())
        layout = SheetLayout(
            self.paper.currentData(),
            self.columns.value(),
            captions.lines,
            self.title.text().strip(),
        )
        options = ExportOptions(self.pattern.text(), self.sidecars.isChecked())
        self.show_problem("")
        self._set_busy(True)
        self.progress.begin(self.tr("Begins…"))
        self.export_requested.emit(ExportPlan(self.kind, target, options, layout, captions))

    def _set_busy(self, is_busy: bool) -> None:
        self.progress.setVisible(is_busy)
        self._options.setEnabled(not is_busy)
        for button in (*self._kinds.buttons(), self.go):
            button.setEnabled(not is_busy)


def _form(page: QWidget) -> QFormLayout:
    form = QFormLayout(page)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(SPACE_3)
    form.setVerticalSpacing(SPACE_2)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form
