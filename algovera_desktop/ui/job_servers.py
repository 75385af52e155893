"""Tells the schedule on what terms each server gets jobs: whether it answers, how many it makes
at once, whether it is held or paused."""

import time

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import (
    AlgoveraError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
)
from algovera_desktop.domain.jobs import FailureKind, JobFailure
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig, ServerState
from algovera_desktop.domain.settings import PAUSED_SERVERS, QUEUE_PAUSED
from algovera_desktop.services.failures import failure_of
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import (
    Advanced,
    Completed,
    Outcome,
    StillRunning,
    Strange,
    Troubled,
)
from algovera_desktop.services.schedule import Schedule
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_mirror import ServerTerms
from algovera_desktop.ui.server_monitor import ServerMonitor, ServerStatus

_KEY_FAILURES = frozenset({FailureKind.AUTHENTICATION, FailureKind.CREDENTIAL})
_DOUBTS: dict[FailureKind, type[AlgoveraError]] = {
    FailureKind.UNREACHABLE: EngineUnreachableError,
    FailureKind.TIMEOUT: EngineTimeoutError,
}
_REMOVED = JobFailure(FailureKind.REMOVED, "this server was removed from the settings")


class JobServers(QObject):
    """Follows the monitor, the list of servers and the settings.

    Signals:
        hold_changed: the id of a server that is held, or held for another reason, or no more.
        changed: the schedule may have steps that are due now.
        start_requested: the user wants this computer's server, which has stopped, to be tried.
    """

    hold_changed = Signal(str)
    changed = Signal()
    start_requested = Signal()

    def __init__(
        self,
        schedule: Schedule,
        monitor: ServerMonitor,
        servers: ServerList,
        settings: SettingsStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._schedule = schedule
        self._monitor = monitor
        self._servers = servers
        self._settings = settings
        self._known: dict[str, Hold | None] = {}
        self._held_by_monitor: set[str] = set()
        monitor.status_changed.connect(self._on_monitor_status_changed)

    def meet(self, server_id: str) -> None:
        """A server has a job: from now on it is watched, in use by the form or not."""
        if server_id in self._known:
            return
        self._known[server_id] = None
        if self._servers.get(server_id) is None:
            self._schedule.hold(server_id, Hold(_REMOVED))
        else:
            self._monitor.watch(server_id)
        self._follow(self._monitor.status(server_id))

    def hold(self, server_id: str) -> Hold | None:
        """What keeps all jobs of a server from going on."""
        return self._schedule.hold_of(server_id)

    def is_paused(self, server_id: str | None = None) -> bool:
        """Whether the user has paused a server; without an id, all of them."""
        paused = self._settings.get(QUEUE_PAUSED)
        return paused or server_id in self._settings.get(PAUSED_SERVERS)

    def set_paused(self, paused: bool, server_id: str | None = None) -> None:
        """Send nothing new, or go on; without an id that is for all servers."""
        if server_id is None:
            self._settings.set(QUEUE_PAUSED, paused)
        else:
            others = tuple(one for one in self._settings.get(PAUSED_SERVERS) if one != server_id)
            self._settings.set(PAUSED_SERVERS, (*others, server_id) if paused else others)
        for known_id in self._known:
            self._tell_schedule(known_id)
        self.changed.emit()

    def terms(self, server_id: str) -> ServerTerms:
        return ServerTerms(
            self._config(server_id).effective_at_once,
            is_held=self._known.get(server_id) is not None,
            is_paused=self.is_paused(server_id),
        )

    def release(self, server_id: str) -> None:
        """The user wants it tried again."""
        if self._servers.get(server_id) is None:
            return
        self._held_by_monitor.discard(server_id)
        self._schedule.release(server_id, time.monotonic())
        state = self._monitor.status(server_id).state
        if state is ServerState.STOPPED:
            self.start_requested.emit()
        elif state in (ServerState.UNREACHABLE, ServerState.KEY_REFUSED):
            self._monitor.ask_again(server_id)
        self.notice()
        self.changed.emit()

    def server_changed(self, server_id: str) -> None:
        """The user has added, edited or removed a server."""
        if self._servers.get(server_id) is None:
            self._monitor.stop_watching(server_id)
            self._schedule.hold(server_id, Hold(_REMOVED))
        elif server_id != LOCAL_SERVER_ID:
            self._held_by_monitor.discard(server_id)
            self._schedule.release(server_id, time.monotonic())
            self._monitor.ask_again(server_id)
        if server_id in self._known:
            self._tell_schedule(server_id)
        self.notice()
        self.changed.emit()

    def take_outcome(self, server_id: str, outcome: Outcome) -> None:
        """What a step's outcome says of its server."""
        if isinstance(outcome, Troubled):
            self._take_trouble(server_id, outcome.failure)
        elif isinstance(outcome, Strange):
            self._monitor.probe_soon(server_id)
        elif isinstance(outcome, StillRunning | Advanced | Completed):
            self._monitor.confirm(server_id)
        self.notice()

    def notice(self) -> None:
        """Tell what has changed in the holds; those for a time end by themselves."""
        for server_id, known in list(self._known.items()):
            self._hold_while_away(server_id)
            hold = self._schedule.hold_of(server_id)
            if hold != known:
                self._known[server_id] = hold
                self.hold_changed.emit(server_id)

    def _take_trouble(self, server_id: str, failure: JobFailure) -> None:
        if failure.kind in _DOUBTS:
            self._monitor.doubt(server_id, _DOUBTS[failure.kind](failure.detail))
        elif failure.kind in _KEY_FAILURES and self._monitor.is_ready(server_id):
            # Whether it is the key, a question that costs nothing says as well.
            self._monitor.ask_again(server_id)

    def _on_monitor_status_changed(self, status: ServerStatus) -> None:
        self._known.setdefault(status.server_id, None)
        self._follow(status)

    def _follow(self, status: ServerStatus) -> None:
        server_id = status.server_id
        hold = self._schedule.hold_of(server_id)
        if status.state is ServerState.READY:
            was_away = server_id in self._held_by_monitor
            if hold and (was_away or hold.is_for_an_answer):
                self._schedule.resume(server_id, time.monotonic())
            self._held_by_monitor.discard(server_id)
        self._tell_schedule(server_id)
        self.notice()
        self.changed.emit()

    def _hold_while_away(self, server_id: str) -> None:
        """What a job has found out about the account says more than that the server is away."""
        error = self._monitor.status(server_id).error
        hold = self._schedule.hold_of(server_id)
        may_replace = server_id in self._held_by_monitor or hold is None or hold.is_for_an_answer
        if error is None or not may_replace:
            return
        failure = _failure_of_server(error)
        if hold is None or hold.failure != failure:
            self._schedule.hold(server_id, Hold(failure))
        self._held_by_monitor.add(server_id)

    def _tell_schedule(self, server_id: str) -> None:
        status = self._monitor.status(server_id)
        self._schedule.set_server(
            server_id,
            at_once=self._config(server_id).effective_at_once,
            can_wait=status.can_wait,
            can_repeat=status.can_repeat,
            is_ready=status.state is ServerState.READY,
            is_paused=self.is_paused(server_id),
        )

    def _config(self, server_id: str) -> ServerConfig:
        return self._servers.get(server_id) or ServerConfig(server_id, "")


def _failure_of_server(error: AlgoveraError) -> JobFailure:
    failure = failure_of(error)
    if isinstance(error, EngineFailedError):
        # It was not asked for a picture, so none has failed.
        return JobFailure(FailureKind.PROTOCOL, failure.detail)
    return failure
