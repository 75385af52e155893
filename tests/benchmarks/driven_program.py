"""The real program, pressed by a script in its own process: prints one JSON line of figures.

python driven_program.py DATA_DIR first-picture|overhead|stalls|bare-stalls

All times are of time.perf_counter, in milliseconds.
"""

import time

STARTED_AT = time.perf_counter()

import gc  # noqa: E402  The clock runs before the first import.

gc.disable()  # As ``__main__`` does.

import json  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

from bare_pipeline import request  # noqa: E402
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Signal  # noqa: E402
from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: E402

from algovera_desktop.app import (  # noqa: E402
    _GARBAGE_THRESHOLDS,
    _SWITCH_INTERVAL_S,
    Application,
)
from algovera_desktop.services.paths import Paths  # noqa: E402

if TYPE_CHECKING:
    # The program loads these itself, when it does.
    from algovera_desktop.domain.images import ImageRecord
    from algovera_desktop.domain.jobs import Job
    from algovera_desktop.ui.widgets.prompt_form import PromptForm

ROUNDS = 8
JOBS = 20
TIMER_MS = 5
_PATIENCE_S = 120


class PaintWatch(QObject):
    """Notes when the gallery has painted each finished picture."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        workspace = application.workspace
        assert workspace is not None
        from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader

        self._thumbnails = workspace.pictures.findChild(ThumbnailLoader)
        self._records: list[ImageRecord] = []
        self.completed = 0
        self.painted_at: list[float] = []
        workspace.jobs.job_completed.connect(self._on_job_completed)
        workspace.pictures.gallery.viewport().installEventFilter(self)

    def _on_job_completed(self, _job: "Job", record: "ImageRecord") -> None:
        self._records.append(record)
        self.completed += 1

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._records:
            # After this paint: what has a thumbnail now is on the screen then.
            QTimer.singleShot(0, self._look)
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        waiting = [one for one in self._records if self._thumbnails.pixmap(one, 1) is None]
        self.painted_at += [time.perf_counter()] * (len(self._records) - len(waiting))
        self._records = waiting


class Program:
    """The program in this process, started and not waited for."""

    def __init__(self, data: Path) -> None:
        paths = Paths.under(data)
        paths.make()
        gc.set_threshold(*_GARBAGE_THRESHOLDS)  # As ``app.run`` does.
        gc.enable()
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self.qt_app = QApplication(sys.argv[:1])
        self.application = Application(self.qt_app, paths)
        self.application.pictures_shown.connect(self.application.hear_later_starts)
        self.application.show()
        # So that waiting ends now and then, and needs no busy loop.
        self._waker = QTimer(interval=20)
        self._waker.start()

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Run the event loop until something holds, looking after each batch of events."""
        deadline = time.perf_counter() + _PATIENCE_S
        while not holds():
            if time.perf_counter() > deadline:
                raise TimeoutError
            self.qt_app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def wait_until_open(self) -> None:
        """Until the library is there."""
        self.wait_for(lambda: self.application.workspace is not None)

    @property
    def form(self) -> "PromptForm":
        """Where Generate is pressed; there is one once the library is open."""
        assert self.application.shell is not None
        return self.application.shell.form

    def wait_until_ready(self) -> None:
        """Until Generate can be pressed."""
        self.wait_until_open()
        self.wait_for(self.form.generate_action.isEnabled)

    def close(self) -> None:
        self.application.window.close()
        self.application.shut_down()


class Driver(Program):
    """The program with an open library, and its pictures watched."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.wait_until_open()
        self.watch = PaintWatch(self.application)

    def generate(self) -> float:
        """Press Generate for a small picture and wait until it is painted; the milliseconds."""
        before = len(self.watch.painted_at)
        pressed_at = time.perf_counter()
        self.form.generate_requested.emit([request(0)])
        self.wait_for(lambda: len(self.watch.painted_at) > before)
        return (self.watch.painted_at[-1] - pressed_at) * 1000

    def generate_many(self, count: int) -> None:
        """Press Generate for many and wait for the last; not all of them fit on the screen."""
        before = self.watch.completed
        self.form.generate_requested.emit([request(seed) for seed in range(count)])
        self.wait_for(lambda: self.watch.completed == before + count)


class GapTimer(QObject):
    """Fires each 5 ms and remembers the times between two firings, and how much of each this
    thread was at work: on a busy machine the rest is other programs'.

    Signals:
        fired: each time.
    """

    fired = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self.works_ms: list[float] = []
        self._last, self._last_worked = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=TIMER_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._timer.start()

    def _on_timer_timeout(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps_ms.append((now - self._last) * 1000)
        self.works_ms.append((worked - self._last_worked) * 1000)
        self._last, self._last_worked = now, worked
        self.fired.emit()


def first_picture(data: Path) -> dict[str, float]:
    """From the first line of this script to the first picture on the screen."""
    driver = Driver(data)
    driver.wait_until_ready()
    ready_at = time.perf_counter()
    driver.generate()
    driver.close()
    painted_at = driver.watch.painted_at[0]
    return {
        "ready_ms": (ready_at - STARTED_AT) * 1000,
        "painted_ms": (painted_at - STARTED_AT) * 1000,
    }


def overhead(data: Path) -> dict[str, list[float]]:
    """Generate pressed to picture painted, once a round."""
    driver = Driver(data)
    driver.wait_until_ready()
    driver.generate()
    rounds = [driver.generate() for _ in range(ROUNDS)]
    driver.close()
    return {"rounds_ms": rounds}


def stalls(data: Path) -> dict[str, float]:
    """The longest gap in a 5 ms timer on the UI thread while 20 jobs run."""
    driver = Driver(data)
    driver.wait_until_ready()
    driver.generate()
    timer = GapTimer()
    driver.generate_many(JOBS)
    driver.close()
    return {"longest_ms": max(timer.gaps_ms)}


def bare_stalls(_data: Path) -> dict[str, float]:
    """The same timer in a bare window, while another process paints the same pictures."""
    qt_app = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.show()
    painter = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("bare_pipeline.py")), str(JOBS)],
        stdout=subprocess.DEVNULL,
    )
    timer = GapTimer()
    while painter.poll() is None:
        qt_app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
    return {"longest_ms": max(timer.gaps_ms)}


if __name__ == "__main__":
    chosen = {
        "first-picture": first_picture,
        "overhead": overhead,
        "stalls": stalls,
        "bare-stalls": bare_stalls,
    }[sys.argv[2]]
    print(json.dumps(chosen(Path(sys.argv[1]))), flush=True)
