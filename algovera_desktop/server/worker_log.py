"""Where the painting process's own words go, which may repeat prompts."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_NAME = "worker.log"
"""The one of the time before lies beside it as ``worker.old.log``."""


class WorkerLogError(Exception):
    """The file cannot be written; the text says why."""


@contextmanager
def worker_log(data_dir: Path, *, is_private: bool) -> Generator[IO[bytes] | None, None, None]:
    """A file that its owner alone can read, or None for this process's own standard error.

    Raises WorkerLogError.
    """
    if not is_private:
        yield None
        return
    with _open(data_dir / _NAME) as file:
        yield file


def _open(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            path.replace(path.with_suffix(".old.log"))
        return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")
    except OSError as error:
        raise WorkerLogError(f"{path} cannot be written: {error.strerror}.") from error
