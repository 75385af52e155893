"""The server as a process: holds its folder, its port and its worker, and ends cleanly."""

import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from algovera_desktop import __version__
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.servers import is_loopback
from algovera_desktop.domain.updates import OUTDATED_STATUS, UPDATED
from algovera_desktop.programs import painter_command, with_pip
from algovera_desktop.server.cluster.pace import Pace
from algovera_desktop.server.database import Database
from algovera_desktop.server.http_rules import HttpRules
from algovera_desktop.server.jobs import JobStore
from algovera_desktop.server.keys import KEY_PATTERN, KeyStore
from algovera_desktop.server.lock import FolderInUseError, FolderLock
from algovera_desktop.server.painter import LocalPainter
from algovera_desktop.server.painting import Painter
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.pipelines.base import RemoteAccess
from algovera_desktop.server.store import ServerStore
from algovera_desktop.server.studio import StudioRules
from algovera_desktop.server.studio_metrics import StudioMetrics
from algovera_desktop.server.tls import TlsError
from algovera_desktop.server.worker_log import WorkerLogError, worker_log

OnStarted = Callable[["Started"], None]

_END_OF_PREDECESSOR_S = 5.0

CLUSTER_IS_MISSING = (
    f"A broker needs what is not installed: {with_pip('algovera-desktop[cluster]')}."
)


@dataclass(frozen=True, slots=True)
class Started:
    """What the server listens on, and whether there are keys that open it."""

    port: int
    has_keys: bool
    metrics_port: int | None = None


class StartError(Exception):
    """The server cannot start; the text is one sentence for the person who started it."""

    exit_status = 2


class OutdatedError(StartError):
    """The program was updated: it goes on in its new version, when it is started again."""

    exit_status = OUTDATED_STATUS

    def __init__(self) -> None:
        super().__init__(UPDATED)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """``local_key`` is the application's; with it the server is its child, and ends with it.

    ``database`` is PostgreSQL's address, None for a file in the data folder. With a ``broker``,
    Redis's address, workers paint.
    ``metrics_at``: host and port where anybody may read metrics; ``is_log_private``: what the
    worker and its libraries print, prompts perhaps among it, goes to a file and not to the log.
    ``access``: what another company's models ask for, where the server has it from its start.
    """

    host: str
    port: int
    data_dir: Path
    rules: StudioRules
    worker_command: tuple[str, ...]
    local_key: str | None = None
    database: str | None = None
    broker: str | None = None
    pace: Pace = field(default_factory=Pace)
    http: HttpRules = field(default_factory=HttpRules)
    metrics_at: tuple[str, int] | None = None
    is_log_private: bool = False
    access: RemoteAccess | None = None

    @property
    def is_child(self) -> bool:
        """Whether the application started this server, for one person."""
        return self.local_key is not None

    @property
    def buys_apart(self) -> bool:
        """Whether another company's pictures are asked for by a process of their own, here: no
        graphics card waits for them, and their key goes through no broker."""
        return self.access is not None


def database_path(data_dir: Path) -> Path:
    return data_dir / "server.db"


def serve(options: ServeOptions, on_started: OnStarted) -> None:
    """Serve until a signal, or the application's end, asks for an end. Raises StartError, which is
    an OutdatedError also where the program was updated since; what waits is kept then.

    ``on_started`` is called as soon as connections are accepted.
    """
    update = _Update()
    with contextlib.ExitStack() as stack:
        _serve(options, on_started, update, stack)
    if update.is_noticed:
        raise OutdatedError


def _serve(
    options: ServeOptions, on_started: OnStarted, update: "_Update", stack: contextlib.ExitStack
) -> None:
    stack.callback(_lock(options).release)
    store = _open_store(options, stack)
    has_keys = bool(store.keys.list())
    _check(options, has_keys)
    listener = stack.enter_context(_listen(options.host, options.port))
    at = options.metrics_at
    side_listener = None if at is None else stack.enter_context(_listen(*at))
    metrics = StudioMetrics()
    painter, buyer = stack.enter_context(_painters(options, metrics, update.notice))
    # Imported late: the worker, which is on its way now, loads at the same time.
    from algovera_desktop.server.assembly import assemble
    from algovera_desktop.server.http_server import run_http_server

    server = assemble(
        store,
        painter,
        options.rules,
        metrics,
        local_key=options.local_key,
        access=options.access,
        buyer=buyer,
        workers_have_models=options.broker is not None,
    )
    side_port = None if side_listener is None else _port_of(side_listener)
    run_http_server(
        server.app,
        listener,
        options.http,
        server.studio,
        on_started=lambda: on_started(Started(_port_of(listener), has_keys, side_port)),
        on_ending=server.release_waiters,
        ends_with_parent=options.is_child,
        side=None if side_listener is None else (server.metrics_app(), side_listener),
    )


