"""Notices that the computer has slept."""

import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

_TICK_S = 5.0
_LATE_S = 10.0
"""A tick so much later than due was not just kept waiting by other work."""


def clock_with_sleep() -> float:
    """Seconds that go on while the computer sleeps, and that nobody sets.

    Linux: CLOCK_BOOTTIME, for ``time.monotonic`` stands still. macOS: its CLOCK_MONOTONIC, which
    is not what Python reads there. Windows: what Python reads goes on by itself.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class WakeWatch(QObject):
    """Looks at a clock now and then: a look that comes much too late slept, or its program was
    stopped, which is the same to whoever waits for servers. The time of day is not looked at,
    so setting it is no sleep.

    ``clock`` tells seconds that go on in sleep.

    Signals:
        woke: within a few seconds after the end of a sleep.
    """

    woke = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = clock_with_sleep,
        tick_s: float = _TICK_S,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._tick_s = tick_s
        self._looked_at_s = clock()
        timer = QTimer(self)
        timer.timeout.connect(self._on_timer_timeout)
        timer.start(round(tick_s * 1000))

    def _on_timer_timeout(self) -> None:
        now_s = self._clock()
        late_s = now_s - self._looked_at_s - self._tick_s
        self._looked_at_s = now_s
        if late_s > _LATE_S:
            self.woke.emit()
