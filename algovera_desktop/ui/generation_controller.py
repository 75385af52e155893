"""Joins the prompt form and the status line to the servers and the queue."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError, EngineUnreachableError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, Job, JobFailure, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.domain.settings import ACTIVE_SERVER_ID, FORM_DRAFT
from algovera_desktop.engines.embedded import LocalServerState, LocalServerStatus
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_controller import JobController, QueueSummary
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.server_monitor import ServerMonitor, ServerStatus
from algovera_desktop.ui.tasks import TaskContext
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from algovera_desktop.ui.widgets.status_line import StatusLine
from algovera_desktop.ui.wording import Description, describe_error, describe_failure

_SERVER_MESSAGE = "server"
_NEEDS_THE_USER = {
    FailureKind.AUTHENTICATION,
    FailureKind.CREDENTIAL,
    FailureKind.INSECURE,
    FailureKind.PAYMENT,
    FailureKind.DISK_FULL,
}
"""Failures that will meet every further job too, and are worth saying once, aloud."""


_STILL_TO_BE_MADE = {JobState.WAITING, *ACTIVE_STATES}
_KEY_FAILURES = {FailureKind.AUTHENTICATION, FailureKind.CREDENTIAL}


def _failure_message(kind: FailureKind, server_id: str) -> str:
    return f"failure-{kind.value}-{server_id}"


class GenerationController(QObject):
    """From what is typed to jobs, and from the servers' state to words.

    Signals:
        settings_requested: the user wants to mend a server's entry.
    """

    settings_requested = Signal()

    def __init__(
        self,
        form: PromptForm,
        status_line: StatusLine,
        messages: MessageBar,
        settings: SettingsStore,
        servers: ServerList,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._status_line = status_line
        self._messages = messages
        self._settings = settings
        self._servers = servers
        self._monitor: ServerMonitor | None = None
        self._jobs: JobController | None = None
        self._link: LocalServerLink | None = None
        form.restore_draft(settings.get(FORM_DRAFT))
        form.draft_changed.connect(self._on_form_draft_changed)
        form.server_changed.connect(self._on_form_server_changed)
        form.generate_requested.connect(self._on_form_generate_requested)
        self._show_server(ServerStatus(self._active_id(), ServerState.STARTING))
        form.set_servers(servers.all(), self._active_id())

    def attach(self, monitor: ServerMonitor, jobs: JobController, link: LocalServerLink) -> None:
        """Go to work, now that the library is open."""
        self._monitor, self._jobs, self._link = monitor, jobs, link
        monitor.status_changed.connect(self._on_monitor_status_changed)
        jobs.jobs_added.connect(self._on_jobs_jobs_added)
        jobs.summary_changed.connect(self._on_jobs_summary_changed)
        jobs.job_changed.connect(self._on_jobs_job_changed)
        jobs.failed.connect(self._on_jobs_failed)
        link.status_changed.connect(self._on_link_status_changed)
        self._on_link_status_changed(link.server.status)
        if self._active_id() != LOCAL_SERVER_ID:
            monitor.watch(self._active_id())

    def server_changed(self, server_id: str) -> None:
        """The user has added, edited or removed a server: show it, and ask it again."""
        self._form.set_servers(self._servers.all(), self._active_id())
        for kind in _NEEDS_THE_USER:
            self._messages.dismiss(_failure_message(kind, server_id))
        if self._monitor is None:
            return
        if self._servers.get(server_id) is None:
            self._monitor.stop_watching(server_id)
            self._look_for_orphans()
        elif server_id != LOCAL_SERVER_ID:
            self._monitor.ask_again(server_id)
        self._use_active_server()

    def _active_id(self) -> str:
        server_id = self._settings.get(ACTIVE_SERVER_ID)
        return server_id if self._servers.get(server_id) else LOCAL_SERVER_ID

    def _use_active_server(self) -> None:
        if self._monitor is None:
            return
        if self._active_id() != LOCAL_SERVER_ID:
            self._monitor.watch(self._active_id())
        self._show_server(self._monitor.status(self._active_id()))

    def _show_server(self, status: ServerStatus) -> None:
        server = self._servers.get(status.server_id)
        name = server.name if server else ""
        reason = describe_error(status.error) if status.error else None
        self._status_line.set_server(name, status.state, reason.title if reason else "")
        if status.state is ServerState.READY:
            self._form.set_models(status.models)
            self._messages.dismiss(_SERVER_MESSAGE)
        elif reason is not None:
            self._form.set_models_unavailable(f"{reason.title} {reason.advice}")
        elif status.server_id == LOCAL_SERVER_ID:
            self._form.set_models_unavailable(self.tr("The server is starting…"))
        else:
            self._form.set_models_unavailable(self.tr("Asking the server…"))
        if status.state is ServerState.KEY_REFUSED and reason is not None:
            self._say_key_refused(name, reason, str(status.error))

    def _say_key_refused(self, name: str, reason: Description, details: str) -> None:
        for kind in _KEY_FAILURES:
            self._messages.dismiss(_failure_message(kind, self._active_id()))
        text = f"{name} – {reason.title} {reason.advice}"
        actions = (
            (self.tr("Open settings"), self.settings_requested.emit),
            (self.tr("Try again"), self._ask_active_server_again),
        )
        message = Message(text, Severity.ERROR, _SERVER_MESSAGE, actions, details)
        self._messages.show_message(message)

    def _ask_active_server_again(self) -> None:
        if self._monitor is not None and self._active_id() != LOCAL_SERVER_ID:
            self._monitor.ask_again(self._active_id())

    def _look_for_orphans(self) -> None:
        """Nobody will make the pictures that still wait for a server that was removed."""
        assert self._jobs is not None
        queue = self._jobs.queue

        def work(_context: TaskContext) -> list[Job]:
            return queue.open_jobs()

        self._jobs.start_work(work).succeeded.connect(self._on_jobs_jobs_added)

    def _on_form_draft_changed(self, draft: Mapping[str, Any]) -> None:
        self._settings.set(FORM_DRAFT, draft)

    def _on_form_server_changed(self, server_id: str) -> None:
        self._settings.set(ACTIVE_SERVER_ID, server_id)
        self._messages.dismiss(_SERVER_MESSAGE)
        self._use_active_server()

    def _on_form_generate_requested(self, requests: list[GenerationRequest]) -> None:
        if self._jobs is not None:
            self._jobs.submit(self._active_id(), requests)

    def _on_monitor_status_changed(self, status: ServerStatus) -> None:
        if status.server_id == self._active_id():
            self._show_server(status)

    def _on_link_status_changed(self, status: LocalServerStatus) -> None:
        if self._monitor is None:
            return
        if status.state is LocalServerState.READY:
            self._monitor.ask_again(LOCAL_SERVER_ID)
        elif status.state is LocalServerState.FAILED:
            self._monitor.announce_failure(LOCAL_SERVER_ID, EngineUnreachableError(status.reason))
            self._say_local_server_failed(status.reason)
        else:
            self._monitor.announce_start(LOCAL_SERVER_ID)
            if status.reason:
                self._say_local_server_restarts(status.reason)

    def _say_local_server_restarts(self, reason: str) -> None:
        text = self.tr("The server on this computer stopped and is starting again. No job is lost.")
        message = Message(text, Severity.WARNING, _SERVER_MESSAGE, details=reason)
        self._messages.show_message(message)

    def _say_local_server_failed(self, reason: str) -> None:
        assert self._link is not None
        text = self.tr("The server on this computer does not start. Waiting jobs are kept.")
        actions = ((self.tr("Start again"), self._link.start),)
        message = Message(text, Severity.ERROR, _SERVER_MESSAGE, actions, reason)
        self._messages.show_message(message)

    def _on_jobs_summary_changed(self, summary: QueueSummary) -> None:
        self._status_line.set_jobs(
            running=summary.running,
            waiting=summary.waiting,
            failed=summary.failed,
            progress=summary.progress,
        )

    def _on_jobs_job_changed(self, job: Job) -> None:
        if job.failure is None or job.failure.kind not in _NEEDS_THE_USER:
            return
        self._say_job_failed(job.server_id, job.failure)
        if job.failure.kind in _KEY_FAILURES and job.server_id != LOCAL_SERVER_ID:
            # If it is the key, the jobs behind this one wait instead of failing one by one.
            assert self._monitor is not None
            self._monitor.ask_again(job.server_id)

    def _say_job_failed(self, server_id: str, failure: JobFailure) -> None:
        words = describe_failure(failure)
        text = f"{words.title} {words.advice}"
        actions: tuple[tuple[str, Callable[[], None]], ...] = ()
        server = self._servers.get(server_id)
        if failure.kind is not FailureKind.DISK_FULL and server and not server.is_local:
            text = f"{server.name} – {text}"
            actions = ((self.tr("Open settings"), self.settings_requested.emit),)
        key = _failure_message(failure.kind, server_id)
        self._messages.show_message(Message(text, Severity.ERROR, key, actions, failure.detail))

    def _on_jobs_jobs_added(self, jobs: list[Job]) -> None:
        orphans = [
            job
            for job in jobs
            if self._servers.get(job.server_id) is None and job.state in _STILL_TO_BE_MADE
        ]
        if not orphans or self._jobs is None:
            return
        cancel = self._jobs.cancel

        def cancel_all() -> None:
            for job in orphans:
                cancel(job.id)

        text = self.tr(
            "Pictures that nobody will make, since their server was removed: {count}. They stand "
            "in the gallery until they are cancelled."
        ).replace("{count}", self._form.locale().toString(len(orphans)))
        actions = ((self.tr("Cancel them"), cancel_all),)
        self._messages.show_message(Message(text, Severity.WARNING, "orphans", actions))

    def _on_jobs_failed(self, error: AlgoveraError) -> None:
        if not isinstance(error, AlgoveraError):
            return
        words = describe_error(error)
        text = f"{words.title} {words.advice}"
        self._messages.show_message(Message(text, Severity.ERROR, "queue", details=str(error)))
