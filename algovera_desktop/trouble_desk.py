"""What the program does when something goes wrong, and where it says of what it is made."""

import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, qVersion
from PySide6.QtGui import QGuiApplication

from algovera_desktop.programs import is_bundle
from algovera_desktop.services.paths import Paths
from algovera_desktop.shell import Shell
from algovera_desktop.ui.crash_watch import CrashWatch
from algovera_desktop.ui.update_watch import UpdateWatch, updated_message
from algovera_desktop.ui.widgets.message_bar import Message, Severity

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from algovera_desktop.services.findings import Finding
    from algovera_desktop.ui.dialogs.report_dialog import ReportWords


class TroubleDesk(QObject):
    """Help → Report a problem and Licences, which are there before the library is, a report for
    each mistake of ours, and a word when the program is replaced beneath us. Nothing is sent."""

    def __init__(self, shell: Shell, paths: Paths, crashes: CrashWatch | None) -> None:
        super().__init__(shell)
        self._shell = shell
        self._paths = paths
        self._open: dict[str, QDialog] = {}
        shell.window.report_action.triggered.connect(self.show_report)
        shell.window.licences_action.triggered.connect(self.show_licences)
        shell.tasks.unexpected_failed.connect(self.show_error)
        if crashes is not None:
            crashes.hear(self.show_error)
            if crashes.found:
                self._offer_report()
        if is_bundle():  # else it is Python that was started
            watch = UpdateWatch(Path(sys.executable).resolve(), self)
            watch.replaced.connect(self._on_watch_replaced)

    def show_report(self) -> None:
        """Open Help → Report a problem."""
        from algovera_desktop.ui.dialogs.report_dialog import ReportWords

        words = ReportWords(
            self.tr("Report a problem"),
            self.tr("What the program knows of itself"),
            self.tr(
                "Without your prompts, your keys and the names of your pictures and folders. "
                "Nothing is sent: read it, then pass it on, with a few words on what happened, "
                "to those who gave you the program."
            ),
        )
        self._show_report("report", words, "")

    def show_error(self, error: BaseException) -> None:
        """Say that something is our mistake, once: further ones while it is open are in the log,
        of which the report holds the end."""
        from algovera_desktop.ui.dialogs.report_dialog import ReportWords

        if "error" in self._open:
            return
        words = ReportWords(
            self.tr("Something unexpected happened"),
            self.tr("This is our mistake, not yours."),
            self.tr(
                "The program goes on, and your pictures and words are kept. With this report we "
                "can mend it. Nothing is sent: copy it and pass it on if you like."
            ),
        )
        self._show_report("error", words, "".join(traceback.format_exception(error)))

    def show_licences(self) -> None:
        """Open Help → Licences."""
        from algovera_desktop.ui.dialogs.licences_dialog import LicencesDialog

        self._show("licences", partial(LicencesDialog, self._shell.tasks, self._shell.window))

    def _offer_report(self) -> None:
        actions = (
            (self.tr("Show report"), self.show_report),
            (self.tr("Dismiss"), lambda: None),
        )
        text = self.tr("The program ended unexpectedly last time. There is a report of it.")
        # A warning: above whatever is only offered.
        message = Message(text, Severity.WARNING, "crash", actions)
        self._shell.messages.show_message(message)

    def _on_watch_replaced(self) -> None:
        self._shell.messages.show_message(updated_message())

    def _show_report(self, name: str, words: "ReportWords", happened: str) -> None:
        from algovera_desktop.ui.dialogs.report_dialog import ReportDialog

        settings, window, tasks = self._shell.settings, self._shell.window, self._shell.tasks
        screen = (self._screen(),)

        def gather() -> str:
            from algovera_desktop.services.problem_report import problem_report

            return problem_report(self._paths, settings, screen, happened=happened)

        self._show(name, partial(ReportDialog, words, gather, tasks, window))

    def _screen(self) -> "Finding":
        from algovera_desktop.services.findings import Finding

        screen, theme = self._shell.window.screen(), self._shell.themes.theme
        size, count = screen.size(), len(QGuiApplication.screens())
        words = (
            f"Qt {qVersion()}, {QGuiApplication.platformName()}, {size.width()}x{size.height()} at "
            f"{screen.devicePixelRatio():g}x, one of {count}, {theme.name}"
        )
        return Finding("screen", words)

    def _show(self, name: str, make: Callable[[], "QDialog"]) -> None:
        """Open a dialog, or bring to the front the one that is open."""
        if name in self._open:
            self._open[name].raise_()
            return
        dialog = self._open[name] = make()
        dialog.setObjectName(name)
        dialog.finished.connect(self._on_dialog_finished)
        dialog.show()

    def _on_dialog_finished(self) -> None:
        dialog = self._open.pop(self.sender().objectName())
        dialog.deleteLater()
