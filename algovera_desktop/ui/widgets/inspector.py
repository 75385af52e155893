"""The right column: everything about what is selected, and what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
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
from algovera_desktop.ui.commands import Command
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, SPACE_4, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.facts import (
    FactsTable,
    TextBlock,
    job_facts,
    picture_facts,
)
from algovera_desktop.ui.widgets.job_report import JobReport
from algovera_desktop.ui.widgets.preview import Preview

_COLUMNS = 2


class Inspector(QScrollArea):
    """Shows one picture or job with its commands, or how many are selected.

    Signals:
        open_requested: the preview was double clicked.
    """

    open_requested = Signal()

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
        self.prompt = TextBlock()
        self.negative_title = QLabel(self.tr("Without"))
        self.negative = TextBlock()
        self.facts = FactsTable()
        self._actions = QWidget()
        self._grid = QGridLayout(self._actions)
        self._lay_out()
        self.preview.activated.connect(self.open_requested)
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
        negative.addWidget(self.negative)
        rows.addWidget(self.notice)
        rows.addWidget(self.preview)
        rows.addWidget(self.report)
        rows.addWidget(self.prompt)
        rows.addLayout(negative)
        rows.addWidget(self._actions)
        rows.addWidget(self.facts)
        rows.addStretch(1)
        self.setWidget(page)
        self.setMinimumWidth(240)

    def show_selection(self, selection: GallerySelection) -> None:
        """Show what is selected: nothing, one tile, or the number of many."""
        self._selection = selection
        only = selection.only
        self._show_notice(selection)
        self.preview.setVisible(only is not None and not isinstance(only, JobTile))
        self.report.setVisible(isinstance(only, JobTile))
        self.facts.setVisible(only is not None)
        if isinstance(only, JobTile):
            self.report.show_tile(only)
            self.facts.set_facts(job_facts(only.job))
            self._show_words(only.job.request)
        elif only is not None:
            self.preview.show_record(only)
            self.facts.set_facts(picture_facts(only))
            self._show_words(only.request)
        else:
            self._show_words(None)
        self._show_commands(self._commands.commands_for(self._selection))

    def _show_notice(self, selection: GallerySelection) -> None:
        if not selection:
            words = self.tr("Select a picture")
        elif selection.jobs:
            words = self.tr("%n selected", "", len(selection))
        else:
            words = self.tr("%n pictures", "", len(selection))
        self.notice.setText(words)
        self.notice.setVisible(selection.only is None)

    def _show_words(self, request: GenerationRequest | None) -> None:
        negative = request.negative_prompt if request else ""
        self.prompt.setText(request.prompt if request else "")
        self.prompt.setVisible(request is not None)
        # A label's accessible name stands in for its text, so it holds both.
        self.prompt.setAccessibleName(f"{self.tr('Prompt')}: {self.prompt.text()}")
        self.negative.setAccessibleName(f"{self.tr('Without')}: {negative}")
        self.negative.setText(negative)
        self.negative.setVisible(bool(negative))
        self.negative_title.setVisible(bool(negative))

    def _show_commands(self, commands: Sequence[Command]) -> None:
        """Keep the buttons while their words stay the same, and with them the focus."""
        if [button.text() for button in self._buttons] != [one.text for one in commands]:
            for button in self._buttons:
                button.hide()
                button.deleteLater()
            self._buttons = [self._button(at, one) for at, one in enumerate(commands)]
        self._actions.setVisible(bool(commands))

    def _button(self, position: int, command: Command) -> QPushButton:
        button = QPushButton(command.text)
        button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        words = " · ".join(filter(None, (command.tip, command.shortcut)))
        button.setToolTip(words)
        button.clicked.connect(self._on_button_clicked)
        self._grid.addWidget(button, position // _COLUMNS, position % _COLUMNS)
        return button

    def _on_button_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            position = self._buttons.index(button)
            self._commands.commands_for(self._selection)[position].run()
