"""Joins the prompt form and the status line to the servers and the queue."""

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError, EngineUnreachableError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.domain.settings import ACTIVE_SERVER_ID
from algovera_desktop.engines.embedded import LocalServerState, LocalServerStatus
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.job_messages import JobMessages
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.server_monitor import ServerMonitor, ServerStatus
from algovera_desktop.ui.update_watch import updated_message
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from algovera_desktop.ui.widgets.status_line import StatusLine
from algovera_desktop.ui.wording import describe_error

_SERVER_MESSAGE = "server"


class GenerationController(QObject):
    """From what is typed to jobs, and from the state of the server in use to words.

    Signals:
        settings_requested: the id of a server whose entry the user wants to mend.
        cancel_requested: the ids of jobs that nobody will make.
        models_requested: the user wants to see which models this computer has.
    """

    settings_requested = Signal(str)
    cancel_requested = Signal(object)
    models_requested = Signal()

    def __init__(
        self,
        form: PromptForm,
        status_line: StatusLine,
        messages: MessageBar,
        settings: SettingsStore,
        servers: ServerList,
        monitor: ServerMonitor,
        jobs: JobController,
        link: LocalServerLink,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._status_line = status_line
        self._messages = messages
        self._settings = settings
        self._servers = servers
        self._monitor = monitor
        self._jobs = jobs
        self._link = link
        self._job_messages = JobMessages(jobs, servers, messages, self)
        self._connect()
        self._on_link_status_changed(link.server.status)
        self._use_active_server()

    def server_changed(self, server_id: str) -> None:
        """The user has added, edited or removed a server: show it, and ask it again."""
        self._form.set_servers(self._servers.all(), self._servers.active().id)
        self._jobs.server_changed(server_id)
        self._use_active_server()

    def use_server(self, server_id: str) -> None:
        """Make pictures there from now on, as if it had been chosen in the form."""
        if server_id != self._servers.active().id:
            self._form.set_servers(self._servers.all(), server_id)
            self._on_form_server_changed(server_id)

    def _connect(self) -> None:
        self._form.server_changed.connect(self._on_form_server_changed)
        self._form.generate_requested.connect(self._on_form_generate_requested)
        self._status_line.server_details_requested.connect(self._on_status_line_details_requested)
        self._monitor.status_changed.connect(self._on_monitor_status_changed)
        self._job_messages.settings_requested.connect(self.settings_requested)
        self._job_messages.cancel_requested.connect(self.cancel_requested)
        self._job_messages.models_requested.connect(self.models_requested)
        self._job_messages.model_missed.connect(self._monitor.refresh)
        self._jobs.start_requested.connect(self._link.start)
        self._link.status_changed.connect(self._on_link_status_changed)

    def _use_active_server(self) -> None:
        server_id = self._servers.active().id
        if server_id != LOCAL_SERVER_ID:
            self._monitor.watch(server_id)
        self._show_server(self._monitor.status(server_id))
        self._job_messages.refresh()

    def _show_server(self, status: ServerStatus) -> None:
        name = self._servers.active().name
        is_local = status.server_id == LOCAL_SERVER_ID
        title, advice = self._words_for(status)
        self._status_line.set_server(name, status.state, title, is_local=is_local)
        if status.state is ServerState.READY:
            self._form.set_models(status.models)
            self._messages.dismiss(_SERVER_MESSAGE)
        elif title:
            self._form.set_models_unavailable(f"{title} {advice}".strip())
        elif is_local:
            self._form.set_models_unavailable(self.tr("The server is starting…"))
        else:
            self._form.set_models_unavailable(self.tr("Asking the server…"))

    def _words_for(self, status: ServerStatus) -> tuple[str, str]:
        """Why a server is not ready, and what to do about it; "" where nothing is the matter."""
        if status.state is ServerState.STOPPED:
            # Neither the network nor an address in the settings has to do with it. What this
            # computer's own server said last says both.
            return self.tr("The server on this computer does not run."), _last_line(status.error)
        if status.error is None:
            return "", ""
        words = describe_error(status.error)
        return words.title, words.advice

    def _on_status_line_details_requested(self) -> None:
        self.settings_requested.emit(self._servers.active().id)

    def _on_form_server_changed(self, server_id: str) -> None:
        self._settings.set(ACTIVE_SERVER_ID, server_id)
        self._messages.dismiss(_SERVER_MESSAGE)
        self._use_active_server()

    def _on_form_generate_requested(self, requests: list[GenerationRequest]) -> None:
        parent = self._form.parent_sha256
        self._jobs.submit(self._servers.active().id, requests, parent_sha256=parent)

    def _on_monitor_status_changed(self, status: ServerStatus) -> None:
        if status.server_id == self._servers.active().id:
            self._show_server(status)

    def _on_link_status_changed(self, status: LocalServerStatus) -> None:
        if status.state is LocalServerState.READY:
            self._monitor.ask_again(LOCAL_SERVER_ID)
        elif status.state is LocalServerState.FAILED:
            self._monitor.announce_failure(LOCAL_SERVER_ID, EngineUnreachableError(status.reason))
            if status.is_outdated:
                self._messages.show_message(updated_message())
            else:
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
        text = self.tr("The server on this computer does not start. Waiting jobs are kept.")
        actions = ((self.tr("Start again"), self._link.start),)
        message = Message(text, Severity.ERROR, _SERVER_MESSAGE, actions, reason)
        self._messages.show_message(message)


def _last_line(error: AlgoveraError | None) -> str:
    return str(error or "").strip().rpartition("\n")[2]
