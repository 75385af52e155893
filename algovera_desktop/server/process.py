"""The server as a process: holds its folder, its port and its worker, and ends cleanly."""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.servers import is_loopback
from algovera_desktop.server.database import Database
from algovera_desktop.server.guesses import GuessBrake
from algovera_desktop.server.jobs import JobStore
from algovera_desktop.server.keys import KEY_PATTERN, Doorkeeper, KeyStore
from algovera_desktop.server.lock import FolderInUseError, FolderLock
from algovera_desktop.server.painter import LocalPainter
from algovera_desktop.server.pictures import PictureFolder
from algovera_desktop.server.studio import Studio, StudioRules

OnStarted = Callable[[int, bool], None]
"""``(port, whether there are keys)``"""

_END_OF_PREDECESSOR_S = 5.0


class StartError(Exception):
    """The server cannot start; the text is one sentence for the person who started it."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """``local_key`` is the application's; with it the server is its child, and ends with it."""

    host: str
    port: int
    data_dir: Path
    rules: StudioRules
    worker_command: tuple[str, ...]
    local_key: str | None = None


def database_path(data_dir: Path) -> Path:
    return data_dir / "server.db"


def serve(options: ServeOptions, on_started: OnStarted) -> None:
    """Serve until a signal, or the application's end, asks for an end. Raises StartError.

    ``on_started`` is called as soon as connections are accepted.
    """
    with contextlib.ExitStack() as stack:
        stack.callback(_lock(options).release)
        try:
            database = Database(database_path(options.data_dir))
            stack.callback(database.close)
            pictures = PictureFolder(options.data_dir / "pictures")
            jobs = JobStore(database)
            jobs.recover()
        except LibraryError as error:
            raise StartError(f"The data folder cannot be used. {error}") from error
        keys = KeyStore(database)
        has_keys = bool(keys.list())
        _require_key_beyond_loopback(options, has_keys)
        listener = stack.enter_context(_listen(options.host, options.port))
        painter = LocalPainter(options.worker_command)
        stack.callback(painter.close)
        # Imported late: the worker, which is on its way now, loads at the same time.
        from algovera_desktop.server.app import create_app
        from algovera_desktop.server.http_server import run_http_server
        from algovera_desktop.server.models.shelf import ModelShelf

        models = ModelShelf(options.data_dir / "models")
        studio = Studio(jobs, pictures, painter, models, options.rules)
        brake = GuessBrake() if options.local_key is None else None
        doorkeeper = Doorkeeper(keys, options.local_key, brake)
        # The application's own server has the one key that it was handed: another account on
        # this computer could reach the page, too.
        app = create_app(studio, doorkeeper, keys if options.local_key is None else None)
        port: int = listener.getsockname()[1]
        run_http_server(
            app,
            listener,
            on_started=lambda: on_started(port, has_keys),
            on_ending=studio.release_waiters,
            ends_with_parent=options.local_key is not None,
        )


def read_local_key() -> str:
    """The key that the application sends as one JSON line on standard input."""
    line = b""
    # Not through sys.stdin: its lock would be held by the thread that waits for the end.
    while not line.endswith(b"\n") and len(line) < 1024:
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    try:
        key = json.loads(line)["key"]
    except (ValueError, TypeError, KeyError):
        raise StartError("A child server needs its key on standard input.") from None
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


def _require_key_beyond_loopback(options: ServeOptions, has_keys: bool) -> None:
    host = f"[{options.host}]" if ":" in options.host else options.host
    if not is_loopback(f"http://{host}") and not has_keys:
        raise StartError(
            f"{options.host} can be reached from other computers, so a key is needed first: "
            f"algovera-server keys create NAME --data-dir {options.data_dir}"
        )


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


def worker_command(pipelines: Sequence[str]) -> tuple[str, ...]:
    """How to start a worker that holds these pipelines (``module:factory``)."""
    return (sys.executable, "-P", "-m", "algovera_desktop.server.worker", *pipelines)
