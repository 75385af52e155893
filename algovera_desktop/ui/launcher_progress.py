"""Has the desktop's launcher show how far the pictures are."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.job_mirror import QueueSummary
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

if TYPE_CHECKING:
    from algovera_desktop.services.launcher import LauncherLink

_PAUSE_MS = 300
"""Between two states that are told: a bar needs no more."""


class LauncherProgress(QObject):
    """Follows a JobController. From the first picture to the moment when none is left, the bar is
    the share that is done; the number beside it is of those that are left. Linux only."""

    def __init__(self, jobs: JobController, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._app_id = QApplication.desktopFileName()
        self._link: LauncherLink | None = None
        self._most_left = 0.0
        self._summary = self._told = QueueSummary()
        self._is_telling = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        jobs.summary_changed.connect(self._on_jobs_summary_changed)

    def close(self) -> None:
        """Let the launcher forget it. For the end of the program, after ``Tasks.shut_down``."""
        self._timer.stop()
        if self._link is not None:
            self._link.close()

    def _on_jobs_summary_changed(self, summary: QueueSummary) -> None:
        self._summary = summary
        if summary != self._told and not self._timer.isActive() and not self._is_telling:
            self._timer.start()

    def _on_timer_timeout(self) -> None:
        self._told = summary = self._summary
        share = self._share(summary)

        def work(_context: TaskContext) -> None:
            # Not above: nobody needs it at the start, and on other systems it is not installed.
            from algovera_desktop.services.launcher import LauncherLink, LauncherState

            self._link = self._link or LauncherLink(self._app_id)
            count, is_urgent = summary.running + summary.waiting, summary.unknown > 0
            self._link.tell(LauncherState(share, count, is_urgent))

        self._is_telling = True
        self._tasks.start(Pool.NETWORK, work).finished.connect(self._on_task_finished)

    def _on_task_finished(self) -> None:
        self._is_telling = False
        self._on_jobs_summary_changed(self._summary)

    def _share(self, summary: QueueSummary) -> float | None:
        """How much is done of what was there at most since there was nothing; None for nothing."""
        left = summary.waiting + summary.running * (1.0 - (summary.progress or 0.0))
        if not summary.waiting + summary.running:
            self._most_left = 0.0
            return None
        self._most_left = max(self._most_left, left)
        # In whole per cents, so that no state is told that looks like the one before.
        return round(1.0 - left / self._most_left, 2) if self._most_left else 1.0
