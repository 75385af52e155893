"""The queue, opened from the status line: the list, and what can be done with all of it."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_rows import Section
from algovera_desktop.ui.models.queue_words import counts_words
from algovera_desktop.ui.queue_commands import QueueCommands
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.elided_label import ElidedLabel
from algovera_desktop.ui.widgets.queue_view import QueueView

_GAP = "\N{THIN SPACE}"
"""Between a button's icon and its words."""

_SMALLEST_HEIGHT = 160
_COUNT_DELAY_MS = 100


class QueuePanel(QFrame):
    """The whole queue on one line and what can be done with it, above the list.

    Signals:
        close_requested: Esc or the cross was pressed.
    """

    close_requested = Signal()

    def __init__(
        self,
        model: QueueModel,
        thumbnails: ThumbnailLoader,
        commands: QueueCommands,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._commands = commands
        self._themes = themes
        self._icons: dict[QPushButton, str] = {}
        self._timer = QTimer(self, singleShot=True, interval=_COUNT_DELAY_MS)
        self._timer.timeout.connect(self._show_counts)
        self.setMinimumHeight(_SMALLEST_HEIGHT)
        self.view = QueueView(model, thumbnails, commands, themes)
        self._build()
        self._connect()
        self._paint_icons()
        self._show_counts()

    def _build(self) -> None:
        self._counts = ElidedLabel()
        self._counts.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self._counts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._pause = self._button("pause", "")
        self._retry = self._button("refresh-cw", self.tr("Retry failed"))
        self._remove = self._button("list-x", self.tr("Remove finished"))
        self._cancel = self._button("ban", self.tr("Cancel all"))
        self._close = self._button("x", "")
        self._close.setToolTip(self.tr("Close the queue (Esc)"))
        self._close.setAccessibleName(self.tr("Close the queue"))
        bar = QFrame()
        bar.setProperty("look", "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_3, SPACE_1, SPACE_1, SPACE_1)
        row.setSpacing(SPACE_2)
        row.addWidget(self._counts, 1)
        for button in (self._pause, self._retry, self._remove, self._cancel, self._close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.view, 1)

    def _button(self, icon_name: str, text: str) -> QPushButton:
        button = QPushButton(_GAP + text if text else "")
        button.setAccessibleName(text)
        button.setProperty("look", "quiet")
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self._icons[button] = icon_name
        return button

    def _connect(self) -> None:
        self._pause.clicked.connect(self._on_pause_clicked)
        self._retry.clicked.connect(self._on_retry_clicked)
        self._remove.clicked.connect(self._commands.remove_finished_requested)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._close.clicked.connect(self.close_requested)
        for signal in (
            self._model.dataChanged,
            self._model.rowsInserted,
            self._model.rowsRemoved,
            self._model.rowsMoved,
            self._model.modelReset,
        ):
            signal.connect(self._count_soon)
        self._themes.changed.connect(self._paint_icons)

    def take_focus(self) -> None:
        """Have the keyboard."""
        self.view.take_focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_counts()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _count_soon(self, *_what: object) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _show_counts(self) -> None:
        counts, is_paused = self._model.counts(), self._model.is_paused()
        words = counts_words(counts) or self.tr("Empty")
        self._counts.setText(self.tr("Queue: {counts}").format(counts=words))
        self._counts.setToolTip(words)
        pause = self.tr("Resume") if is_paused else self.tr("Pause all")
        self._pause.setText(_GAP + pause)
        self._pause.setAccessibleName(pause)
        name = "play" if is_paused else "pause"
        if self._icons[self._pause] != name:
            self._icons[self._pause] = name
            self._paint_icons()
        self._retry.setEnabled(counts.failed > 0)
        self._remove.setEnabled(counts.finished > 0)
        self._cancel.setEnabled(counts.running + counts.waiting > 0)

    def _paint_icons(self) -> None:
        for button, name in self._icons.items():
            button.setIcon(icon(name, self._themes.theme))

    def _on_pause_clicked(self) -> None:
        self._commands.pause_requested.emit(None, not self._model.is_paused())

    def _on_retry_clicked(self) -> None:
        self._commands.retry_requested.emit(self._model.ids_in(Section.FAILED))

    def _on_cancel_clicked(self) -> None:
        ids = self._model.ids_in(Section.RUNNING, Section.LINE)
        self._commands.cancel_requested.emit(ids)
