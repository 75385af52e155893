"""What a queue panel follows, told by a test instead of by servers."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.generation import ModelInfo, model_named
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobProgress, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig, ServerState
from algovera_desktop.services.estimates import Estimates, Timing
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.server_monitor import ServerStatus
from support.picture_world import make_job


class ToldJobs(QObject):
    """Has what a JobController tells, and tells what the test says.

    Jobs go through the states in an instant, so that each picture of the panel can be had
    without a server that has to be brought into it.
    """

    jobs_added = Signal(object)
    jobs_changed = Signal(object)
    jobs_removed = Signal(object)
    job_progressed = Signal(object)
    job_completed = Signal(object, object)
    hold_changed = Signal(str)
    paused_changed = Signal()

    def __init__(self, timings: Iterable[Timing] = ()) -> None:
        super().__init__()
        self.estimates = Estimates(timings)
        self.known: dict[str, Job] = {}
        self.paused: set[str | None] = set()
        self._progress: dict[str, JobProgress] = {}
        self._holds: dict[str, Hold] = {}

    # What a JobController is asked

    def progress(self, job_id: str) -> JobProgress | None:
        return self._progress.get(job_id)

    def elapsed_s(self, job_id: str) -> float | None:
        return None

    def hold(self, server_id: str) -> Hold | None:
        return self._holds.get(server_id)

    def is_paused(self, server_id: str | None = None) -> bool:
        return bool(self.paused & {None, server_id})

    # What the test says

    def add(self, *jobs: Job) -> None:
        self.known |= {job.id: job for job in jobs}
        self.jobs_added.emit(list(jobs))

    def change(self, *jobs: Job) -> None:
        """Tell jobs anew, each as the next revision of what was told of it."""
        newer = [replace(job, revision=self.known[job.id].revision + 1) for job in jobs]
        self.known |= {job.id: job for job in newer}
        self.jobs_changed.emit(newer)

    def become(self, state: JobState, *jobs: Job, failure: JobFailure | None = None) -> None:
        self.change(*(replace(self.known[job.id], state=state, failure=failure) for job in jobs))

    def reorder(self, *jobs: Job) -> None:
        """Give jobs the places in line in which they are named here."""
        places = enumerate(jobs)
        self.change(*(replace(self.known[job.id], position=place) for place, job in places))

    def remove(self, *jobs: Job) -> None:
        self.jobs_removed.emit([job.id for job in jobs])

    def go_on(self, job: Job, progress: float, ahead: int = 0) -> None:
        self._progress[job.id] = told = JobProgress(job.id, progress, ahead)
        self.job_progressed.emit(told)

    def complete(self, job: Job, record: ImageRecord) -> None:
        self.job_completed.emit(self.known[job.id], record)

    def set_hold(self, server_id: str, kind: FailureKind | None) -> None:
        self._holds.pop(server_id, None)
        if kind:
            self._holds[server_id] = Hold(JobFailure(kind, ""), None)
        self.hold_changed.emit(server_id)

    def pause(self, server_id: str | None, is_paused: bool) -> None:
        (self.paused.add if is_paused else self.paused.discard)(server_id)
        self.paused_changed.emit()


class ToldMonitor(QObject):
    """Has what a ServerMonitor tells; every server is ready until the test says otherwise."""

    status_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._states: dict[str, ServerState] = {}

    def status(self, server_id: str) -> ServerStatus:
        return ServerStatus(server_id, self._states.get(server_id, ServerState.READY))

    def model(self, _server_id: str, name: str) -> ModelInfo:
        return model_named(name)

    def tell(self, server_id: str, state: ServerState, error: AlgoveraError | None = None) -> None:
        self._states[server_id] = state
        self.status_changed.emit(ServerStatus(server_id, state, error=error))


def server_list(folder: Path) -> tuple[ServerList, SettingsStore]:
    """This computer and a server "Studio"; the settings have to be closed."""
    settings = SettingsStore(folder / "settings.json")
    servers = ServerList(settings)
    servers.save(ServerConfig("studio", "Studio", "https://studio.example"))
    return servers, settings


def line_of(count: int, *, server_id: str = LOCAL_SERVER_ID, first: int = 0) -> list[Job]:
    """Waiting jobs in the order of their numbers, each in a group of its own."""
    numbers = range(first, first + count)
    return [replace(make_job(one, server_id=server_id), position=one) for one in numbers]
