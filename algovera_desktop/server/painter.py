"""The server's side of the worker process: hands it jobs, hears it, replaces it when it dies."""

import asyncio
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import IO

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.domain.updates import OUTDATED_STATUS
from algovera_desktop.server.frames import RESTED, Message, read_frame, write_frame
from algovera_desktop.server.painting import (
    PainterDiedError,
    PainterOutdatedError,
    PainterUnavailableError,
    PaintingCancelledError,
    PaintingFailedError,
    PaintListener,
    PaintOrder,
    Workshop,
)

CANCEL_PATIENCE_S = 15.0
"""Longer than a step or a decoder, which cannot be interrupted, takes on a slow computer: a
killed worker must load its model again."""


class WorkerProcess:
    """One worker process and the thread that hears it."""

    def __init__(self, command: Sequence[str], chatter: IO[bytes] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=chatter,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._ears: threading.Thread | None = None

    def hear(
        self, on_message: Callable[[Message, bytes], None], on_end: Callable[[int], None]
    ) -> None:
        """Call back from a thread for each message, and once with the exit status at the end."""
        self._ears = threading.Thread(
            target=self._listen, args=(on_message, on_end), name="server-worker-ears"
        )
        self._ears.start()

    def tell(self, message: Message) -> None:
        """Send an order. A worker that has just died says so through ``on_end``, not here."""
        assert self._process.stdin is not None
        with suppress(OSError):
            write_frame(self._process.stdin, message)

    def kill(self) -> None:
        """End the process at once; ``on_end`` follows."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, which holds nothing worth keeping, and wait until it is gone."""
        self._process.kill()
        if self._ears is not None:
            self._ears.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _listen(
        self, on_message: Callable[[Message, bytes], None], on_end: Callable[[int], None]
    ) -> None:
        assert self._process.stdout is not None
        try:
            while (frame := read_frame(self._process.stdout)) is not None:
                on_message(*frame)
        except ValueError:  # no frame of ours: there is no way back into step
            self._process.kill()
        on_end(self._process.wait())


@dataclass(slots=True)
class _Painting:
    order: Message
    listener: PaintListener
    result: asyncio.Future[bytes]
    is_called_off: bool = False
    is_cut_off: bool = False

    @property
    def job_id(self) -> str:
        return self.order["job_id"]


class LocalPainter:
    """A Painter of one worker process: always one at hand, each new one warm before it is needed.

    ``chatter`` takes what workers print, if not standard error; ``on_replaced`` hears of each
    worker that took another's place, ``on_outdated`` once of one that is of another version: it
    was the last. The first one starts with the object, so that it loads while the server still
    imports; everything after ``start`` belongs to one event loop. A job that goes on for
    ``patience_s`` after it was told to stop is stopped by killing its worker.
    """

    def __init__(
        self,
        command: Sequence[str],
        chatter: IO[bytes] | None = None,
        on_replaced: Callable[[], None] = lambda: None,
        patience_s: float = CANCEL_PATIENCE_S,
        on_outdated: Callable[[], None] = lambda: None,
    ) -> None:
        self._command = tuple(command)
        self._chatter = chatter
        self._on_replaced, self._on_outdated = on_replaced, on_outdated
        self._patience_s = patience_s
        self._worker: WorkerProcess | None = WorkerProcess(self._command, chatter)
        self._announced: asyncio.Future[Workshop] | None = None
        self._workshop: Workshop | None = None
        self._painting: _Painting | None = None
        self._closing = self._is_outdated = False

    def start(self, on_capacity_changed: Callable[[], None]) -> None:
        """Listen to the worker from now on, on the running event loop."""
        if self._worker is not None:
            self._attach(self._worker)

    async def workshop(self) -> Workshop:
        """What can be painted, and on what; raises PainterUnavailableError."""
        if self._workshop is None:
            self._workshop = await self._ready()
        return self._workshop

    @property
    def capacity(self) -> int:
        return 1

    @property
    def condition(self) -> tuple[str, str]:
        """``starting``, ``ready`` or ``unavailable``, and the device once it is known."""
        device = "" if self._workshop is None else self._workshop.device
        if self._announced is None or not self._announced.done():
            return "starting", device
        return ("ready", device) if self._announced.exception() is None else ("unavailable", device)

    async def paint(self, order: PaintOrder, listener: PaintListener) -> bytes:
        """A picture's PNG bytes.

        Raises PaintingFailedError, PaintingCancelledError or PainterUnavailableError.
        """
        await self._ready()
        if self._worker is None:  # it has died since it said that it was ready
            await self._ready()
        if self._worker is None:
            raise PainterUnavailableError("The painting process ends as soon as it has started.")
        result: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._painting = _Painting(_render_message(order), listener, result)
        try:
            self._worker.tell(self._painting.order)
            return await result
        finally:
            self._painting = None

    def stop_painting(self, job_id: str) -> None:
        """Ask for this job to end at its next step; another job is left alone.

        One that does not is cut off when patience ends.
        """
        if self._worker is None:
            return
        self._worker.tell({"kind": "cancel", "job_id": job_id})
        if (painting := self._painting) is not None and painting.job_id == job_id:
            painting.is_called_off = True
            loop = asyncio.get_running_loop()
            loop.call_later(self._patience_s, self._cut_off, painting, self._worker)

    def _cut_off(self, painting: _Painting, worker: WorkerProcess) -> None:
        if not painting.result.done() and worker is self._worker:
            painting.is_cut_off = True
            worker.kill()

    def close(self) -> None:
        """End the worker. Blocks for as long as the system takes to kill a process."""
        self._closing = True
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    async def _ready(self) -> Workshop:
        if self._worker is None:
            self._replace_worker()
        assert self._announced is not None
        return await asyncio.shield(self._announced)

    def _replace_worker(self) -> None:
        if self._closing:
            raise PainterUnavailableError("The server is shutting down.")
        if self._is_outdated:
            raise PainterOutdatedError
        try:
            worker = WorkerProcess(self._command, self._chatter)
        except OSError as error:
            raise PainterUnavailableError(f"No painting process could start: {error}") from error
        self._worker = worker
        self._attach(worker)

    def _attach(self, worker: WorkerProcess) -> None:
        loop = asyncio.get_running_loop()
        self._announced = loop.create_future()

        def call(function: Callable[..., None], *arguments: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits for this any more
                loop.call_soon_threadsafe(function, *arguments)

        worker.hear(
            lambda message, payload: call(self._on_worker_message, message, payload),
            lambda status: call(self._on_worker_end, worker, status),
        )

    def _on_worker_message(self, message: Message, payload: bytes) -> None:
        if message["kind"] == "ready":
            self._on_worker_ready(message)
        elif message["kind"] == "unable":
            self._give_up_waiting(PainterUnavailableError(message["reason"]))
        elif self._painting is not None and message["job_id"] == self._painting.job_id:
            self._on_painting_message(self._painting, message, payload)

    def _on_worker_ready(self, message: Message) -> None:
        # pydantic is the server's, and is imported by the time that a worker has spoken.
        from pydantic import TypeAdapter

        models = TypeAdapter(tuple[ModelInfo, ...]).validate_python(message["models"])
        self._workshop = Workshop(models, message["device"])
        if self._announced is not None and not self._announced.done():
            self._announced.set_result(self._workshop)

    def _on_device_chosen(self, device: str) -> None:
        if self._workshop is not None:
            self._workshop = replace(self._workshop, device=device)

    def _on_painting_message(self, painting: _Painting, message: Message, payload: bytes) -> None:
        if painting.result.done():
            return
        match message["kind"]:
            case "step":
                painting.listener.on_step(message["done"], message["total"])
            case "device":
                self._on_device_chosen(message["device"])
            case "preview":
                painting.listener.on_preview(payload)
            case "paid":
                painting.listener.on_paid(message["address"])
            case "done":
                painting.result.set_result(payload)
            case "cancelled":
                painting.result.set_exception(PaintingCancelledError())
            case _:
                painting.result.set_exception(PaintingFailedError(message["reason"]))

    def _on_worker_end(self, worker: WorkerProcess, status: int) -> None:
        if self._closing or worker is not self._worker:
            return
        worker.end()
        self._worker = None
        if status == RESTED:
            self._relieve_rested_worker()
            return
        if status == OUTDATED_STATUS:
            self._give_up_for_good()
            return
        self._on_replaced()
        reason = death_in_words(status)
        self._give_up_waiting(PainterUnavailableError(reason))
        if self._painting is not None and not self._painting.result.done():
            is_cut_off = self._painting.is_cut_off
            error = PaintingCancelledError() if is_cut_off else PainterDiedError(reason)
            self._painting.result.set_exception(error)
            with suppress(PainterUnavailableError):
                self._replace_worker()  # without a job it waits for one: no restarts in a circle

    def _relieve_rested_worker(self) -> None:
        painting = self._painting
        try:
            self._replace_worker()
        except PainterUnavailableError as error:
            if painting is not None and not painting.result.done():
                painting.result.set_exception(error)
            return
        # What it was told between its last look at the pipe and its end has not been begun.
        if painting is None or painting.result.done() or self._worker is None:
            return
        if painting.is_called_off:
            painting.result.set_exception(PaintingCancelledError())
        else:
            self._worker.tell(painting.order)

    def _give_up_for_good(self) -> None:
        self._is_outdated = True
        self._give_up_waiting(PainterOutdatedError())
        if self._painting is not None and not self._painting.result.done():
            self._painting.result.set_exception(PainterOutdatedError())
        self._on_outdated()

    def _give_up_waiting(self, error: PainterUnavailableError) -> None:
        if self._announced is not None and not self._announced.done():
            self._announced.set_exception(error)
            self._announced.exception()  # nobody may be waiting, and that is no fault


def _render_message(order: PaintOrder) -> Message:
    return {
        "kind": "render",
        "job_id": order.job_id,
        "request": asdict(order.request),
        "weights": None if order.checkpoint is None else asdict(order.checkpoint.weights),
        "access": None if order.access is None else asdict(order.access),
        "address": order.address,
    }


def death_in_words(status: int) -> str:
    """Why a worker is gone, from its exit status (negative: minus the signal, POSIX)."""
    if status < 0 and -status == getattr(signal, "SIGKILL", 9):
        return (
            "The painting process was killed while it painted this picture. "
            "The computer may have run out of memory; a smaller picture needs less."
        )
    if status < 0:
        name = _signal_name(-status)
        return f"The painting process crashed while it painted this picture ({name})."
    return f"The painting process ended unexpectedly (exit status {status})."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
