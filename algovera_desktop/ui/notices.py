"""How the desktop is asked to show a text outside of our window."""

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from algovera_desktop.ui.icons import app_icon
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

if TYPE_CHECKING:
    from algovera_desktop.services.notifications import NotificationLink

_PROGRAM = "Algovera Desktop"


class Notices(QObject):
    """One text at a time on the desktop; this one is of a desktop that can show none.

    Signals:
        clicked: the user clicked on the text.
    """

    clicked = Signal()

    def show_text(self, text: str) -> None:
        """Show a text, in place of the last one if that is still to be seen."""

    def withdraw(self) -> None:
        """Take away what is still to be seen; the user knows it by now."""


class DBusNotices(Notices):
    """Linux: the desktop's notification service. From the first text on a worker keeps the
    connection, for some desktops take away the texts of a program that has left the bus."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._link: NotificationLink | None = None

    def show_text(self, text: str) -> None:
        if self._link is None:
            self._link = self._make_link()
        self._link.post(text)

    def withdraw(self) -> None:
        if self._link is not None:
            self._link.post("")

    def _make_link(self) -> "NotificationLink":
        # Not above: nobody needs it at the start, and on other systems it is not installed.
        from algovera_desktop.services.notifications import NotificationLink

        link = NotificationLink(_PROGRAM, QApplication.desktopFileName(), self.tr("Show"))

        def work(context: TaskContext) -> None:
            link.attend(context.token, lambda: context.report(None))

        self._tasks.start(Pool.NETWORK, work).progressed.connect(self._on_task_progressed)
        return link

    def _on_task_progressed(self) -> None:
        self.clicked.emit()


class TrayNotices(Notices):
    """Windows and macOS: Qt shows texts beside an icon in the tray, which is there only for
    as long as there is one to show."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray = QSystemTrayIcon(app_icon(), self)
        self._tray.setToolTip(_PROGRAM)
        self._tray.messageClicked.connect(self.clicked)
        self._tray.activated.connect(self._on_tray_activated)

    def show_text(self, text: str) -> None:
        self._tray.show()
        self._tray.showMessage(_PROGRAM, text, app_icon())

    def withdraw(self) -> None:
        self._tray.hide()

    def _on_tray_activated(self) -> None:
        self.clicked.emit()


def system_notices(
    tasks: Tasks, parent: QObject | None = None, platform: str = sys.platform
) -> Notices:
    """What this system has."""
    return DBusNotices(tasks, parent) if platform == "linux" else TrayNotices(parent)
