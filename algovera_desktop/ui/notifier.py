"""Tells the artist, who has turned to something else, that pictures are finished."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.domain.settings import NOTIFY_GROUP_END
from algovera_desktop.services.group_tally import GroupEnd, GroupTally
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.notices import Notices


class Notifier(QObject):
    """Follows a JobController. While the program is away from the front, one text on the desktop
    says what has ended since; it names no prompt, for it may stand on a locked screen.
    """

    def __init__(
        self,
        jobs: JobController,
        notices: Notices,
        settings: SettingsStore,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._notices = notices
        self._settings = settings
        self._window = window
        self._tally = GroupTally()
        self._told = GroupEnd()
        jobs.jobs_added.connect(self._on_jobs_changed)
        jobs.jobs_changed.connect(self._on_jobs_changed)
        jobs.jobs_removed.connect(self._on_jobs_removed)
        jobs.job_completed.connect(self._on_jobs_job_completed)
        notices.clicked.connect(self._on_notices_clicked)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusWindowChanged.connect(self._on_application_focus_window_changed)

    def _tell(self, ends: Iterable[GroupEnd]) -> None:
        if _is_in_front() or not self._settings.get(NOTIFY_GROUP_END):
            return
        told = sum(ends, self._told)
        if told != self._told:
            self._told = told
            self._notices.show_text(self._words(told))

    def _words(self, end: GroupEnd) -> str:
        if end.finished == end.total:
            one = self.tr("1 picture is finished")
            return one if end.total == 1 else self.tr("%n pictures are finished", "", end.total)
        if end.finished:
            head = self.tr("{finished} of {total} pictures are finished")
            parts = [head.format(finished=end.finished, total=end.total)]
        else:
            parts = [self.tr("No picture is finished")]
        if end.failed:
            parts.append(self.tr("%n failed", "", end.failed))
        if end.unsettled == 1:
            parts.append(self.tr("1 needs your answer"))
        elif end.unsettled:
            parts.append(self.tr("%n need your answer", "", end.unsettled))
        return ", ".join(parts)

    def _on_jobs_changed(self, jobs: list[Job]) -> None:
        self._tell(self._tally.put(jobs))

    def _on_jobs_removed(self, job_ids: list[str]) -> None:
        self._tell(self._tally.drop(job_ids))

    def _on_jobs_job_completed(self, job: Job, _record: ImageRecord) -> None:
        self._tell(self._tally.finish(job))

    def _on_notices_clicked(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()

    def _on_application_focus_window_changed(self) -> None:
        if _is_in_front() and self._told.total:
            self._told = GroupEnd()
            self._notices.withdraw()


def _is_in_front() -> bool:
    """Whether a window of ours, the main one or a dialog, has the keyboard."""
    return QApplication.activeWindow() is not None
