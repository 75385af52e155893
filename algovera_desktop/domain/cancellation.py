"""How work in progress is asked to stop."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Lock

from algovera_desktop.domain.errors import JobCancelledError


class CancelToken:
    """Asks one piece of work, from any thread, to stop; the work waits through it, never sleeps."""

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._callbacks: list[Callable[[], None]] = []

    def cancel(self) -> None:
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Return after ``seconds``; raise JobCancelledError as soon as the token is cancelled."""
        if self._event.wait(seconds):
            raise JobCancelledError

    def raise_if_cancelled(self) -> None:
        if self._event.is_set():
            raise JobCancelledError

    @contextmanager
    def interrupting(self, callback: Callable[[], None]) -> Generator[None]:
        """Inside, ``cancel`` calls ``callback`` too, to end a wait that the token cannot see.

        A socket's read is such a wait. The callback runs once, on the thread that cancels (or
        here, when it is too late already), so it must be quick; it may still run just after
        the end of the block.
        """
        with self._lock:
            registered = not self._event.is_set()
            if registered:
                self._callbacks.append(callback)
        if not registered:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)
