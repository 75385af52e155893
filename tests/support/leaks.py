"""What a test leaves behind: threads, processes, open files, sockets, timers, pool tasks, windows.

Qt is looked at only when a test has loaded it.
"""

import functools
import gc
import os
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support.processes import marked_processes, running_processes

if TYPE_CHECKING:
    from PySide6.QtCore import QThread, QThreadPool, QTimer

GRACE_S = float(os.environ.get("ALGOVERA_TEST_GRACE_S", "5"))
"""How long things that are ending may take; a test that leaves nothing waits for nothing."""

_COLLECT_AFTER_S = 0.01
_RUN_MARK = "ALGOVERA_TEST_RUN"
_SYSTEM_FOLDERS = ("/dev/", "/etc/", "/proc/", "/sys/", "/usr/", "/lib", "/memfd:", sys.prefix)
_LIVES_ON = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


_strangers: set[int] = set()
"""Processes from before the tests: with 113 on the machine a look at each took 1.2 ms."""


def mark_processes() -> None:
    """Give every process started from now on a mark by which it is found, even as an orphan."""
    os.environ[_RUN_MARK] = uuid.uuid4().hex
    _strangers.update(running_processes())


@dataclass(frozen=True)
class Snapshot:
    """Everything alive at one moment, by an identity that is not used again soon."""

    things: dict[object, str] = field(default_factory=dict)

    def new_since(self, earlier: "Snapshot") -> list[str]:
        """What stands in this one and did not in the earlier one, in words."""
        return sorted(text for key, text in self.things.items() if key not in earlier.things)


def take_snapshot() -> Snapshot:
    """Note what is alive now."""
    things: dict[object, str] = {}
    for look in (_threads, _open_files, _processes, _qt_objects):
        things.update(look())
    return Snapshot(things)


def left_behind(before: Snapshot, grace_s: float = GRACE_S) -> list[str]:
    """What came since ``before`` and is still there after ``grace_s``, in words."""
    deadline = time.monotonic() + grace_s
    left = take_snapshot().new_since(before)
    pause_s = 0.002
    while left and time.monotonic() < deadline:
        # Most of what is ending needs a moment only; a collection takes a tenth of a second.
        if pause_s > _COLLECT_AFTER_S:
            gc.collect()
        _run_deferred_deletes()
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 0.2)
        left = take_snapshot().new_since(before)
    return left


def _threads() -> dict[object, str]:
    # Python keeps a stand-in for each foreign thread that ever ran Python, dead ones too.
    return {
        thread: f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread)
    }


def _open_files() -> dict[object, str]:
    found: dict[object, str] = {}
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return found
    for descriptor in folder.iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:  # The descriptor of this very listing.
            continue
        if target.startswith("socket:"):
            found[target] = f"{target} (descriptor {descriptor.name})"
        elif target.startswith("/") and not target.startswith(_SYSTEM_FOLDERS):
            found[f"{descriptor.name} {target}"] = f"open file {target}"
    return found


def _processes() -> dict[object, str]:
    mark = os.environ.get(_RUN_MARK, "")
    return {
        ("process", number): f"process {number}: {command}"
        for number, command in marked_processes(_RUN_MARK, mark, _strangers).items()
        if not any(name in command for name in _LIVES_ON)
    }


def _qt_objects() -> dict[object, str]:
    if "PySide6.QtCore" not in sys.modules or "shiboken6" not in sys.modules:
        return {}
    from PySide6.QtCore import QCoreApplication, QThreadPool
    from shiboken6 import Shiboken

    if QCoreApplication.instance() is None:
        return {}
    found: dict[object, str] = {}
    main_thread = QCoreApplication.instance().thread()
    for thing in [*Shiboken.getAllValidWrappers(), QThreadPool.globalInstance()]:
        if _can_be_busy(type(thing)) and thing is not main_thread and _is_busy(thing):
            found[_identity(thing)] = f"busy {type(thing).__name__} {thing.objectName()!r}"
    return found | _windows()


@functools.cache
def _can_be_busy(kind: type) -> bool:
    """Kept for each class: there are thousands of objects and few classes."""
    from PySide6.QtCore import QThread, QThreadPool, QTimer

    return issubclass(kind, QTimer | QThread | QThreadPool)


def _is_busy(thing: "QTimer | QThread | QThreadPool") -> bool:
    from PySide6.QtCore import QThread, QTimer

    if isinstance(thing, QTimer):
        return thing.isActive()
    return thing.isRunning() if isinstance(thing, QThread) else thing.activeThreadCount() > 0


def _windows() -> dict[object, str]:
    if "PySide6.QtWidgets" not in sys.modules:
        return {}
    from PySide6.QtWidgets import QApplication

    # Qt keeps the window of the last tool tip for itself.
    return {
        _identity(window): f"window {type(window).__name__} {window.windowTitle()!r}"
        for window in QApplication.topLevelWidgets()
        if window.parent() is None and window.metaObject().className() != "QTipLabel"
    }


def _identity(thing: object) -> object:
    from shiboken6 import Shiboken

    return ("qt", Shiboken.getCppPointer(thing)[0])


def _run_deferred_deletes() -> None:
    if "PySide6.QtCore" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
