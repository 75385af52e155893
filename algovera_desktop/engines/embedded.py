"""The server on this computer: started with the program, watched, and taken down with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Condition, Event, Lock, Thread
from time import monotonic

from algovera_desktop.domain.errors import EngineUnreachableError, JobCancelledError
from algovera_desktop.domain.updates import OUTDATED_STATUS, UPDATED
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.server_process import ServerProcess
from algovera_desktop.programs import server_command


class LocalServerState(Enum):
    STARTING = "starting"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


_ENDED = frozenset({LocalServerState.STOPPED, LocalServerState.FAILED})


@dataclass(frozen=True, slots=True)
class LocalServerStatus:
    """``reason``: why a server that ran starts again, or why it failed, with its last words.

    ``is_outdated``: it failed because the program was updated, and will until that starts again.
    """

    state: LocalServerState
    reason: str = ""
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class RestartRules:
    """``start_s``: longest wait for the port. A server that ends within ``quick_death_s`` of
    its start ended quickly; after ``most_quick_deaths`` in a row it is given up. Between two
    starts ``first_pause_s`` pass, doubled each time. To stop, ``polite_s`` after its stdin
    ended it is terminated, and ``firm_s`` later killed; where it is urgent, both are ``urgent_s``.
    """

    start_s: float = 30.0
    quick_death_s: float = 20.0
    most_quick_deaths: int = 4
    first_pause_s: float = 0.5
    polite_s: float = 5.0
    firm_s: float = 2.0
    urgent_s: float = 0.3

    def patience(self, *, is_urgent: bool) -> tuple[float, float]:
        """How long it is waited for: once its stdin has ended, and once it was terminated."""
        return (self.urgent_s, self.urgent_s) if is_urgent else (self.polite_s, self.firm_s)


def local_server_command(data_dir: Path) -> list[str]:
    """The command of our own server as a child of this program."""
    return [*server_command(), "--child", "--port", "0", "--data-dir", str(data_dir)]


class LocalServer:
    """Keeps one server running; its address and key change with each of its starts.

    ``on_status`` is called on a thread of this object's own, in order, and must be quick.
    """

    def __init__(
        self,
        command: Sequence[str],
        on_status: Callable[[LocalServerStatus], None],
        *,
        rules: RestartRules | None = None,
    ) -> None:
        self._command = command
        self._on_status = on_status
        self._rules = rules or RestartRules()
        self._starting = Lock()
        self._changed = Condition()
        self._stopping = Event()
        self._status = LocalServerStatus(LocalServerState.STOPPED)
        self._endpoint: Endpoint | None = None
        self._process: ServerProcess | None = None
        self._supervisor: Thread | None = None

    @property
    def status(self) -> LocalServerStatus:
        return self._status

    def endpoint(self) -> Endpoint:
        """Where the server answers now; raises EngineUnreachableError while it does not."""
        with self._changed:
            if self._endpoint is None:
                raise EngineUnreachableError("the server on this computer is not running")
            return self._endpoint

    def begin(self) -> None:
        """Start the server, if it does not run, and return at once."""
        with self._starting:
            if self._status.state in _ENDED:
                self._begin()

    def start(self) -> None:
        """Start the server, if it does not run, and wait until it answers.

        Raises EngineUnreachableError, with the server's last words, when it has been given up,
        and JobCancelledError when ``stop`` was called meanwhile. May be called again after both.
        """
        self.begin()
        with self._changed:
            self._changed.wait_for(lambda: self._status.state is not LocalServerState.STARTING)
            status = self._status
        if status.state is LocalServerState.FAILED:
            raise EngineUnreachableError(status.reason)
        if status.state is LocalServerState.STOPPED:
            raise JobCancelledError

    def _begin(self) -> None:
        if self._supervisor:
            self._supervisor.join()
        self._stopping.clear()
        self._status = LocalServerStatus(LocalServerState.STARTING)
        self._supervisor = Thread(target=self._supervise, name="local-server", daemon=True)
        self._supervisor.start()

    def stop(self, *, is_urgent: bool = False) -> None:
        """End the server and everything that it started; no process and no thread is left."""
        with self._changed:
            self._stopping.set()
            process, supervisor = self._process, self._supervisor
        if process:
            process.end(*self._rules.patience(is_urgent=is_urgent))
        if supervisor:
            supervisor.join()

    def _supervise(self) -> None:
        quick_deaths = 0
        reason = ""
        while not self._stopping.is_set():
            self._tell(LocalServerState.STARTING, reason)
            started_at = monotonic()
            exit_status, reason = self._run_once()
            quick = monotonic() - started_at < self._rules.quick_death_s
            quick_deaths = quick_deaths + 1 if quick else 1
            if self._stopping.is_set():
                break
            if exit_status == OUTDATED_STATUS:
                self._tell(LocalServerState.FAILED, UPDATED, is_outdated=True)
                return
            if quick_deaths >= self._rules.most_quick_deaths:
                self._tell(LocalServerState.FAILED, reason)
                return
            self._stopping.wait(self._rules.first_pause_s * 2 ** (quick_deaths - 1))
        self._tell(LocalServerState.STOPPED)

    def _run_once(self) -> tuple[int | None, str]:
        """One life of the server, from start to end; returns its exit status, None where it had no
        life, and why it ended."""
        try:
            process = ServerProcess(self._command)
        except OSError as error:
            return None, f"the server could not be started: {error.strerror}"
        with self._changed:
            self._process = process
        if self._stopping.is_set():
            process.kill()
        port = process.port(self._rules.start_s)
        if port is None:
            process.kill()
        else:
            self._set_endpoint(Endpoint(f"http://127.0.0.1:{port}", process.key))
            self._tell(LocalServerState.READY)
        exit_status = process.wait()
        self._set_endpoint(None)
        with self._changed:
            self._process = None
        process.close()
        return exit_status, _reason(exit_status, process.last_words(), answered=port is not None)

    def _set_endpoint(self, endpoint: Endpoint | None) -> None:
        with self._changed:
            self._endpoint = endpoint

    def _tell(
        self, state: LocalServerState, reason: str = "", *, is_outdated: bool = False
    ) -> None:
        status = LocalServerStatus(state, reason, is_outdated)
        with self._changed:
            self._status = status
            self._changed.notify_all()
        self._on_status(status)


def _reason(exit_status: int, last_words: str, *, answered: bool) -> str:
    how = f"signal {-exit_status}" if exit_status < 0 else f"exit status {exit_status}"
    what = "ended" if answered else "did not start"
    return f"the server {what} ({how})\n{last_words}".strip()
