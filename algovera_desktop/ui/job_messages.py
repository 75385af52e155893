"""Says aloud what holds up a whole server and needs the user; the rows of its jobs say the rest.

One message for each server, however many jobs wait, and one for all that a full disk holds up.
It leaves by itself when the hold ends.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.generation import model_named
from algovera_desktop.domain.jobs import ACTIVE_STATES, LINE_STATES, FailureKind, Job, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.servers import ServerList
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import (
    DISK_FULL_MESSAGE,
    describe_error,
    describe_failure,
    message_key,
)

_KEY_FAILURES = frozenset({FailureKind.AUTHENTICATION, FailureKind.CREDENTIAL})
_IN_THE_ENTRY = _KEY_FAILURES | {FailureKind.INSECURE}
_HERE = frozenset({FailureKind.DISK_FULL, FailureKind.LIBRARY})
_STILL_TO_BE_MADE = LINE_STATES | ACTIVE_STATES

_Actions = tuple[tuple[str, Callable[[], None]], ...]


class JobMessages(QObject):
    """Follows a JobController.

    Signals:
        settings_requested: the id of a server whose entry the user wants to mend.
        cancel_requested: the ids of jobs that nobody will make.
        model_missed: the id of a server that has no longer the model of a job.
        models_requested: the user wants to see which models this computer has.
    """

    settings_requested = Signal(str)
    cancel_requested = Signal(object)
    model_missed = Signal(str)
    models_requested = Signal()

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
        self._told: dict[str, str] = {}
        self._closed: set[str] = set()
        jobs.summary_changed.connect(self.refresh)
        jobs.failed.connect(self._on_jobs_failed)
        jobs.jobs_changed.connect(self._on_jobs_jobs_changed)
        jobs.job_completed.connect(self._on_jobs_job_completed)
        messages.message_dismissed.connect(self._on_messages_message_dismissed)

    def refresh(self) -> None:
        """Say what is to be said now, and take back what holds no more."""
        wanted: dict[str, Message] = {}
        server_ids = [server.id for server in self._servers.all()]
        for server_id in dict.fromkeys((*server_ids, *self._jobs.server_ids())):
            hold = self._jobs.hold(server_id)
            if self._servers.get(server_id) is None:
                self._want_orphans(server_id, wanted)
            elif hold is not None and self._is_worth_saying(server_id, hold):
                message = self._message(server_id, hold)
                wanted.setdefault(message.key, message)
        for key in self._told.keys() - wanted.keys():
            self._forget(key)
            self._messages.dismiss(key)
        for key, message in wanted.items():
            if self._told.get(key) != message.text and key not in self._closed:
                self._told[key] = message.text
                self._messages.show_message(message)

    def _is_worth_saying(self, server_id: str, hold: Hold) -> bool:
        kind = hold.failure.kind
        needs_user = kind in _IN_THE_ENTRY | _HERE | {FailureKind.PAYMENT}
        is_in_use = server_id == self._servers.active().id and kind in _IN_THE_ENTRY
        concerns_jobs = self._jobs.count(server_id, *_STILL_TO_BE_MADE) > 0
        return (needs_user or _is_for_lost_answers(hold)) and (is_in_use or concerns_jobs)

    def _message(self, server_id: str, hold: Hold) -> Message:
        server = self._servers.get(server_id)
        words = describe_failure(hold.failure)
        text = f"{words.title} {words.advice}"
        if _is_for_lost_answers(hold):
            text = self.tr(
                "The answers to several pictures in a row were lost. Each of them may have been "
                "charged, so no more are sent until you say so."
            )
        if hold.failure.kind in _HERE:
            key = f"hold-{hold.failure.kind.value}"
        else:
            key = f"hold-{server_id}"
            text = f"{server.name if server else ''} – {text} {self._waiting_words(server_id)}"
        actions = self._actions(key, server_id, hold)
        return Message(text.strip(), Severity.ERROR, key, actions, hold.failure.detail)

    def _waiting_words(self, server_id: str) -> str:
        count = self._jobs.count(server_id, *LINE_STATES)
        if count == 0:
            return ""
        one = self.tr("1 picture waits.")
        return one if count == 1 else self.tr("%n pictures wait.", "", count)

    def _actions(self, key: str, server_id: str, hold: Hold) -> _Actions:
        again = (self.tr("Try again"), partial(self._try_again, key, hold.failure.kind, server_id))
        server = self._servers.get(server_id)
        if hold.failure.kind in _IN_THE_ENTRY and server and not server.is_local:
            mend = partial(self.settings_requested.emit, server_id)
            return ((self.tr("Open settings"), mend), again)
        return (again,)

    def _try_again(self, key: str, kind: FailureKind, server_id: str) -> None:
        self._forget(key)
        for other_id in self._jobs.server_ids() if kind in _HERE else [server_id]:
            hold = self._jobs.hold(other_id)
            if hold is not None and hold.failure.kind is kind:
                self._jobs.release(other_id)

    def _want_orphans(self, server_id: str, wanted: dict[str, Message]) -> None:
        """Nobody will make the pictures that still wait for a server that was removed."""
        count = self._jobs.count(server_id, *_STILL_TO_BE_MADE)
        if count == 0:
            return
        text = self.tr(
            "Pictures that nobody will make, since their server was removed: {count}. They stand "
            "in the queue until they are cancelled."
        ).format(count=count)
        key = f"orphans-{server_id}"
        actions = ((self.tr("Cancel them"), partial(self._cancel_orphans, server_id)),)
        wanted[key] = Message(text, Severity.WARNING, key, actions)

    def _cancel_orphans(self, server_id: str) -> None:
        jobs = self._jobs.jobs.values()
        mine = [job for job in jobs if job.server_id == server_id]
        self.cancel_requested.emit([job.id for job in mine if job.state in _STILL_TO_BE_MADE])

    def _tell_model_gone(self, job: Job) -> None:
        title = model_named(job.request.model).title
        actions: _Actions = ()
        if job.server_id == LOCAL_SERVER_ID:
            # Its files may be gone, what it runs by, or the key that it takes: that is told there.
            text = self.tr("This computer cannot paint with {model} any more.")
            actions = ((self.tr("Models…"), self.models_requested.emit),)
        else:
            text = self.tr("{server} no longer has the model {model}. Choose another in the form.")
        server = self._servers.get(job.server_id)
        words = text.format(model=title, server=server.name if server else "")
        key = f"model-gone-{job.server_id}"
        details = job.failure.detail if job.failure else ""
        self._messages.show_message(Message(words, Severity.ERROR, key, actions, details))

    def _forget(self, key: str) -> None:
        self._told.pop(key, None)
        self._closed.discard(key)

    def _on_messages_message_dismissed(self, message: Message) -> None:
        if message.key in self._told:
            self._closed.add(message.key)

    def _on_jobs_failed(self, error: Exception) -> None:
        if not isinstance(error, AlgoveraError):
            return  # Our own mistake, which Tasks tells.
        words = describe_error(error)
        text = f"{words.title} {words.advice}"
        key = message_key(error, "queue")
        self._messages.show_message(Message(text, Severity.ERROR, key, details=str(error)))

    def _on_jobs_jobs_changed(self, jobs: list[Job]) -> None:
        gone = [job for job in jobs if job.state is JobState.FAILED and _is_for_model(job)]
        for server_id, job in {job.server_id: job for job in gone}.items():
            self._tell_model_gone(job)
            self.model_missed.emit(server_id)

    def _on_jobs_job_completed(self) -> None:
        self._messages.dismiss(DISK_FULL_MESSAGE)


def _is_for_lost_answers(hold: Hold) -> bool:
    """Whether nothing more is sent because too many answers to POSTs were lost in a row."""
    is_passing = hold.until_s is not None or not hold.sending_only
    return hold.failure.kind is FailureKind.PROTOCOL and not is_passing


def _is_for_model(job: Job) -> bool:
    return job.failure is not None and job.failure.kind is FailureKind.MODEL_GONE
