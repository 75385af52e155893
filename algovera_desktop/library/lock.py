"""One process at a time may hold a library."""

import os
import sys
from pathlib import Path

from algovera_desktop.domain.errors import LibraryBusyError
from algovera_desktop.library.durable import os_errors_translated

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProcessLock:
    """Held from construction to ``release``. The system drops it when the process dies, by
    kill -9 too, so no stale lock can be left; the empty file stays and means nothing."""

    def __init__(self, path: Path) -> None:
        """Raise LibraryBusyError if another holder, in this process or another, has it."""
        with os_errors_translated(f"cannot open {path}"):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _try_lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise LibraryBusyError(f"{path.parent} is open in another window") from error
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let others in. Idempotent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