class _Update:
    """Ends the server when it is noticed, as a signal from outside would."""

    def __init__(self) -> None:
        self.is_noticed = False

    def notice(self) -> None:
        if not self.is_noticed:
            self.is_noticed = True
            signal.raise_signal(signal.SIGTERM)


@contextlib.contextmanager
def _painters(
    options: ServeOptions, metrics: StudioMetrics, on_outdated: Callable[[], None]
) -> Generator[tuple[Painter, Painter | None], None, None]:
    """Who paints, and who asks other companies for pictures, if that is another."""
    with contextlib.ExitStack() as stack:
        try:
            log = worker_log(options.data_dir, is_private=options.is_log_private)
            chatter = stack.enter_context(log)
        except WorkerLogError as error:
            raise StartError(str(error)) from error

        def local() -> Painter:
            painter = LocalPainter(
                options.worker_command, chatter, metrics.restarts.add, on_outdated=on_outdated
            )
            stack.callback(painter.close)
            return painter

        painter = local() if options.broker is None else _cluster(options.broker, options.pace)
        yield painter, local() if options.buys_apart else None


def _cluster(broker: str, pace: Pace) -> Painter:
    try:
        from algovera_desktop.server.cluster.celery_painter import CeleryPainter
    except ImportError as error:
        raise StartError(CLUSTER_IS_MISSING) from error
    return CeleryPainter(broker, pace)


def _open_store(options: ServeOptions, stack: contextlib.ExitStack) -> ServerStore:
    try:
        place = options.database or database_path(options.data_dir)
        database = Database(place, alone=True)
        stack.callback(database.close)
        pictures = PictureFolder(options.data_dir / "pictures")
        jobs = JobStore(database, is_bought_apart=options.buys_apart)
        jobs.recover(pictures.has, painted_elsewhere=options.broker is not None)
    except LibraryError as error:
        raise StartError(f"The server's data cannot be used. {error}") from error
    folder = options.data_dir
    return ServerStore(jobs, KeyStore(database), pictures, folder / "models", folder / "cache")


def read_local_key() -> str:
    """The key that the application sends as one JSON line on standard input, with its version.

    Raises StartError.
    """
    line = b""
    # Not through sys.stdin: its lock would be held by the thread that waits for the end.
    while not line.endswith(b"\n") and len(line) < 1024:
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    try:
        told = json.loads(line)
        key, version = told["key"], told.get("version", __version__)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StartError("A child server needs its key on standard input.") from None
    if version != __version__:
        raise OutdatedError
    if not isinstance(key, str) or KEY_PATTERN.fullmatch(key) is None:
        raise StartError("The key on standard input is not 64 hex characters.")
    return key


def _lock(options: ServeOptions) -> FolderLock:
    patience_s = _END_OF_PREDECESSOR_S if options.local_key is not None else 0.0
    try:
        return FolderLock(options.data_dir, patience_s)
    except FolderInUseError:
        text = f"Another server already uses the data folder {options.data_dir}."
        raise StartError(text) from None
    except OSError as error:
        text = f"The data folder {options.data_dir} cannot be written: {error.strerror}."
        raise StartError(text) from error


def _check(options: ServeOptions, has_keys: bool) -> None:
    _require_key_beyond_loopback(options, has_keys)
    try:
        if options.http.tls is not None:
            options.http.tls.check()
    except TlsError as error:
        raise StartError(str(error)) from error


def _require_key_beyond_loopback(options: ServeOptions, has_keys: bool) -> None:
    if has_keys:
        return
    host = f"[{options.host}]" if ":" in options.host else options.host
    create = f"algovera-server keys create NAME --data-dir {options.data_dir}"
    if not is_loopback(f"http://{host}"):
        raise StartError(
            f"{options.host} can be reached from other computers, so a key is needed first: "
            f"{create}"
        )
    if options.http.proxies:
        raise StartError(f"A proxy lets other computers in, so a key is needed first: {create}")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StartError(f"{host} is no address of this computer: {error.strerror}.") from error
    listener = socket.socket(family, kind, protocol)
    if os.name == "posix":  # on Windows it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        text = f"The server cannot listen on {host}, port {port}: {error.strerror}."
        raise StartError(text) from error
    return listener


def _port_of(listener: socket.socket) -> int:
    return listener.getsockname()[1]


def worker_command(cache: Path, arguments: Sequence[str]) -> tuple[str, ...]:
    """How to start a worker: the folder of what it can make again, which nobody else may write to,
    its options, and the pipelines (``module:factory``) that it holds."""
    own = (f"--server-version={__version__}", f"--cache={cache}")
    return (*painter_command(), *own, *arguments)
