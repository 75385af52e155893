"""The window: what stands where, and its menus. It assembles and decides nothing."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    # What these take to load is for after the first paint.
    from PySide6.QtGui import QAction, QCloseEvent, QPaintEvent

    from algovera_desktop.ui.widgets.message_bar import MessageBar
    from algovera_desktop.ui.widgets.prompt_form import PromptForm
    from algovera_desktop.ui.widgets.queue_panel import QueuePanel
    from algovera_desktop.ui.widgets.status_line import StatusLine

_SMALLEST = QSize(720, 480)
_FIRST_SIZE = QSize(1280, 800)
_COLUMN_WIDTHS = (300, _FIRST_SIZE.width(), 280)


class MainWindow(QMainWindow):
    """Form, pictures and inspector side by side; messages above, the state of things below.

    It opens empty, and is furnished after its first paint: the window is there at once, while
    what stands in it is still being loaded.

    Signals:
        first_painted: once, after the window was seen for the first time.
        closing: the window is about to close.
    """

    first_painted = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_painted = False
        self._column_widths = _COLUMN_WIDTHS
        self._columns: QSplitter | None = None
        self.setWindowTitle("Algovera Desktop")
        self.setMinimumSize(_SMALLEST)
        self.resize(_FIRST_SIZE)

    def furnish(self, messages: "MessageBar", status: "StatusLine") -> None:
        """Put in what shows that the window lives, and keep the places of what is to come."""
        from algovera_desktop.ui.icons import app_icon
        from algovera_desktop.ui.widgets.menu_key import MenuKey

        MenuKey(self)
        self.setWindowIcon(app_icon())
        self._form, self._pictures, self._inspector = (QStackedWidget() for _column in range(3))
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setHandleWidth(1)
        for column in (self._form, self._pictures, self._inspector):
            self._columns.addWidget(column)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes([abs(width) for width in self._column_widths])
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(messages)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._rows.setHandleWidth(1)
        self._rows.setChildrenCollapsible(False)
        self._rows.addWidget(self._columns)
        layout.addWidget(self._rows, 1)
        layout.addWidget(status)
        self._make_menus()
        self.setCentralWidget(central)

    def show_form(self, form: "PromptForm") -> None:
        """Put the form into its place, with the keyboard in it."""
        self._form.addWidget(form)
        self.file_menu.insertAction(self.file_menu.actions()[0], form.generate_action)
        form.focus_prompt()

    def show_pictures(self, pictures: QWidget) -> None:
        """Put the gallery into its place once there is a library."""
        self._pictures.addWidget(pictures)

    def show_inspector(self, inspector: QWidget) -> None:
        """Put what tells of the chosen pictures into its place."""
        self._inspector.addWidget(inspector)

    def offer_library_actions(self) -> None:
        """Offer what needs the library, once somebody answers to it."""
        for action in self._library_actions:
            action.setEnabled(True)

    def show_queue(self, panel: "QueuePanel", height: int) -> None:
        """Put the queue below the columns once there is one, closed; ``height`` in pixels is
        what it opens with."""
        from algovera_desktop.ui.widgets.queue_drawer import QueueDrawer

        self._queue = QueueDrawer(self._rows, panel, height, self)
        self.queue_action.setEnabled(True)
        self.queue_action.toggled.connect(self._queue.set_open)
        panel.close_requested.connect(self._on_queue_close_requested)

    @property
    def queue_height(self) -> int:
        """The height with which the queue opens next time, in pixels."""
        return self._queue.height

    def layout_state(self) -> tuple[bytes, tuple[int, ...]]:
        """The window's geometry in Qt's form and the columns' widths in pixels; the one of a
        column that is hidden stands below zero."""
        geometry, columns = bytes(self.saveGeometry().data()), self._columns
        if columns is None:
            return geometry, self._column_widths
        widths = columns.sizes()
        for place, kept in enumerate(self._column_widths):
            column = columns.widget(place)
            if column is not None and column.isHidden():
                widths[place] = -abs(kept)
        return geometry, tuple(widths)

    def restore_layout(self, geometry: bytes, columns: tuple[int, ...]) -> None:
        """Take over what ``layout_state`` told; a screen that is gone does no harm."""
        if not self.restoreGeometry(QByteArray(geometry)):
            # With room for its frame: what reaches over a small screen's edge is out of reach.
            self.resize(self.size().boundedTo(self.screen().availableSize() * 0.94))
        if len(columns) == len(_COLUMN_WIDTHS):
            self._column_widths = columns

    def _make_menus(self) -> None:
        bar = self.menuBar()
        self.file_menu = bar.addMenu(self.tr("&File"))
        self.edit_menu = bar.addMenu(self.tr("&Edit"))
        self.picture_menu = bar.addMenu(self.tr("&Picture"))
        self.view_menu = view = bar.addMenu(self.tr("&View"))
        self.help_menu = bar.addMenu(self.tr("&Help"))
        self.settings_action = self._action(self.tr("Settings…"), "Ctrl+,")
        self.quit_action = self._action(self.tr("Quit"), "Ctrl+Q")
        self.quit_action.triggered.connect(self.close)
        self.file_menu.addSeparator()
        self.file_menu.addActions([self.settings_action, self.quit_action])
        self.form_action = self._add_column_action(view, self.tr("Form"), "F9", self._form)
        words = self.tr("Inspector")
        self.inspector_action = self._add_column_action(view, words, "F10", self._inspector)
        self.queue_action = self._action(self.tr("Queue"), "Ctrl+J")
        self.queue_action.setCheckable(True)
        self.queue_action.setEnabled(False)
        view.addAction(self.queue_action)
        self.shortcuts_action = self._action(self.tr("Keyboard shortcuts"), "F1")
        self.report_action = self._action(self.tr("Report a problem…"), "")
        self.licences_action = self._action(self.tr("Licences"), "")
        self.about_action = self._action(self.tr("About Algovera Desktop"), "")
        self.help_menu.addActions([self.shortcuts_action, self.report_action])
        self.help_menu.addSeparator()
        self.help_menu.addActions([self.licences_action, self.about_action])
        self._give_roles()
        self._library_actions = (self.settings_action, self.shortcuts_action, self.about_action)
        for action in self._library_actions:
            action.setEnabled(False)

    def _give_roles(self) -> None:
        """macOS has three of them in the program's own menu, wherever they are put."""
        from PySide6.QtGui import QAction

        roles = QAction.MenuRole
        self.about_action.setMenuRole(roles.AboutRole)
        self.settings_action.setMenuRole(roles.PreferencesRole)
        self.quit_action.setMenuRole(roles.QuitRole)

    def _add_column_action(self, menu: QMenu, text: str, keys: str, column: QWidget) -> "QAction":
        action = self._action(text, keys)
        assert self._columns is not None
        is_shown = self._column_widths[self._columns.indexOf(column)] >= 0
        column.setVisible(is_shown)
        action.setCheckable(True)
        action.setChecked(is_shown)
        action.toggled.connect(partial(self._show_column, column))
        menu.addAction(action)
        return action

    def _show_column(self, column: QWidget, is_shown: bool) -> None:
        """A hidden column has no width, so the one that it had is kept for it."""
        assert self._columns is not None
        place, widths = self._columns.indexOf(column), self._columns.sizes()
        if is_shown:
            column.show()
            widths[place] = abs(self._column_widths[place])
            self._columns.setSizes(widths)
        else:
            before, after = self._column_widths[:place], self._column_widths[place + 1 :]
            self._column_widths = (*before, widths[place], *after)
            column.hide()

    def _action(self, text: str, keys: str) -> "QAction":
        from PySide6.QtGui import QAction, QKeySequence

        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        self.addAction(action)
        return action

    def _on_queue_close_requested(self) -> None:
        self.queue_action.setChecked(False)

    def paintEvent(self, event: "QPaintEvent") -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            # After this paint, not in it: what listens may take a while.
            QTimer.singleShot(0, self.first_painted.emit)

    def closeEvent(self, event: "QCloseEvent") -> None:
        from PySide6.QtWidgets import QDialog

        self.closing.emit()
        # They would stand there, and answer to nothing, while the rest is written.
        for dialog in self.findChildren(QDialog):
            dialog.hide()
        super().closeEvent(event)
