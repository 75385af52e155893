"""Finds processes by a mark in their environment, so that orphans are found too, and ends them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PROC = Path("/proc")


def marked_processes(
    variable: str, value: str, strangers: set[int] | None = None
) -> dict[int, str]:
    """The command line of each running process whose environment holds the mark.

    Children inherit it. Processes that have ended are left out, whether or not their parent has
    noticed, and so is the one that asks. Empty where there is no ``/proc``. ``strangers`` are
    not looked at; those of them that have ended are taken out, for a number is used again.
    """
    running = running_processes() - {os.getpid()}
    if strangers is not None:
        strangers &= running
        running -= strangers
    mark = f"{variable}={value}".encode()
    found: dict[int, str] = {}
    for number in running:
        if _carries(number, mark) and (command := _read(number, "cmdline").rstrip(b"\0")):
            found[number] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def running_processes() -> set[int]:
    """The number of each process; empty where there is no ``/proc``."""
    if not _PROC.is_dir():
        return set()
    names = os.listdir(_PROC)  # noqa: PTH208  Made for every test; Path objects cost more.
    return {int(name) for name in names if name.isdigit()}


def _carries(number: int, mark: bytes) -> bool:
    environment = _read(number, "environ")
    return mark in environment and mark in environment.split(b"\0")


def _read(number: int, file: str) -> bytes:
    try:
        with open(f"/proc/{number}/{file}", "rb") as stream:  # noqa: PTH123  As above.
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
