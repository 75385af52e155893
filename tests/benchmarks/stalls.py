"""Says what the UI thread did while it did not answer: samples its stack in each long gap."""

import sys
import threading
import time
import traceback
from collections import Counter

_SAMPLE_EVERY_S = 0.004
_FRAMES = 14


class StallWatch(threading.Thread):
    """Looks at the thread that made it, from outside, whenever ``beat`` stays away too long.

    It costs the UI thread a little of its time, so it is for finding causes, not for figures.
    ``looks`` counts how often it has looked.
    """

    def __init__(self, longer_than_ms: float) -> None:
        super().__init__(name="stall-watch", daemon=True)
        self._longer_than_s = longer_than_ms / 1000
        self._watched = threading.get_ident()
        self._ended = threading.Event()
        self._last_s = time.perf_counter()
        self._last_worked_s = time.thread_time()
        self._seen: Counter[str] = Counter()
        self.looks = 0

    def beat(self) -> None:
        """The watched thread is alive."""
        now_s, worked_s = time.perf_counter(), time.thread_time()
        gap_s, self._last_s = now_s - self._last_s, now_s
        work_s, self._last_worked_s = worked_s - self._last_worked_s, worked_s
        seen, self._seen = self._seen, Counter()
        if gap_s > self._longer_than_s:
            times = f"-- {gap_s * 1000:.0f} ms, {work_s * 1000:.0f} ms of them on the processor"
            print(f"{times}; of {seen.total()} looks:", file=sys.stderr)
            for stack, count in seen.most_common(3):
                print(f"{count} times\n{stack}", file=sys.stderr)

    def end(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(_SAMPLE_EVERY_S):
            if time.perf_counter() - self._last_s > 2 * _SAMPLE_EVERY_S:
                frame = sys._current_frames().get(self._watched)
                self._seen["".join(traceback.format_stack(frame)[-_FRAMES:])] += 1
                self.looks += 1
