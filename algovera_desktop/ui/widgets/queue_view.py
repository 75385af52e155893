"""The queue's list: rows for the mouse, the keyboard and a screen reader."""

import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from algovera_desktop.domain.jobs import END_STATES
from algovera_desktop.ui.commands import Command, meant_by
from algovera_desktop.ui.models.queue_items import JobRow, ServerRow
from algovera_desktop.ui.models.queue_model import QueueModel, QueueRole
from algovera_desktop.ui.models.queue_selection import selection_of
from algovera_desktop.ui.queue_commands import QueueCommands
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.empty_state import paint_empty_state
from algovera_desktop.ui.widgets.queue_delegate import QueueDelegate
from algovera_desktop.ui.widgets.queue_row_layout import RowButton, row_height
from algovera_desktop.ui.widgets.reorderable_list import ReorderableList

_WISH_DELAY_MS = 10

Index = QModelIndex | QPersistentModelIndex


class QueueView(ReorderableList):
    """Shows a QueueModel, one row below the other.

    Jobs can be selected, a server's header can only have the cursor. That dragged jobs move is
    asked for like all else; nothing moves here by itself.
    """

    def __init__(
        self,
        model: QueueModel,
        thumbnails: ThumbnailLoader,
        commands: QueueCommands,
        themes: ThemeController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(model, themes, parent)
        self._thumbnails = thumbnails
        self._commands = commands
        self._delegate = QueueDelegate(thumbnails, themes, self)
        self._pressed: tuple[str, RowButton] | None = None
        self._kept: tuple[list[str], str] = ([], "")
        self._wish_timer = QTimer(self, singleShot=True, interval=_WISH_DELAY_MS)
        self._wish_timer.timeout.connect(self._on_wish_timer_timeout)
        self._set_up()
        self._connect()

    def _set_up(self) -> None:
        self.setObjectName("queue")
        self.setStyleSheet("#queue, #queue:focus { border: none; }")
        self.setAccessibleName(self.tr("Queue"))
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_rows(row_height(self.fontMetrics()))

    def _connect(self) -> None:
        self.doubleClicked.connect(self._on_index_double_clicked)
        self._model.modelAboutToBeReset.connect(self._on_model_about_to_be_reset)
        # After the view's own and the selection's, which forget everything.
        self._model.modelReset.connect(self._on_model_reset)
        self.rows_dropped.connect(self._commands.move_requested)
        self._commands.group_requested.connect(self._on_commands_group_requested)
        self._thumbnails.changed.connect(self._on_thumbnails_changed)
        self._themes.changed.connect(self.viewport().update)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.set_rows(row_height(self.fontMetrics()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._model.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._model.set_watched(False)

    # Selection

    def select_ids(self, ids: Iterable[str]) -> None:
        """Select these jobs and no others."""
        selection = selection_of(self._model, ids)
        command = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(selection, command)

    def take_focus(self) -> None:
        """Have the keyboard, with the cursor on a job if there is one: the next in line, for a
        running one soon goes to the finished ones."""
        if not self.currentIndex().isValid() and self._model.rowCount() > 1:
            line = self._model.line_at(1)
            self.setCurrentIndex(self._model.index(line.start if line else 1))
        self.setFocus()

    def _on_model_about_to_be_reset(self) -> None:
        row = self.currentIndex().row()
        self._kept = (self.selected_ids(), self._model.id_at(row) if row >= 0 else "")

    def _on_model_reset(self) -> None:
        (ids, current_id), self._kept = self._kept, ([], "")
        row = self._model.row_of(current_id)
        if row is not None:
            # Where the user has scrolled to is not left for it.
            self.setAutoScroll(False)
            command = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self._model.index(row), command)
            self.setAutoScroll(True)
        if ids:
            self.select_ids(ids)

    def _on_commands_group_requested(self, job_id: str) -> None:
        self.select_ids(self._model.group_of(job_id))

    # Painting

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        if list(roles) == [QueueRole.LIVE]:
            # Ten times a second is no news for a screen reader.
            self.viewport().update()
        else:
            super().dataChanged(first, last, roles)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._wish_timer.isActive():
            self._wish_timer.start()
        if self._model.rowCount() == 0:
            words = (
                self.tr("Nothing in line"),
                self.tr("What you generate waits here until its turn comes."),
            )
            paint_empty_state(self.viewport(), self.font(), self._themes.theme, *words)

    def _on_wish_timer_timeout(self) -> None:
        rows = map(self._model.row, self.visible_rows())
        records = [row.picture for row in rows if isinstance(row, JobRow) and row.picture]
        side = math.ceil(self.cell.height() * self.devicePixelRatioF())
        self._thumbnails.set_wanted("queue", records, side)

    def _on_thumbnails_changed(self) -> None:
        self.viewport().update()

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.modifiers() & _SPECIAL and event.key() in _WALKING_KEYS:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_P and not event.modifiers() & _SPECIAL:
            self._run("P", self._server_commands())
        elif event.key() in _OPEN_KEYS and not event.modifiers():
            self._run("Return", self.commands())
        else:
            meant = meant_by(event, self.commands())
            heir = self._heir() if event.key() == Qt.Key.Key_Delete else None
            for command in meant:
                command.run()
            if not meant:
                super().keyPressEvent(event)
            elif heir is not None:
                self.setCurrentIndex(self._model.index(heir))

    def _heir(self) -> int | None:
        """Whose turn it is once the selected jobs have gone to the finished ones: the cursor
        stays in line, so that the next Delete means the next job."""
        rows = [self._model.row_of(job_id) for job_id in self.selected_ids()]
        gone = sorted(row for row in rows if row is not None)
        for row in (gone[-1] + 1, gone[0] - 1) if gone else ():
            item = self._model.row(row) if row < self._model.rowCount() else None
            if isinstance(item, JobRow) and item.job.state not in END_STATES:
                return row
        return None

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not the start of a name."""

    def commands(self) -> list[Command]:
        """What can be done with the selected jobs, or else with the server under the cursor."""
        ids = self.selected_ids()
        return self._commands.for_jobs(ids) if ids else self._server_commands()

    def _server_commands(self) -> list[Command]:
        current = self.currentIndex()
        header = self._header_of(current.row()) if current.isValid() else None
        return self._commands.for_server(header) if header else []

    def _header_of(self, row: int) -> ServerRow | None:
        header_row = self._model.row_of(self._model.server_at(row))
        header = None if header_row is None else self._model.row(header_row)
        return header if isinstance(header, ServerRow) else None

    def _run(self, keys: str, commands: Iterable[Command]) -> None:
        for command in commands:
            if command.shortcut == keys:
                command.run()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._button_at(event.position().toPoint())
        if not self._pressed:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if not pressed:
            super().mouseReleaseEvent(event)
        elif self._button_at(event.position().toPoint()) == pressed:
            self._press(*pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._button_at(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._delegate.pointer = event.position().toPoint()
        self.update(self.indexAt(event.position().toPoint()))
        if not self._pressed:
            super().mouseMoveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        if not menu.isEmpty():
            menu.popup(self._menu_position(event))

    def menu(self) -> QMenu:
        """What can be done now, as a menu."""
        return self._commands.menu(self.commands(), self)

    def _button_at(self, position: QPoint) -> tuple[str, RowButton] | None:
        """The button under a position, and the id of whose row it is in."""
        index = self.indexAt(position)
        if not index.isValid():
            return None
        row = self._model.row(index.row())
        rect = self.visualRect(index)
        button = self._delegate.button_at(rect, row, self.font(), position)
        return (self._model.id_at(index.row()), button) if button else None

    def _press(self, item_id: str, button: RowButton) -> None:
        """Do what a button says, for its own row alone."""
        row = self._model.row_of(item_id)
        item = None if row is None else self._model.row(row)
        if isinstance(item, ServerRow):
            commands = self._commands.for_server(item)
            self._run("P" if button is RowButton.PAUSE else "Ctrl+R", commands)
        elif item is not None:
            keys = "Ctrl+R" if button is RowButton.AGAIN else "Del"
            self._run(keys, self._commands.for_jobs([item_id]))

    def _menu_position(self, event: QContextMenuEvent) -> QPoint:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            rect = self.visualRect(self.currentIndex())
            return self.viewport().mapToGlobal(rect.center())
        return event.globalPos()

    def _on_index_double_clicked(self, _index: QModelIndex) -> None:
        self._run("Return", self.commands())


_SPECIAL = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_OPEN_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_E})
_WALKING_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)
