"""The only door between threads: work goes out to a pool, its outcome comes back as signals."""

import logging
import math
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QDeadlineTimer,
    QEventLoop,
    QObject,
    QRunnable,
    Qt,
    QThreadPool,
    QTimer,
    Signal,
)

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError, JobCancelledError

_log = logging.getLogger(__name__)

_THREADS = {"network": 24, "storage": 2, "lookup": 2, "upkeep": 1}

_QUIET_AFTER_S = 1.0
_SLICE_S = 0.01
_LONGEST_PAUSE_S = 2.0
_LOOK_EVERY_S = 0.1
"""Upkeep works for a slice at least, then waits for a quiet moment, but never longer than that:
where pictures come all night, it gets done too."""


class Pool(Enum):
    """``NETWORK`` waits for servers, the keyring and processes; ``STORAGE`` decodes, reads and
    writes on this machine. ``LOOKUP`` asks the library what takes long with many pictures, so that
    what is on the screen never waits behind that. ``UPKEEP`` does what nobody waits for, one thing
    after the other, and pauses while STORAGE and LOOKUP are asked for anything: who scrolls or
    types needs both processors, and Python."""

    NETWORK = "network"
    STORAGE = "storage"
    LOOKUP = "lookup"
    UPKEEP = "upkeep"


class TaskContext:
    """What work gets to talk to its task from the worker's thread."""

    def __init__(self, token: CancelToken, report: Callable[[object], None]) -> None:
        self.token = token
        self.report = report


Work = Callable[[TaskContext], Any]


class Task(QObject):
    """One piece of work under way.

    Ends with exactly one of succeeded, failed and cancelled, then always finished. All are
    emitted on the UI thread, whoever listens: a worker's own signals reach a lambda or a
    plain function in the worker's thread, so they stop here first.

    Signals:
        progressed: a frozen payload that the work reported.
        succeeded: what the work returned.
        failed: the exception that it raised.
        cancelled: it was asked to stop and did.
        finished: after one of the three.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    _reported = Signal(object)
    _ended = Signal(object, object)

    def __init__(self, token: CancelToken, parent: QObject) -> None:
        super().__init__(parent)
        self.token = token
        queued = Qt.ConnectionType.QueuedConnection
        self._reported.connect(self._on_work_reported, queued)
        self._ended.connect(self._on_work_ended, queued)

    def cancel(self) -> None:
        """Ask the work to stop. Whatever it still returns ends this task as cancelled."""
        self.token.cancel()

    def run(self, work: Work) -> None:
        """Do the work on the calling thread; for the pool's threads only."""
        try:
            self.token.raise_if_cancelled()
            result = work(TaskContext(self.token, self._reported.emit))
        except BaseException as error:
            self._ended.emit(None, error)
        else:
            self._ended.emit(result, None)

    def _on_work_reported(self, payload: object) -> None:
        if not self.token.cancelled:
            self.progressed.emit(payload)

    def _on_work_ended(self, result: object, error: BaseException | None) -> None:
        if self.token.cancelled or isinstance(error, JobCancelledError):
            self.cancelled.emit()
        elif error is not None:
            if not isinstance(error, AlgoveraError):
                _log.error("A task failed unexpectedly", exc_info=error)
            self.failed.emit(error)
        else:
            self.succeeded.emit(result)
        self.finished.emit()


class _PatientToken(CancelToken):
    """Has its work wait, wherever it may stop, until nobody needs the computer."""

    def __init__(self, is_quiet: Callable[[], bool]) -> None:
        super().__init__()
        self._is_quiet = is_quiet
        self._slice_began_s: float | None = None

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        self._let_others_go_first()

    def raise_if_cancelled(self) -> None:
        super().raise_if_cancelled()
        self._let_others_go_first()

    def _let_others_go_first(self) -> None:
        now_s = time.monotonic()
        if self._slice_began_s is not None:
            if now_s < self._slice_began_s + _SLICE_S:
                return
            while not self._is_quiet() and time.monotonic() < now_s + _LONGEST_PAUSE_S:
                super().wait(_LOOK_EVERY_S)
        self._slice_began_s = time.monotonic()


class _Runnable(QRunnable):
    def __init__(self, task: Task, work: Work) -> None:
        super().__init__()
        self._task = task
        self._work = work

    def run(self) -> None:
        self._task.run(self._work)


class Tasks(QObject):
    """Starts work on the pools and keeps every task until it has ended.

    Signals:
        unexpected_failed: an exception that is our bug, once for each task that raised one.
    """

    unexpected_failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live: dict[Task, QRunnable] = {}
        self._deeds: set[Task] = set()
        self._settling = QEventLoop(self)
        self._accepting = True
        self._asked_at_s = -math.inf
        self._pools: dict[Pool, QThreadPool] = {}
        for pool in Pool:
            self._pools[pool] = threads = QThreadPool(self)
            threads.setMaxThreadCount(_THREADS[pool.value])
            threads.setExpiryTimeout(-1)

    def start(self, pool: Pool, work: Work, *, priority: int = 0, is_deed: bool = False) -> Task:
        """Run ``work(context)`` on a pool; higher priorities leave the pool's queue first.

        ``is_deed`` says that it writes down what the user did: ``settle`` waits for it. After
        ``shut_down`` nothing is run: the task ends as cancelled.
        """
        if pool in (Pool.STORAGE, Pool.LOOKUP):
            self._asked_at_s = time.monotonic()
        is_patient = pool is Pool.UPKEEP
        task = Task(_PatientToken(self._is_quiet) if is_patient else CancelToken(), self)
        task.finished.connect(self._on_task_finished)
        task.failed.connect(self._on_task_failed)
        runnable = _Runnable(task, work)
        runnable.setAutoDelete(False)
        self._live[task] = runnable
        if is_deed:
            self._deeds.add(task)
        if not self._accepting:
            task.cancel()
        self._pools[pool].start(runnable, priority)
        return task

    @property
    def live_count(self) -> int:
        return len(self._live)

    def settle(self, timeout_s: float) -> bool:
        """Let the window's events go on until every deed is written, those too that follow from
        one; False if that took too long. For the end of the program, before ``shut_down``."""
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(self._settling.quit)
        timer.start(round(timeout_s * 1000))
        while self._deeds and timer.isActive():
            self._settling.exec()
        timer.stop()
        return not self._deeds

    def shut_down(self, timeout_s: float) -> bool:
        """Cancel everything and wait; False if something still runs after ``timeout_s``."""
        self._accepting = False
        for task in list(self._live):
            task.cancel()
        deadline = QDeadlineTimer(round(timeout_s * 1000))
        return all(pool.waitForDone(deadline) for pool in self._pools.values())

    def _is_quiet(self) -> bool:
        """For any thread."""
        return time.monotonic() - self._asked_at_s > _QUIET_AFTER_S

    def _on_task_finished(self) -> None:
        task = self.sender()
        if isinstance(task, Task):
            del self._live[task]
            self._deeds.discard(task)
            if not self._deeds:
                self._settling.quit()
            task.deleteLater()

    def _on_task_failed(self, error: object) -> None:
        if not isinstance(error, AlgoveraError):
            self.unexpected_failed.emit(error)
