"""A JobController with everything below it real, and what it told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience as HttpPatience
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.services.outcomes import Outcome, Step, StepKind
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.steps import StepRunner
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.job_mirror import QueueSummary
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.tasks import TaskContext, Tasks
from support.algovera_server import LOCAL_KEY

NOWHERE = "http://127.0.0.1:9"
STUDIO = "studio"
HURRIED = Patience(first_pause_s=0.02, longest_pause_s=0.1, first_rest_s=0.05, longest_rest_s=0.1)
"""For tests in which a pause shows nothing."""


class JobStage:
    """Two servers, this computer's and ``STUDIO``, both at ``endpoint``, which a test moves, until
    ``local_endpoint`` tells where this computer's is."""

    def __init__(
        self,
        folder: Path,
        *,
        database_folder: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.endpoint = Endpoint(NOWHERE, LOCAL_KEY)
        self.database = Database((database_folder or folder) / "library.sqlite3")
        self.library = Library(self.database)
        self.queue = JobQueue(self.database, self.library)
        self.files = PictureFiles(folder / "pictures")
        self.settings = SettingsStore(folder / "settings.json")
        self.servers = ServerList(self.settings)
        self.servers.save(ServerConfig(STUDIO, "Studio", NOWHERE))
        self.tasks = Tasks()
        self.local_endpoint = lambda: self.endpoint
        self.engines = EngineDirectory(self.servers.get, self._make_engine)
        self.monitor = ServerMonitor(self.tasks, self.engines)
        self.steps = StepRunner(self.queue, self.files)
        self.jobs = JobController(
            self.queue,
            self._run_step,
            self.monitor,
            self.servers,
            self.settings,
            self.tasks,
            patience=patience,
        )
        self.taken: list[StepKind] = []
        self.states: dict[str, list[JobState]] = {}
        self.completed: list[str] = []
        self.removed: list[str] = []
        self.troubles: list[Exception] = []
        self.summary = QueueSummary()
        self.most_running = 0
        self._listen()

    def _listen(self) -> None:
        self.jobs.jobs_added.connect(self._note_jobs)
        self.jobs.jobs_changed.connect(self._note_jobs)
        self.jobs.jobs_removed.connect(self.removed.extend)
        self.jobs.job_completed.connect(self._note_completed)
        self.jobs.failed.connect(self.troubles.append)
        self.jobs.summary_changed.connect(self._note_summary)

    def serve_at(self, address: str, key: str = LOCAL_KEY) -> None:
        """Let both servers be found there."""
        self.endpoint = Endpoint(address, key)

    def submit(self, *prompts: str, server_id: str = LOCAL_SERVER_ID) -> None:
        self.jobs.submit(server_id, [request(prompt, seed) for seed, prompt in enumerate(prompts)])

    def cancel(self, *ids: str) -> list[Job]:
        """As the window does it, but on this thread."""
        cancelled = self.queue.cancel(ids)
        self.jobs.take(cancelled)
        return cancelled

    def retry(self, *ids: str) -> None:
        self.jobs.take(self.queue.retry(ids))

    def all_states(self) -> set[JobState]:
        """Every state that was told of any job."""
        return {state for states in self.states.values() for state in states}

    def close(self) -> None:
        assert self.tasks.shut_down(10)
        QCoreApplication.processEvents()
        # With their timers, which in the program end with the event loop.
        self.jobs.deleteLater()
        self.monitor.deleteLater()
        self.engines.close()
        self.database.close()
        self.settings.close()

    def _make_engine(self, server: ServerConfig) -> AlgoveraEngine:
        def endpoint() -> Endpoint:
            return self.local_endpoint() if server.is_local else self.endpoint

        return AlgoveraEngine(endpoint, patience=HttpPatience(attempts=1))

    def _run_step(self, step: Step, context: TaskContext) -> Outcome:
        self.taken.append(step.kind)
        return self.steps.run(
            step,
            self.engines.engine(step.server_id),
            server_name="here",
            model_title="Trial",
            token=context.token,
            on_claim=context.report,
        )

    def _note_jobs(self, jobs: list[Job]) -> None:
        for job in jobs:
            self.states.setdefault(job.id, []).append(job.state)

    def _note_completed(self, job: Job, _record: ImageRecord) -> None:
        self.completed.append(job.id)

    def _note_summary(self, summary: QueueSummary) -> None:
        self.summary = summary
        self.most_running = max(self.most_running, summary.running)


def request(prompt: str = "paint", seed: int = 0) -> GenerationRequest:
    return GenerationRequest(prompt, "trial", width=128, height=128, steps=4, seed=seed)


@contextmanager
def job_stage(
    folder: Path, *, database_folder: Path | None = None, patience: Patience | None = None
) -> Iterator[JobStage]:
    """A stage that is closed afterwards."""
    stage = JobStage(folder, database_folder=database_folder, patience=patience)
    try:
        yield stage
    finally:
        stage.close()
