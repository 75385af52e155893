"""The server's side of a cluster: a Painter whose hands are workers anywhere."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kombu.exceptions import OperationalError

from algovera_desktop.server.cluster.board import BOARD_ERRORS, Board
from algovera_desktop.server.cluster.broker import make_celery, send
from algovera_desktop.server.cluster.messages import UnreadableError, from_bytes
from algovera_desktop.server.cluster.pace import MAX_ATTEMPTS, Pace, died_in_words
from algovera_desktop.server.painting import (
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    PaintListener,
    PaintOrder,
    Workshop,
)

_FIRST_LOOK_S = 5.0
_BROKER_ERRORS = (*BOARD_ERRORS, OperationalError)

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Painting:
    """An order on its way. ``send_at`` on the loop's clock, None while there is no doubt that it
    is in good hands; ``attempts`` as many as there were when it was last sent."""

    order: PaintOrder
    listener: PaintListener
    result: asyncio.Future[bytes]
    send_at: float | None = 0.0
    attempts: int = 0
    is_wanted: bool = True
    was_leased: bool = False
    homeless_since: float | None = None


class CeleryPainter:
    """Paints as many jobs at once as there are live workers.

    What is under way when the server ends goes on without it: whoever is asked for the same job
    later finds its picture, or waits for it.
    """

    def __init__(self, address: str, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._celery = make_celery(address, self._pace)
        self._board = Board(address, self._pace)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._on_change: Callable[[], None] = lambda: None
        self._paintings: dict[str, _Painting] = {}
        self._workers: dict[str, Workshop] = {}
        self._offered: tuple[float, Workshop] | None = None
        self._has_looked, self._look_now = asyncio.Event(), asyncio.Event()
        self._is_reached, self._is_closing = True, False

    @property
    def capacity(self) -> int:
        """How many workers live; 0 while the broker does not answer."""
        return len(self._workers)

    @property
    def condition(self) -> tuple[str, str]:
        """``starting``, ``ready`` or ``unavailable``, and the device once it is known."""
        if not self._has_looked.is_set():
            return "starting", ""
        if not self._is_reached:
            return "unavailable", "the broker does not answer"
        return ("ready" if self._workers else "unavailable"), _devices(self._workers.values())

    def start(self, on_capacity_changed: Callable[[], None]) -> None:
        """Look after workers and orders from now on, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._on_change = on_capacity_changed
        self._tasks = [
            self._loop.create_task(self._look_for_ever()),
            self._loop.create_task(self._listen_for_ever()),
        ]

    async def workshop(self) -> Workshop:
        """All that the workers have; raises PainterUnavailableError.

        For a while also what they had: a job for a worker that starts anew may wait for it.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_looked.wait(), _FIRST_LOOK_S)
        if self._offered is not None:
            seen_at, workshop = self._offered
            if time.monotonic() - seen_at < self._pace.patience_s:
                return workshop
        if not self._is_reached or not self._has_looked.is_set():
            raise PainterUnavailableError("The studio's broker does not answer.")
        raise PainterUnavailableError("None of the studio's workers is there.")

    async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
        """A picture's PNG bytes. Raises PaintingFailedError or PaintingCancelledError."""
        if order.access is not None:  # a key would go through the broker with it
            raise PaintingFailedError("This model is not painted by a studio with workers.")
        result: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._paintings[order.job_id] = _Painting(order, listener, result)
        self._look_now.set()
        try:
            return await result
        finally:
            del self._paintings[order.job_id]

    def stop_painting(self, job_id: str) -> None:
        """Ask for this job to end at its next step; another job is left alone."""
        if job_id in self._paintings:
            self._paintings[job_id].is_wanted = False
            self._look_now.set()

    def close(self) -> None:
        """Let go of the broker, from another thread than the loop's. Workers go on."""
        if self._loop is not None and not self._loop.is_closed() and self._tasks:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()

    async def _end(self) -> None:
        self._is_closing = True  # redis-py may take a cancellation for a time-out of its own
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._board.close()
        await asyncio.to_thread(self._celery.close)

    async def _look_for_ever(self) -> None:
        while not self._is_closing:
            self._look_now.clear()
            try:
                await self._look()
            except _BROKER_ERRORS as error:
                self._on_broker_lost(error)
            self._has_looked.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), self._pace.beat_s)
            if not self._is_reached:  # no faster, however many new jobs call
                await asyncio.sleep(self._pace.beat_s)

    async def _look(self) -> None:
        workers = await self._board.workers()
        if not self._is_reached:
            self._on_broker_found()
        self._set_workers(workers)
        for painting in list(self._paintings.values()):
            if not painting.result.done():
                await self._tend(painting)

    def _on_broker_lost(self, error: Exception) -> None:
        if self._is_reached:
            _log.error("The broker does not answer: %s", type(error).__name__)
        self._is_reached = False
        self._set_workers({})

    def _on_broker_found(self) -> None:
        """It may have lost everything. Workers that paint have renewed their leases by then."""
        _log.warning("The broker answers again")
        self._is_reached = True
        for painting in self._paintings.values():
            if painting.send_at is None:
                painting.send_at = time.monotonic() + self._pace.silence_s

    def _set_workers(self, workers: dict[str, Workshop]) -> None:
        has_changed = len(workers) != len(self._workers)
        self._workers = workers
        if workers:
            models = {m.name: m for each in workers.values() for m in each.models}
            workshop = Workshop(tuple(models.values()), _devices(workers.values()))
            self._offered = time.monotonic(), workshop
        if has_changed:
            self._on_change()

    async def _tend(self, painting: _Painting) -> None:
        job_id = painting.order.job_id
        standing = await self._board.standing(job_id)
        if not painting.is_wanted:
            await self._board.call_off(job_id)
        if standing.result is not None:
            await self._board.settle(job_id)
            _settle(painting, standing.result)
        elif standing.is_leased:
            painting.was_leased = True
            painting.send_at = painting.homeless_since = None
        elif not painting.is_wanted:
            _end(painting, PaintingCancelledError())
        elif standing.attempts >= MAX_ATTEMPTS:
            await self._give_up(painting, died_in_words(standing.attempts))
        else:
            await self._find_hands(painting, standing.attempts)

    async def _find_hands(self, painting: _Painting, attempts: int) -> None:
        """For an order that nobody paints: it was not sent yet, its worker has died, or it waits
        for one that has its model."""
        now, order = time.monotonic(), painting.order
        is_due = painting.send_at is not None and now >= painting.send_at
        if is_due or painting.was_leased or attempts > painting.attempts:
            painting.attempts, painting.send_at, painting.was_leased = attempts, None, False
            await self._board.want(order.job_id, order.request)
            await asyncio.to_thread(send, self._celery, order.job_id, order.request.model)
        if order.request.model in self._models():
            painting.homeless_since = None
        elif painting.homeless_since is None:
            painting.homeless_since = now
        elif now - painting.homeless_since > self._pace.patience_s:
            await self._give_up(painting, f"No worker has the model {order.request.model}.")

    async def _give_up(self, painting: _Painting, reason: str) -> None:
        await self._board.settle(painting.order.job_id)
        _end(painting, PaintingFailedError(reason))

    def _models(self) -> set[str]:
        return {model.name for each in self._workers.values() for model in each.models}

    async def _listen_for_ever(self) -> None:
        while not self._is_closing:
            try:
                async for event in self._board.events():
                    self._hear(event)
            except _BROKER_ERRORS:
                await asyncio.sleep(self._pace.beat_s)

    def _hear(self, event: bytes) -> None:
        with contextlib.suppress(UnreadableError, KeyError):
            message, payload = from_bytes(event)
            painting = self._paintings.get(message["job_id"])
            if painting is None:
                return
            match message["kind"]:
                case "step":
                    painting.listener.on_step(message["done"], message["total"])
                case "preview":
                    painting.listener.on_preview(payload)
                case _:
                    self._look_now.set()


def _settle(painting: _Painting, result: bytes) -> None:
    try:
        message, payload = from_bytes(result)
    except UnreadableError:
        reason = "The worker is of another version than the server."
        message, payload = {"kind": "failed", "reason": reason}, b""
    match message["kind"]:
        case "done" if not painting.result.done():
            painting.result.set_result(payload)
        case "cancelled":
            _end(painting, PaintingCancelledError())
        case _:
            _end(painting, PaintingFailedError(str(message.get("reason"))))


def _end(painting: _Painting, error: Exception) -> None:
    if not painting.result.done():
        painting.result.set_exception(error)


def _devices(workshops: Iterable[Workshop]) -> str:
    """Like "NVIDIA A10 (2), CPU, 8 cores"."""
    counts = Counter(workshop.device for workshop in workshops)
    return ", ".join(f"{name} ({n})" if n > 1 else name for name, n in sorted(counts.items()))
