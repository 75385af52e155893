"""The right column: everything about what is selected, and what can be made of it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.common_values import CommonValues
from algovera_desktop.ui.commands import Command
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.curation_panel import CurationPanel
from algovera_desktop.ui.widgets.facts import (
    FactsTable,
    TextBlock,
    job_facts,
    picture_facts,
)
from algovera_desktop.ui.widgets.fold import Fold
from algovera_desktop.ui.widgets.job_report import JobReport
from algovera_desktop.ui.widgets.low_scroll import LowScroll
from algovera_desktop.ui.widgets.preview import Preview

_COLUMNS = 2
_WIDE = 0.6
"""A button that takes more than this share of the narrowest column has no neighbour."""

_PROMPT_LINES = 8
"""So that the stars below it stay in sight; a prompt may have thousands."""

_MAX_DETAIL_CHARS = 4000


class Inspector(QScrollArea):
    """Shows one picture or job with its commands, or how many are selected; ``curation`` has the
    editors, for one picture as for many.

    Signals:
        open_requested: the preview was double clicked.
        common_wanted: the ids of the selected pictures, of which ``show_common`` is to be told.
        details_wanted: the ImageRecord of which ``show_details`` is to be told.
        record_shown: the one picture that is shown, an ImageRecord, or None.
        left: Esc was pressed.
    """

    open_requested = Signal()
    common_wanted = Signal(object)
    details_wanted = Signal(object)
    record_shown = Signal(object)
    left = Signal()

    def __init__(
        self,
        thumbnails: ThumbnailLoader,
        commands: PictureCommands,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self._selection = GallerySelection()
        self._buttons: list[QPushButton] = []
        self.preview = Preview(thumbnails, themes)
        self.report = JobReport()
        self.notice = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.missing = QLabel(self.tr("The file is not where it was."), wordWrap=True)
        self.missing.setProperty("tone", "warning")
        self.curation = CurationPanel(themes)
        self.prompt = TextBlock()
        self._prompt_room = LowScroll(self.prompt, _PROMPT_LINES)
        self.negative_title = QLabel(self.tr("Without"))
        self.negative = TextBlock()
        self._negative_room = LowScroll(self.negative, _PROMPT_LINES)
        self.facts = FactsTable()
        self.details = TextBlock()
        self.fold = Fold(self.details, themes)
        self.fold.set_words(self.tr("Show details"), self.tr("Hide details"))
        self._below = QVBoxLayout()
        self._actions = QWidget()
        self._grid = QGridLayout(self._actions)
        self._lay_out()
        self.preview.activated.connect(self.open_requested)
        self.fold.header.toggled.connect(self._on_fold_toggled)
        self.show_selection(self._selection)

    def _lay_out(self) -> None:
        self.setAccessibleName(self.tr("Inspector"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.notice.setProperty("tone", "muted")
        self.negative_title.setProperty("tone", "muted")
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE_2)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        rows.setSpacing(SPACE_4)
        negative = QVBoxLayout()
        negative.setSpacing(SPACE_1)
        negative.addWidget(self.negative_title)
        negative.addWidget(self._negative_room)
        rows.addWidget(self.notice)
        rows.addWidget(self.preview)
        rows.addWidget(self.missing)
        rows.addWidget(self.report)
        rows.addWidget(self._prompt_room)
        rows.addLayout(negative)
        rows.addWidget(self.curation)
        rows.addWidget(self._actions)
        rows.addLayout(self._below)
        rows.addWidget(self.facts)
        rows.addWidget(self.fold)
        rows.addStretch(1)
        self.setWidget(page)
        self.setMinimumWidth(240)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What is typed into takes Esc only while it has a use for it.
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def add_below(self, widget: QWidget) -> None:
        """Put something between the commands and the facts."""
        self._below.addWidget(widget)

    @property
    def record(self) -> ImageRecord | None:
        """The one picture that is shown."""
        only = self._selection.only
        return only if isinstance(only, ImageRecord) else None

    @property
    def image_ids(self) -> Sequence[int]:
        """The pictures that are selected."""
        return self._selection.image_ids

    def begin_tag(self) -> None:
        """Bring the keyboard to where a tag is added."""
        self.ensureWidgetVisible(self.curation.tags)
        self.curation.tags.field.setFocus()

    def begin_note(self) -> None:
        """Bring the keyboard to the notes."""
        self.ensureWidgetVisible(self.curation.notes)
        self.curation.notes.setFocus()

    def show_selection(self, selection: GallerySelection) -> None:
        """Show what is selected: nothing, one tile, or many."""
        is_same = selection.image_ids == self._selection.image_ids
        self._selection = selection
        only = selection.only
        self._show_notice(selection)
        self.report.setVisible(isinstance(only, JobTile))
        self.facts.setVisible(only is not None)
        if isinstance(only, JobTile):
            self.report.show_tile(only)
            self.facts.set_facts(job_facts(only.job))
        elif only is not None:
            self.preview.show_record(only)
            self.facts.set_facts(picture_facts(only))
        self._show_words(_request_of(only))
        self._show_picture(self.record, is_same=is_same)
        self._show_curation(is_same)
        self._show_commands(self._commands.buttons_for(self._selection))
        self.record_shown.emit(self.record)

    def show_common(self, ids: Sequence[int], values: CommonValues) -> None:
        """Show what several pictures have in common, if they still are the selected ones."""
        if self.record is None and ids == self._selection.image_ids:
            self.curation.show_common(values)
            self.curation.show()
            self._show_notice(self._selection, values.favourites)

    def show_details(self, image_id: int, texts: Mapping[str, str]) -> None:
        """Show what a file says besides, if its picture still is the selected one."""
        record = self.record
        if record is not None and record.id == image_id:
            parts = (f"{keyword}\n{_short(text)}" for keyword, text in texts.items())
            self.details.setText("\n\n".join(parts) or self.tr("The file says nothing else."))

    def _show_picture(self, record: ImageRecord | None, *, is_same: bool) -> None:
        """Show what is only said of one picture."""
        self.preview.setVisible(record is not None)
        self.missing.setVisible(record is not None and record.missing_since is not None)
        if not is_same:
            self.fold.close_fold()
        self.fold.setVisible(record is not None and bool(record.tool))

    def _show_curation(self, is_same: bool) -> None:
        """Show the editors; of several pictures once it is known what they have in common, and
        until then what they had."""
        record, ids = self.record, self._selection.image_ids
        self.curation.setDisabled(self._selection.in_trash)
        if record is not None:
            self.curation.show_record(record)
            self.curation.show()
        elif ids:
            self.curation.setVisible(is_same and not self.curation.isHidden())
            self.common_wanted.emit(ids)
        else:
            self.curation.notes.tell()
            self.curation.hide()

    def _show_notice(self, selection: GallerySelection, favourites: int = 0) -> None:
        if not selection:
            words = self.tr("Select a picture")
        elif selection.jobs:
            words = self.tr("%n selected", "", len(selection))
        else:
            words = self.tr("%n pictures", "", len(selection))
        if favourites:
            one = self.tr("One favourite")
            many = self.tr("%n favourites", "", favourites)
            words = f"{words} · {one if favourites == 1 else many}"
        self.notice.setText(words)
        self.notice.setVisible(selection.only is None)

    def _show_words(self, request: GenerationRequest | None) -> None:
        negative = request.negative_prompt if request else ""
        self._prompt_room.setText(request.prompt if request else "")
        self._prompt_room.setVisible(bool(request and request.prompt))
        # A label's accessible name stands in for its text, so it holds both.
        self.prompt.setAccessibleName(f"{self.tr('Prompt')}: {self.prompt.text()}")
        self.negative.setAccessibleName(f"{self.tr('Without')}: {negative}")
        self._negative_room.setText(negative)
        self._negative_room.setVisible(bool(negative))
        self.negative_title.setVisible(bool(negative))

    def _show_commands(self, commands: Sequence[Command]) -> None:
        """Keep the buttons while their words stay the same, and with them the focus."""
        if [button.text() for button in self._buttons] != [one.text for one in commands]:
            for button in self._buttons:
                button.hide()
                button.deleteLater()
            self._buttons = [self._button(one) for one in commands]
            self._place_buttons()
        self._actions.setVisible(bool(commands))

    def _place_buttons(self) -> None:
        """Two in a line; one whose words leave no room for another, and one that is left alone,
        take the whole line."""
        most = (self.minimumWidth() - 2 * SPACE_3) * _WIDE
        lines: list[list[QPushButton]] = []
        is_open = False
        for button in self._buttons:
            is_wide = button.sizeHint().width() > most
            if not is_open or is_wide:
                lines.append([])
            lines[-1].append(button)
            is_open = len(lines[-1]) < _COLUMNS and not is_wide
        for row, line in enumerate(lines):
            span = _COLUMNS if len(line) == 1 else 1
            for column, button in enumerate(line):
                self._grid.addWidget(button, row, column, 1, span)

    def _button(self, command: Command) -> QPushButton:
        button = QPushButton(command.text)
        button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        words = " · ".join(filter(None, (command.tip, command.shortcut)))
        button.setToolTip(words)
        button.clicked.connect(self._on_button_clicked)
        return button

    def _on_button_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            position = self._buttons.index(button)
            self._commands.buttons_for(self._selection)[position].run()

    def _on_fold_toggled(self, is_open: bool) -> None:
        if is_open and self.record is not None:
            self.details.setText("…")
            self.details_wanted.emit(self.record)


def _request_of(tile: Tile | None) -> GenerationRequest | None:
    if isinstance(tile, JobTile):
        return tile.job.request
    return tile.request if tile else None


def _short(text: str) -> str:
    """As much of a text as a label can hold; a workflow can have megabytes."""
    return text if len(text) <= _MAX_DETAIL_CHARS else f"{text[:_MAX_DETAIL_CHARS]}…"
