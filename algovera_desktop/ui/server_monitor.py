"""Knows whether the servers in use answer, and what they can make."""

import logging
import random
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from algovera_desktop.domain.errors import (
    AlgoveraError,
    AuthenticationError,
    CredentialError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    ProtocolError,
    RateLimitedError,
)
from algovera_desktop.domain.generation import ModelInfo, model_named
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

_log = logging.getLogger(__name__)

_FIRST_RETRY_S = 2
_LAST_RETRY_S = 60
_LONGEST_RETRY_AFTER_S = 3600
_JITTER = 0.2
_MOST_DOUBLINGS = 16
_PASSING_ERRORS = (
    EngineUnreachableError,
    EngineTimeoutError,
    RateLimitedError,
    EngineFailedError,
    ProtocolError,
)
"""What goes away by itself: a network that is down, a captive portal, a server in a restart or
with an error of its own (5xx)."""


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of a server; ``error`` says why it is not READY. ``can_wait`` and
    ``can_repeat`` are its engine's, known once it is READY."""

    server_id: str
    state: ServerState
    models: tuple[ModelInfo, ...] = ()
    error: AlgoveraError | None = None
    can_wait: bool = False
    can_repeat: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    models: tuple[ModelInfo, ...]
    can_wait: bool
    can_repeat: bool


