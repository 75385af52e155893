"""Wakes those who wait for a job to change."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

_BETWEEN_ROUNDS_S = 0.5
"""With fifty people waiting, places in line that change many times a second would be told by
thousands of answers."""


class Waiter:
    """One caller's wait for the next change of one job."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    @property
    def is_rung(self) -> bool:
        """Whether there has been a change."""
        return self._rung.is_set()

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
        self._next_round_s = 0.0
        self._round: asyncio.TimerHandle | None = None

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

    def ring_round(self) -> None:
        """For a change of the queue, which moves every job in it: now, or soon if it was just
        now rung for another."""
        loop = asyncio.get_running_loop()
        if self._round is None and not self._closed:
            self._round = loop.call_at(max(self._next_round_s, loop.time()), self._ring_all)

    def close(self) -> None:
        """Wake everybody, and let nobody wait from now on."""
        self._closed = True
        if self._round is not None:
            self._round.cancel()
            self._round = None
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.wake()

    def _ring_all(self) -> None:
        self._round = None
        self._next_round_s = asyncio.get_running_loop().time() + _BETWEEN_ROUNDS_S
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.wake()
