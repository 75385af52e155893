"""Where the painting process's own words go, which may repeat prompts."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO

_NAME = "worker.log"
"""The one before lies beside it as ``worker.old.log``."""

_FILE_BYTES = 2_500_000
"""With the one before 5 MB in all, as the application's own log."""

_AT_ONCE_BYTES = 65_536
_LAST_WORDS_S = 2.0
"""Longest wait for what was said last. A process that the painting process has started and left
behind may hold its end of the pipe for as long as it likes."""


class WorkerLogError(Exception):
    """The file cannot be written; the text says why."""


@contextmanager
def worker_log(data_dir: Path, *, is_private: bool) -> Generator[IO[bytes] | None, None, None]:
    """A way to a file that its owner alone can read, or None for this process's own standard error.

    It is a pipe, for whoever writes to a file itself cannot be kept from filling the disk. Raises
    WorkerLogError.
    """
    if not is_private:
        yield None
        return
    try:
        file = _RotatedFile(data_dir / _NAME)
        ours, theirs = os.pipe()
    except OSError as error:
        raise WorkerLogError(f"{data_dir / _NAME} cannot be written: {error.strerror}.") from error
    scribe = Thread(target=_write_down, args=(ours, file), name="worker-log", daemon=True)
    scribe.start()
    try:
        with os.fdopen(theirs, "wb") as chatter:
            yield chatter
    finally:
        scribe.join(_LAST_WORDS_S)


class _RotatedFile:
    """What was said last, in two files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = self._begin()

    def write(self, data: bytes) -> None:
        """Raises OSError; a next call tries anew."""
        if self._descriptor < 0:
            self._descriptor = self._begin()
        elif os.fstat(self._descriptor).st_size + len(data) > _FILE_BYTES:
            self.close()
            self._descriptor = self._begin()
        os.write(self._descriptor, data)

    def close(self) -> None:
        """Idempotent; a write after it begins another file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _begin(self) -> int:
        with suppress(FileNotFoundError):
            self._path.replace(self._path.with_suffix(".old.log"))
        return os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)


def _write_down(pipe: int, file: _RotatedFile) -> None:
    """Until nobody holds the other end. What cannot be written is lost: a full disk must not stop
    who paints."""
    while said := os.read(pipe, _AT_ONCE_BYTES):
        with suppress(OSError):
            file.write(said)
    os.close(pipe)
    file.close()
