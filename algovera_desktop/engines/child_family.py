"""A child process with all that it starts: how it is started, and how what it leaves is ended.

On Linux and macOS the child leads a session of its own. Ctrl-C in a terminal is then for the
program, which ends the child in its turn; and what the child started can be reached as one group.
On Windows they are one job, and no console pops up.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any, Protocol

from algovera_desktop.engines.windows_job import WindowsJob


class ChildFamily(Protocol):
    """The child and its children."""

    def end(self) -> None:
        """Kill those that are left; their parent is gone."""
        ...


class _Session:
    def __init__(self, pid: int) -> None:
        self._pid = pid

    def end(self) -> None:
        if sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)


def family_options(platform: str = sys.platform) -> dict[str, Any]:
    """What Popen is given to start a child of which a family is made."""
    if platform == "win32":
        # Windows' values, which Python knows nowhere else.
        no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0x08000000)
        new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x00000200)
        return {"creationflags": no_window | new_group}
    return {"start_new_session": True}


def family_of(pid: int, platform: str = sys.platform, kernel32: Any = None) -> ChildFamily:
    """The family of a child that was started with ``family_options``."""
    return WindowsJob(pid, kernel32) if platform == "win32" else _Session(pid)
