"""A worker's side of a cluster: takes jobs by their ids and has them painted here."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.cluster.board import BOARD_ERRORS, Board
from algovera_desktop.server.cluster.messages import UnreadableError, to_bytes
from algovera_desktop.server.cluster.pace import MAX_ATTEMPTS, Pace, died_in_words
from algovera_desktop.server.painting import (
    CheckpointSource,
    Painter,
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    PaintOrder,
    Workshop,
)
from algovera_desktop.server.pipelines.base import Checkpoint

T = TypeVar("T")
OnModels = Callable[[list[str]], None]
"""Hears the names of models that were not there before; called on another thread, may block."""

_log = logging.getLogger(__name__)


class Workbench:
    """One painter, and the heartbeat that tells the studio of it. Belongs to one event loop."""

    def __init__(
        self, name: str, board: Board, painter: Painter, models: CheckpointSource, pace: Pace
    ) -> None:
        self._name, self._board, self._painter = name, board, painter
        self._models, self._pace = models, pace
        self._tasks: list[asyncio.Task[None]] = []
        self._job: str | None = None
        self._is_leaving = self._is_closing = False

    async def workshop(self) -> Workshop:
        """What can be painted here now; raises PainterUnavailableError."""
        own = await self._painter.workshop()
        installed = [each.model for each in await self._installed()]
        return Workshop((*own.models, *installed), own.device)

    def start(self, on_models: OnModels) -> None:
        """Be counted on from now on, on the running event loop."""
        for coroutine in (self._beat_for_ever(on_models), self._obey_for_ever()):
            self._tasks.append(asyncio.get_running_loop().create_task(coroutine))

    async def leave(self) -> None:
        """Take no more jobs; the one under way is painted to its end."""
        self._is_leaving = True
        with contextlib.suppress(*BOARD_ERRORS):
            await self._board.leave(self._name)

    async def close(self) -> None:
        """End, whatever is under way."""
        self._is_closing = True  # redis-py may take a cancellation for a time-out of its own
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.leave()
        await self._board.close()
        await asyncio.to_thread(self._painter.close)

    async def paint(self, job_id: str) -> None:
        """Paint this job if nobody else does and it is still wanted; returns when the studio can
        have its picture, or the reason why there is none."""
        try:
            begun = await self._insist(lambda: self._board.begin(self._name, job_id))
            if begun is None:
                return
            request, attempts = begun
            self._job = job_id
            result = await self._result(job_id, request, attempts)
        except UnreadableError:
            result = _failed("The worker is of another version than the server.")
        finally:
            self._job = None
        await self._insist(lambda: self._board.end(job_id, result))
        with contextlib.suppress(*BOARD_ERRORS):  # the server looks by itself, too
            await self._board.publish(to_bytes({"kind": "ended", "job_id": job_id}))

    async def _result(self, job_id: str, request: GenerationRequest, attempts: int) -> bytes:
        if attempts > MAX_ATTEMPTS:  # the server was away, or it would have said so
            return _failed(died_in_words(attempts - 1))
        teller = _Teller(job_id, self._board)
        telling = asyncio.create_task(teller.tell_until_stopped())
        try:
            checkpoint = await self._checkpoint(request.model)
            png = await self._painter.paint(PaintOrder(job_id, request, checkpoint), teller)
        except PaintingCancelledError:
            return to_bytes({"kind": "cancelled"})
        except (PaintingFailedError, PainterUnavailableError) as error:
            return _failed(str(error))
        except Exception:
            _log.exception("Job %s met a mistake in the worker", job_id)
            return _failed("The worker made a mistake; its log says more.")
        finally:
            teller.stop()
            await telling
        return to_bytes({"kind": "done"}, png)

    async def _checkpoint(self, model_name: str) -> Checkpoint | None:
        if any(model.name == model_name for model in (await self._painter.workshop()).models):
            return None
        for checkpoint in await self._installed():
            if checkpoint.model.name == model_name:
                return checkpoint
        raise PaintingFailedError(f"The model {model_name} is no longer installed.")

    async def _installed(self) -> list[Checkpoint]:
        """Those with files here: no key for another company's comes this far."""
        return [each for each in await self._models.installed() if each.folder]

    async def _insist(self, command: Callable[[], Awaitable[T]]) -> T:
        """Until Redis has answered: a picture that was painted is not given up."""
        while True:
            try:
                return await command()
            except BOARD_ERRORS:
                await asyncio.sleep(self._pace.beat_s)

    async def _beat_for_ever(self, on_models: OnModels) -> None:
        known: set[str] = set()
        while True:
            try:
                known |= await self._beat(known, on_models)
            except BOARD_ERRORS as error:
                _log.warning("The broker does not answer: %s", type(error).__name__)
            except Exception:  # our mistake: silence would end the job, too
                _log.exception("A heartbeat failed")
            await asyncio.sleep(self._pace.beat_s)

    async def _beat(self, known: set[str], on_models: OnModels) -> set[str]:
        job_id = self._job
        if job_id is not None:
            await self._board.renew(self._name, job_id)
            if await self._board.is_called_off(job_id):
                self._painter.stop_painting(job_id)
        if self._is_leaving:
            return set()
        try:
            workshop = await self.workshop()
        except PainterUnavailableError as error:
            _log.warning("Nothing can be painted here: %s", error)
            await self._board.leave(self._name)
            return set()
        await self._board.announce(self._name, workshop)
        new = {model.name for model in workshop.models} - known
        if new:
            await asyncio.to_thread(on_models, sorted(new))
        return new

    async def _obey_for_ever(self) -> None:
        while not self._is_closing:
            with contextlib.suppress(*BOARD_ERRORS):
                async for job_id in self._board.stops():
                    if job_id == self._job:
                        self._painter.stop_painting(job_id)
            await asyncio.sleep(self._pace.beat_s)


class _Teller:
    """Publishes how a painting goes on; what Redis cannot take in time is left out."""

    def __init__(self, job_id: str, board: Board) -> None:
        self._job_id, self._board = job_id, board
        self._news = asyncio.Event()
        self._is_over = False
        self._events: dict[str, bytes] = {}

    def on_step(self, done: int, total: int) -> None:
        self._tell("step", {"done": done, "total": total})

    def on_preview(self, jpeg: bytes) -> None:
        self._tell("preview", {}, jpeg)

    def on_paid(self, address: str) -> None:
        """Nothing is bought here: no key comes this far."""

    def stop(self) -> None:
        """Leave the rest untold."""
        self._is_over = True
        self._news.set()

    async def tell_until_stopped(self) -> None:
        while await self._news.wait() and not self._is_over:
            self._news.clear()
            events, self._events = self._events, {}
            # What is lost is made up for by the next step.
            with contextlib.suppress(*BOARD_ERRORS):
                for event in events.values():
                    await self._board.publish(event)

    def _tell(self, kind: str, more: dict[str, int], payload: bytes = b"") -> None:
        self._events[kind] = to_bytes({"kind": kind, "job_id": self._job_id, **more}, payload)
        self._news.set()


def _failed(reason: str) -> bytes:
    return to_bytes({"kind": "failed", "reason": reason})
