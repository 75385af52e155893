"""What is left of a run that crashed, for the next start to find.

While the program runs, its trace stands in ``running.trace``: one line that says what runs, and
below it whatever ended it, if that was a crash. A run that ends in order takes the file away. So
one line alone means that the process was killed or the power cut, which is nobody's mistake.
"""

import faulthandler
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from algovera_desktop import __version__

_LONGEST_BYTES = 200_000
"""Of a trace that is kept: of a hundred threads the stacks that matter stand first."""


class CrashTrace:
    """The trace of this run, and what the last one left.

    ``found`` tells whether that one crashed and nobody was told yet. The last crash stays readable
    by ``last_crash`` until the next. Without a folder that can be written there is no trace.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "running.trace"
        self._file: IO[bytes] | None = None
        self._is_watching = False
        self.found = False
        with suppress(OSError):
            self.found = _keep(self._path, _kept_path(folder))
            self._file = self._path.open("wb", buffering=0)
            started = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
            self._file.write(f"Algovera Desktop {__version__}, started {started}\n".encode())

    def watch(self) -> None:
        """From now on SIGSEGV, SIGABRT and their like leave the stacks of all threads here.

        Windows tells some exceptions that are handled afterwards too: they count as a crash only
        where the run did not end in order.
        """
        if self._file is not None:
            faulthandler.enable(self._file, all_threads=True)
            self._is_watching = True

    def write(self, text: str) -> None:
        """Add why this run is about to end. For any thread, and for the process's last moment."""
        if self._file is not None:
            with suppress(OSError):
                os.write(self._file.fileno(), text.encode("utf-8", "replace"))

    def end(self, *, in_order: bool = True) -> None:
        """Stop watching; ``in_order`` leaves the next start nothing to find. Idempotent."""
        if self._file is None:
            return
        if self._is_watching:
            faulthandler.disable()
        self._file.close()
        self._file = None
        if in_order:
            with suppress(OSError):
                self._path.unlink()


def last_crash(folder: Path) -> str:
    """What the last crash left in this folder of logs; "" where there was none."""
    try:
        return _kept_path(folder).read_text("utf-8", "replace")
    except OSError:
        return ""


def _kept_path(folder: Path) -> Path:
    return folder / "last-crash.txt"


def _keep(trace: Path, kept: Path) -> bool:
    """Keep the trace of a crash; False where the run before left none. Raises OSError."""
    try:
        with trace.open("rb") as file:
            content = file.read(_LONGEST_BYTES)
    except FileNotFoundError:
        return False
    _started, _end_of_line, reason = content.partition(b"\n")
    if not reason.strip():
        return False
    kept.write_bytes(content)
    return True
