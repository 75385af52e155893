"""Wakes those who wait for a job to change."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress


class Waiter:
    """One caller's wait for the next change of one job."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def wake(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next change since the waiter was made, or when the time is up."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)


class ChangeBell:
    """Rung when a job changes. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[Waiter]] = {}
        self._closed = False

    @contextmanager
    def waiter(self, job_id: str) -> Generator[Waiter, None, None]:
        """A waiter that misses no change from now on, also before it starts to wait."""
        waiter = Waiter()
        if self._closed:
            waiter.wake()
        self._waiters.setdefault(job_id, set()).add(waiter)
        try:
            yield waiter
        finally:
            others = self._waiters[job_id]
            others.remove(waiter)
            if not others:
                del self._waiters[job_id]

    def ring(self, job_id: str) -> None:
        for waiter in self._waiters.get(job_id, ()):
            waiter.wake()

    def ring_all(self) -> None:
        """For a change of the queue, which moves every job in it."""
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.wake()

    def close(self) -> None:
        """Wake everybody, and let nobody wait from now on."""
        self._closed = True
        self.ring_all()
