"""The window: what stands where, and its menus. It assembles and decides nothing."""

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from algovera_desktop.ui.icons import app_icon
from algovera_desktop.ui.widgets.message_bar import MessageBar
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from algovera_desktop.ui.widgets.status_line import StatusLine

_SMALLEST = QSize(720, 480)
_FIRST_SIZE = QSize(1280, 800)
_FORM_WIDTH, _INSPECTOR_WIDTH = 300, 280


class MainWindow(QMainWindow):
    """Form, pictures and inspector side by side; messages above, the state of things below.

    Signals:
        first_painted: once, after the window was seen for the first time.
        closing: the window is about to close.
    """

    first_painted = Signal()
    closing = Signal()

    def __init__(self, form: PromptForm, messages: MessageBar, status: StatusLine) -> None:
        super().__init__()
        self._is_painted = False
        self._form = form
        self.setWindowTitle("Algovera Desktop")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self.resize(_FIRST_SIZE)
        self._pictures = QStackedWidget()
        self._inspector = QStackedWidget()
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setHandleWidth(1)
        for column in (form, self._pictures, self._inspector):
            self._columns.addWidget(column)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes([_FORM_WIDTH, _FIRST_SIZE.width(), _INSPECTOR_WIDTH])
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(messages)
        layout.addWidget(self._columns, 1)
        layout.addWidget(status)
        self.setCentralWidget(central)
        self._make_menus()

    def show_pictures(self, pictures: QWidget, inspector: QWidget) -> None:
        """Put the gallery and the inspector into their places once there is a library."""
        for action in self._library_actions:
            action.setEnabled(True)
        self._pictures.addWidget(pictures)
        self._inspector.addWidget(inspector)

    def layout_state(self) -> tuple[bytes, tuple[int, ...]]:
        """The window's geometry in Qt's form and the columns' widths in pixels."""
        return bytes(self.saveGeometry().data()), tuple(self._columns.sizes())

    def restore_layout(self, geometry: bytes, columns: tuple[int, ...]) -> None:
        """Take over what ``layout_state`` told; a screen that is gone does no harm."""
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        if len(columns) == self._columns.count():
            self._columns.setSizes(list(columns))

    def _make_menus(self) -> None:
        bar = self.menuBar()
        self.file_menu = bar.addMenu(self.tr("&File"))
        self.picture_menu = bar.addMenu(self.tr("&Picture"))
        view = bar.addMenu(self.tr("&View"))
        self.help_menu = bar.addMenu(self.tr("&Help"))
        self.file_menu.addAction(self._form.generate_action)
        self.settings_action = self._action(self.tr("Settings…"), "Ctrl+,")
        self.quit_action = self._action(self.tr("Quit"), "Ctrl+Q")
        self.quit_action.triggered.connect(self.close)
        self.file_menu.addSeparator()
        self.file_menu.addActions([self.settings_action, self.quit_action])
        self._add_column_actions(view)
        self.shortcuts_action = self._action(self.tr("Keyboard shortcuts"), "F1")
        self.about_action = self._action(self.tr("About Algovera Desktop"), "")
        self.help_menu.addActions([self.shortcuts_action, self.about_action])
        self._library_actions = (self.settings_action, self.shortcuts_action, self.about_action)
        for action in self._library_actions:
            action.setEnabled(False)

    def _add_column_actions(self, view: QMenu) -> None:
        for text, keys, column in (
            (self.tr("Form"), "F9", self._form),
            (self.tr("Inspector"), "F10", self._inspector),
        ):
            action = self._action(text, keys)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(column.setVisible)
            view.addAction(action)

    def _action(self, text: str, keys: str) -> QAction:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        self.addAction(action)
        return action

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            # After this paint, not in it: what listens may take a while.
            QTimer.singleShot(0, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)
