"""How far a download or a check is, how fast it goes, and how long it will take."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW_S = 8.0
_TELL_EVERY_S = 0.25
_SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes done and in all; ``bytes_per_s`` over the last seconds, None where it is not known
    yet, and so ``seconds_left``."""

    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: float | None = None

    @property
    def seconds_left(self) -> float | None:
        if not self.bytes_per_s:
            return None
        return max(self.total_bytes - self.done_bytes, 0) / self.bytes_per_s


class Progress:
    """Counted by the thread that works, read by any; ``tell`` is called a few times a second."""

    def __init__(
        self, tell: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell, self._clock = tell, clock
        self._lock = threading.Lock()
        self._done = self._total = 0
        self._samples: deque[tuple[float, int]] = deque()
        self._told_at = 0.0
        self._moved = 0

    def start(self, done_bytes: int, total_bytes: int) -> None:
        """Count from here on, with a speed that is not known yet."""
        with self._lock:
            self._done, self._total, self._moved = done_bytes, total_bytes, 0
            self._samples.clear()
            self._samples.append((self._clock(), 0))
        self._tell()

    def set_done(self, done_bytes: int) -> None:
        """Count from here on, at the speed so far."""
        with self._lock:
            self._done = done_bytes

    def add(self, size_bytes: int) -> None:
        """So many bytes more."""
        now = self._clock()
        with self._lock:
            self._done += size_bytes
            self._moved += size_bytes
            if now - self._samples[-1][0] >= _SAMPLE_EVERY_S:
                self._samples.append((now, self._moved))
            while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
                self._samples.popleft()
        if now - self._told_at >= _TELL_EVERY_S:
            self._told_at = now
            self._tell()

    @property
    def pace(self) -> Pace:
        now = self._clock()
        with self._lock:
            began, moved_before = self._samples[0] if self._samples else (now, 0)
            span_s = now - began
            speed = (self._moved - moved_before) / span_s if span_s >= _SAMPLE_EVERY_S else None
            return Pace(self._done, self._total, speed)
