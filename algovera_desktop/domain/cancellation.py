"""How work in progress is asked to stop."""

from threading import Event

from algovera_desktop.domain.errors import JobCancelledError


class CancelToken:
    """Asks one piece of work, from any thread, to stop; the work waits through it, never sleeps."""

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        self._event.set()

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
