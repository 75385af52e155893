"""What the queue panel tells of servers, and what can be told of a job only together with them."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobProgress, JobState
from algovera_desktop.domain.servers import ServerState
from algovera_desktop.services.servers import ServerList
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.models.line_times import LineTimes
from algovera_desktop.ui.server_monitor import ServerMonitor

_KEPT_FROM_WORK_BY = {
    ServerState.UNREACHABLE: FailureKind.UNREACHABLE,
    ServerState.STOPPED: FailureKind.UNREACHABLE,
    ServerState.KEY_REFUSED: FailureKind.AUTHENTICATION,
}


class QueueServers(QObject):
    """Brings together what the list of servers, their monitor and the JobController know.

    Signals:
        changed: how a server is, or what it is called, may have changed.
    """

    changed = Signal()

    def __init__(
        self,
        jobs: JobController,
        servers: ServerList,
        monitor: ServerMonitor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._servers = servers
        self._monitor = monitor
        self._times = LineTimes(self._usual_seconds)
        monitor.status_changed.connect(self._on_monitor_status_changed)

    def name(self, server_id: str) -> str:
        """Empty for a server that was removed."""
        server = self._servers.get(server_id)
        return server.name if server else ""

    def state(self, server_id: str) -> ServerState:
        return self._monitor.status(server_id).state

    def held_by(self, server_id: str) -> FailureKind | None:
        """What keeps a server from getting more jobs, other than the user; None: nothing."""
        hold = self._jobs.hold(server_id)
        return hold.failure.kind if hold else _KEPT_FROM_WORK_BY.get(self.state(server_id))

    def can_try_again(self, server_id: str) -> bool:
        return self._jobs.hold(server_id) is not None

    def is_paused(self, server_id: str | None = None) -> bool:
        """Whether the user has paused a server; without an id, all of them."""
        return self._jobs.is_paused(server_id)

    def model_title(self, job: Job) -> str:
        return self._monitor.model(job.server_id, job.request.model).title

    def progress(self, job: Job) -> JobProgress | None:
        return self._jobs.progress(job.id) if job.state in ACTIVE_STATES else None

    def reckon(self, server_id: str, running: Iterable[Job], line: Iterable[Job]) -> None:
        """Reckon anew how long everything there takes."""
        server = self._servers.get(server_id)
        at_once = server.effective_at_once if server else 1
        self._times.reckon_line(server_id, line)
        self._times.reckon_running(server_id, map(self._at_most_left, running), at_once)

    def seconds_left(self, job: Job, number: int) -> float | None:
        """Until a job is done that runs, or stands in line as this number; None also where
        nothing is sent for now."""
        if number and self._is_at_rest(job.server_id):
            return None
        if number:
            return self._times.until_done(job.server_id, number)
        if job.state is not JobState.RUNNING:
            return None
        progress = self._jobs.progress(job.id)
        share = progress.progress if progress else None
        elapsed_s = self._jobs.elapsed_s(job.id)
        if share is None and elapsed_s is None:
            return None
        return self._jobs.estimates.time_left(job, progress=share, elapsed_s=elapsed_s or 0.0)

    def seconds_until_all_done(self, server_id: str) -> float | None:
        is_at_rest = self._is_at_rest(server_id)
        return None if is_at_rest else self._times.until_all_done(server_id)

    def _is_at_rest(self, server_id: str) -> bool:
        return self.is_paused(server_id) or self.held_by(server_id) is not None

    def _usual_seconds(self, job: Job) -> float | None:
        return self._jobs.estimates.seconds(job)

    def _at_most_left(self, job: Job) -> float | None:
        """What a running job still takes; one that takes longer than its kind did is about to
        end for all that is known."""
        left = self.seconds_left(job, 0)
        return 0.0 if left is None and self._usual_seconds(job) is not None else left

    def _on_monitor_status_changed(self) -> None:
        self.changed.emit()
