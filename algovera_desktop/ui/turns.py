"""Work that only the UI thread can do, cut up so that the window answers in between."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal


class Turns(QObject):
    """Takes one step in each turn of the event loop, after what waits there; ``steps`` does its
    work between its yields.

    Signals:
        finished: all of it is done.
    """

    finished = Signal()

    def __init__(self, steps: Iterator[None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps = steps
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.is_finished = False

    def start(self, after_ms: int = 0) -> None:
        """Begin, or take the first step only after so long."""
        self._timer.start(after_ms)

    def finish(self) -> None:
        """Do what is left at once, for somebody who cannot wait for it."""
        while not self.is_finished:
            self._take_step()

    def stop(self) -> None:
        """Leave the rest undone. Idempotent."""
        self.is_finished = True
        self._timer.stop()

    def _on_timer_timeout(self) -> None:
        self._timer.setInterval(0)
        self._take_step()

    def _take_step(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self.stop()
            self.finished.emit()
        except BaseException:
            self.stop()
            raise
