"""Keeps a second process away from what one works on."""

import sys
import time
from contextlib import suppress
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken

_RETRY_S = 0.05


class FolderInUseError(Exception):
    """Another server holds the folder."""


class FolderLock:
    """Holds a folder, or what ``name`` stands for in it, for as long as the process lives, however
    it ends.

    Waits up to ``timeout_s`` for another process that is just ending. Raises FolderInUseError,
    or OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path, timeout_s: float = 0.0, name: str = "server.lock") -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = (folder / name).open("a+b")
        pause = CancelToken()
        deadline = time.monotonic() + timeout_s
        while not self._try():
            if time.monotonic() >= deadline:
                self._file.close()
                raise FolderInUseError
            pause.wait(_RETRY_S)

    def release(self) -> None:
        self._file.close()

    def _try(self) -> bool:
        with suppress(OSError):
            if sys.platform == "win32":
                import msvcrt

                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False
