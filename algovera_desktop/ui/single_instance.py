"""One window for a data folder: a later start hands its files to the first one and ends.

Who is first is told by a lock that the system drops with its holder, so a crash leaves nothing
stale; the socket is only how a later start reaches the first. A socket's file that a crash left is
taken away by the next holder of the lock, who alone may.
"""

import ctypes
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Self

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.errors import LibraryBusyError
from algovera_desktop.library.lock import ProcessLock

_PATIENCE_S = 6.0
_CONNECTING_MS = 500
_BETWEEN_TRIES_S = 0.1
_ANY_PROCESS = -1

HEARD = b"heard\n"
"""What the first one answers to a call."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a later start wants: these files, and the desktop's leave to come to the front."""

    files: tuple[Path, ...] = ()
    activation_token: str = ""

    @classmethod
    def of_this_start(cls, files: tuple[Path, ...], environment: Mapping[str, str]) -> Self:
        token = environment.get("XDG_ACTIVATION_TOKEN") or environment.get("DESKTOP_STARTUP_ID")
        return cls(tuple(file.absolute() for file in files), token or "")

    def to_line(self) -> bytes:
        files = [str(file) for file in self.files]
        return json.dumps({"files": files, "token": self.activation_token}).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Raises ValueError for what is not such a line."""
        content: Any = json.loads(line)
        try:
            files = tuple(Path(str(file)) for file in content["files"])
            return cls(files, str(content["token"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no call: {error}") from error


def claim(data: Path, call: Call, *, patience_s: float = _PATIENCE_S) -> ProcessLock | None:
    """The lock of the first one for the folder ``data``; None when another one took the call.

    One that is just ending is waited for. Raises LibraryBusyError where another one has the
    folder and does not answer within ``patience_s``, LibraryError where no lock can be made.
    """
    deadline = monotonic() + patience_s
    while True:
        try:
            return ProcessLock(data / "instance.lock")
        except LibraryBusyError:
            if _was_heard(instance_address(data), call, deadline):
                return None
            if monotonic() > deadline:
                raise
        Event().wait(_BETWEEN_TRIES_S)


def raise_window(window: QWidget, activation_token: str) -> None:
    """Bring a window to the front, out of the task bar too, and give it the keyboard."""
    if activation_token:
        # Where Qt's platform plugins look for it, as if this process had just been started.
        os.environ["XDG_ACTIVATION_TOKEN"] = activation_token
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


def instance_address(data: Path, platform: str = sys.platform) -> str:
    """A name that both starts come to, for each folder another: a pipe's on Windows, elsewhere a
    socket's in a folder that nobody else can write to."""
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    name = f"algovera-desktop-{digest}"
    if platform == "win32":
        return name
    return f"{os.environ.get('XDG_RUNTIME_DIR') or _own_temporary_folder() or data}/{name}"


def _own_temporary_folder() -> str:
    """One that this user made in everybody's folder; "" where somebody else has taken its name.

    There a socket itself could be anybody's, who would hear which files are opened. The data
    folder is last: its path may be longer than a socket's can be (103 bytes).
    """
    folder = Path(tempfile.gettempdir(), f"algovera-desktop-{os.getuid()}")
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
        if is_ours and not status.st_mode & 0o077:
            return str(folder)
    return ""


def _was_heard(address: str, call: Call, deadline: float) -> bool:
    # Here and not above: the first start, which shows a window, does without.
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(_CONNECTING_MS):
        return False
    _let_come_to_front()
    socket.write(call.to_line())
    socket.flush()
    while not socket.canReadLine():
        left_ms = round((deadline - monotonic()) * 1000)
        if left_ms <= 0 or not socket.waitForReadyRead(left_ms):
            return False
    return bytes(socket.readLine().data()) == HEARD


def _let_come_to_front() -> None:
    """Windows lets a program raise its window only with leave of the one that the user started."""
    if sys.platform == "win32":
        ctypes.windll.user32.AllowSetForegroundWindow(_ANY_PROCESS)
