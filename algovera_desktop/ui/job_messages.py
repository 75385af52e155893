"""Says aloud what concerns more than one job: the tile of each job says the rest."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobFailure, JobState
from algovera_desktop.services.servers import ServerList
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.tasks import TaskContext
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import describe_error, describe_failure

_KEY_FAILURES = (FailureKind.AUTHENTICATION, FailureKind.CREDENTIAL)
_NEED_THE_USER = (
    *_KEY_FAILURES,
    FailureKind.INSECURE,
    FailureKind.PAYMENT,
    FailureKind.DISK_FULL,
)
"""Failures that will meet every further job too."""

_STILL_TO_BE_MADE = {JobState.WAITING, *ACTIVE_STATES}


class JobMessages(QObject):
    """Follows a JobController.

    Signals:
        settings_requested: the id of a server whose entry the user wants to mend.
        key_doubted: the id of a server that has refused a job for its key.
    """

    settings_requested = Signal(str)
    key_doubted = Signal(str)

    def __init__(
        self,
        jobs: JobController,
        servers: ServerList,
        messages: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._servers = servers
        self._messages = messages
        jobs.jobs_added.connect(self._on_jobs_added)
        jobs.job_changed.connect(self._on_jobs_job_changed)
        jobs.failed.connect(self._on_jobs_failed)

    def forget_failures(self, server_id: str) -> None:
        """A server's entry was mended: what was said of its failures no longer holds."""
        for kind in _NEED_THE_USER:
            self._messages.dismiss(_message_key(kind, server_id))

    def forget_key_failures(self, server_id: str) -> None:
        """That the key is refused is being said by somebody else."""
        for kind in _KEY_FAILURES:
            self._messages.dismiss(_message_key(kind, server_id))

    def look_for_orphans(self) -> None:
        """Nobody will make the pictures that still wait for a server that was removed."""
        queue = self._jobs.queue

        def work(_context: TaskContext) -> list[Job]:
            return queue.open_jobs()

        self._jobs.start_work(work).succeeded.connect(self._on_jobs_added)

    def _on_jobs_added(self, jobs: list[Job]) -> None:
        orphans = [
            job.id
            for job in jobs
            if self._servers.get(job.server_id) is None and job.state in _STILL_TO_BE_MADE
        ]
        if not orphans:
            return
        text = self.tr(
            "Pictures that nobody will make, since their server was removed: {count}. They stand "
            "in the gallery until they are cancelled."
        ).format(count=len(orphans))
        actions = ((self.tr("Cancel them"), partial(self._cancel_all, orphans)),)
        self._messages.show_message(Message(text, Severity.WARNING, "orphans", actions))

    def _cancel_all(self, job_ids: list[str]) -> None:
        for job_id in job_ids:
            self._jobs.cancel(job_id)

    def _on_jobs_job_changed(self, job: Job) -> None:
        if job.failure is None or job.failure.kind not in _NEED_THE_USER:
            return
        self._say_failed(job.server_id, job.failure)
        if job.failure.kind in _KEY_FAILURES:
            self.key_doubted.emit(job.server_id)

    def _say_failed(self, server_id: str, failure: JobFailure) -> None:
        words = describe_failure(failure)
        text = f"{words.title} {words.advice}"
        actions: tuple[tuple[str, Callable[[], None]], ...] = ()
        server = self._servers.get(server_id)
        if failure.kind is not FailureKind.DISK_FULL and server and not server.is_local:
            text = f"{server.name} – {text}"
            mend = partial(self.settings_requested.emit, server_id)
            actions = ((self.tr("Open settings"), mend),)
        key = _message_key(failure.kind, server_id)
        self._messages.show_message(Message(text, Severity.ERROR, key, actions, failure.detail))

    def _on_jobs_failed(self, error: Exception) -> None:
        if not isinstance(error, AlgoveraError):
            return  # Our own mistake, which Tasks tells.
        words = describe_error(error)
        text = f"{words.title} {words.advice}"
        self._messages.show_message(Message(text, Severity.ERROR, "queue", details=str(error)))


def _message_key(kind: FailureKind, server_id: str) -> str:
    return f"failure-{kind.value}-{server_id}"
