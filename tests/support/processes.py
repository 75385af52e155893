"""Finds processes by a mark in their environment, so that orphans are found too, and ends them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PROC = Path("/proc")


def marked_processes(variable: str, value: str) -> dict[int, str]:
    """The command line of each running process whose environment holds the mark.

    Children inherit it. Processes that have ended are left out, whether or not their parent has
    noticed, and so is the one that asks. Empty where there is no ``/proc``.
    """
    if not _PROC.is_dir():
        return {}
    mark = f"{variable}={value}".encode()
    found: dict[int, str] = {}
    for name in os.listdir(_PROC):  # noqa: PTH208  Made for every test; Path objects cost more.
        if not name.isdigit() or int(name) == os.getpid() or not _carries(name, mark):
            continue
        if command := _read(name, "cmdline").rstrip(b"\0"):
            found[int(name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def _carries(name: str, mark: bytes) -> bool:
    environment = _read(name, "environ")
    return mark in environment and mark in environment.split(b"\0")


def _read(name: str, file: str) -> bytes:
    try:
        with open(f"/proc/{name}/{file}", "rb") as stream:  # noqa: PTH123  As above.
            return stream.read()
    except OSError:
        return b""


def end_all(processes: Callable[[], dict[int, str]], patience_s: float) -> None:
    """Ask every process to end; kill those that are still there after ``patience_s``."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + patience_s
        while processes() and time.monotonic() < deadline:
            time.sleep(0.01)