class _Watch(QObject):
    """One server under watch: its last status, and the timer until it is asked again."""

    def __init__(self, server_id: str, monitor: "ServerMonitor") -> None:
        super().__init__(monitor)
        self.status = ServerStatus(server_id, ServerState.STARTING)
        self.task: Task | None = None
        self._monitor = monitor
        self._failures = 0
        self._doubts = 0
        self._timer = QTimer(self, singleShot=True)
        # A coarse timer may come 5 % early, and a server's Retry-After is to be kept.
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.probe)

    def probe(self) -> None:
        """Ask the server for its models, unless that question is already under way."""
        self._timer.stop()
        if self.task is not None:
            return
        self.task = task = self._monitor.ask_models(self.status.server_id)
        task.succeeded.connect(self._on_models_arrived)
        task.failed.connect(self._on_models_failed)
        task.finished.connect(self._on_task_finished)

    def ask_anew(self) -> None:
        """What the server offers has changed; one that is away is asked when it is back."""
        if self.task is None and self.status.state in (ServerState.STARTING, ServerState.STOPPED):
            return
        if self.task is not None:  # it may have been answered before the change
            self.task.cancel()
            self.task = None
        self.probe()

    def probe_soon(self) -> None:
        """Ask in a moment, unless that is on its way; until then the server is what it was."""
        if self.task is None and not self._timer.isActive():
            self._timer.start(_FIRST_RETRY_S * 1000)

    def doubt(self, error: AlgoveraError) -> None:
        """A server that seemed ready was not there for a job."""
        if self.status.state is ServerState.READY:
            self._doubts += 1
            self._bear(error)

    def confirm(self) -> None:
        """A job was answered, so there is no pattern of a server that only seems ready."""
        self._doubts = 0

    def wake(self) -> None:
        """The computer has slept: what was known and the pause that was kept mean nothing."""
        if self.status.state in (ServerState.READY, ServerState.UNREACHABLE):
            self._failures = 0
            self.probe()

    def forget_answer(self) -> None:
        """The server is known to be starting anew: what was asked before no longer counts."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self._failures = 0
        self._timer.stop()
        self._set(ServerStatus(self.status.server_id, ServerState.STARTING))

    def stop(self, error: AlgoveraError) -> None:
        """The server is known to stay away."""
        self.forget_answer()
        self._set(ServerStatus(self.status.server_id, ServerState.STOPPED, error=error))

    def _on_models_arrived(self, answer: object) -> None:
        assert isinstance(answer, _Answer)
        self._failures = 0
        self._set(
            ServerStatus(
                self.status.server_id,
                ServerState.READY,
                answer.models,
                can_wait=answer.can_wait,
                can_repeat=answer.can_repeat,
            )
        )

    def _on_models_failed(self, error: object) -> None:
        if isinstance(error, AlgoveraError):
            self._failures += 1
            self._bear(error)

    def _bear(self, error: AlgoveraError) -> None:
        server_id = self.status.server_id
        _log.info("Server %s: %s", server_id, error)
        if isinstance(error, _PASSING_ERRORS):
            self._timer.start(round(self._pause_s(error) * 1000))
        refused = isinstance(error, AuthenticationError | CredentialError)
        state = ServerState.KEY_REFUSED if refused else ServerState.UNREACHABLE
        self._set(ServerStatus(server_id, state, error=error))

    def _pause_s(self, error: AlgoveraError) -> float:
        """Growing, and each a little off, so that many programs that lost a server together do
        not come back together; never shorter than the server asked for."""
        doublings = min(self._failures + self._doubts - 1, _MOST_DOUBLINGS)
        pause_s = min(_FIRST_RETRY_S * 2**doublings, _LAST_RETRY_S)
        pause_s *= random.uniform(1 - _JITTER, 1 + _JITTER)
        asked_s = error.retry_after_s if isinstance(error, RateLimitedError) else None
        return max(pause_s, min(asked_s or 0.0, _LONGEST_RETRY_AFTER_S))

    def _on_task_finished(self) -> None:
        if self.sender() is self.task:
            self.task = None

    def _set(self, status: ServerStatus) -> None:
        self.status = status
        self._monitor.status_changed.emit(status)


class ServerMonitor(QObject):
    """Asks each server in use for its models, and asks again, with growing pauses, while it
    does not answer.

    Signals:
        status_changed: a ServerStatus.
    """

    status_changed = Signal(object)

    def __init__(
        self, tasks: Tasks, engines: EngineDirectory, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._engines = engines
        self._watches: dict[str, _Watch] = {}

    def watch(self, server_id: str) -> None:
        """Begin to ask; a server that is watched already is left as it is."""
        if server_id not in self._watches:
            self._begin(server_id).probe()

    def announce_start(self, server_id: str) -> None:
        """A server that the program itself starts is on its way; it is asked once it is up."""
        watch = self._watches.get(server_id) or self._begin(server_id)
        watch.forget_answer()

    def announce_failure(self, server_id: str, error: AlgoveraError) -> None:
        """A server that the program itself starts will not come up."""
        watch = self._watches.get(server_id) or self._begin(server_id)
        watch.stop(error)

    def ask_again(self, server_id: str) -> None:
        """Ask now: the address or key has changed, or the user wants to know."""
        watch = self._watches.get(server_id) or self._begin(server_id)
        watch.forget_answer()
        watch.probe()

    def refresh(self, server_id: str) -> None:
        """Another model can be painted with there, or one no longer: ask for them; until the
        answer comes the server is what it was."""
        if (watch := self._watches.get(server_id)) is not None:
            watch.ask_anew()

    def probe_soon(self, server_id: str) -> None:
        """Find out whether a server that gave a strange answer still works."""
        watch = self._watches.get(server_id)
        if watch is not None:
            watch.probe_soon()

    def doubt(self, server_id: str, error: AlgoveraError) -> None:
        """A job did not reach the server: unless it is known to be away it counts as that now,
        and is probed after a pause that grows as long as no job is answered in between."""
        watch = self._watches.get(server_id)
        if watch is not None:
            watch.doubt(error)

    def confirm(self, server_id: str) -> None:
        """A job was answered by the server."""
        watch = self._watches.get(server_id)
        if watch is not None:
            watch.confirm()

    def wake(self) -> None:
        """The computer has slept: probe at once what may have come or gone meanwhile."""
        for watch in self._watches.values():
            watch.wake()

    def stop_watching(self, server_id: str) -> None:
        """The user has removed this server."""
        watch = self._watches.pop(server_id, None)
        if watch is not None:
            watch.forget_answer()
            watch.deleteLater()

    def status(self, server_id: str) -> ServerStatus:
        watch = self._watches.get(server_id)
        return watch.status if watch else ServerStatus(server_id, ServerState.STARTING)

    def is_ready(self, server_id: str) -> bool:
        return self.status(server_id).state is ServerState.READY

    def model(self, server_id: str, name: str) -> ModelInfo:
        """What the server said of a model, or what is known of its name."""
        for model in self.status(server_id).models:
            if model.name == name:
                return model
        return model_named(name)

    def ask_models(self, server_id: str) -> Task:
        """A task that succeeds with what the server offers.

        A list of models needs no key, so the key is proved too: a wrong one is better known
        before a job is sent. This computer's own server got its key from us.
        """

        def work(context: TaskContext) -> _Answer:
            engine = self._engines.engine(server_id)
            if server_id != LOCAL_SERVER_ID:
                engine.check(context.token)
            models = tuple(engine.models(context.token))
            return _Answer(models, engine.can_wait, engine.can_repeat)

        return self._tasks.start(Pool.NETWORK, work)

    def _begin(self, server_id: str) -> _Watch:
        watch = self._watches[server_id] = _Watch(server_id, self)
        return watch
