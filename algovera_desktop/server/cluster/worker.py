"""``algovera-server worker``: a Celery worker with one painting process."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import uuid
import warnings
from collections.abc import Coroutine
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any, TypeVar, cast

from algovera_desktop.domain.updates import OUTDATED_STATUS, UPDATED
from algovera_desktop.server.cluster.board import Board
from algovera_desktop.server.cluster.broker import PAINT, Celery, make_celery, queue_name
from algovera_desktop.server.cluster.pace import Pace
from algovera_desktop.server.cluster.workbench import Workbench
from algovera_desktop.server.painter import LocalPainter
from algovera_desktop.server.painting import CheckpointSource, PainterUnavailableError

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """``broker`` is the address of Redis; ``painting_command`` starts the process that paints,
    which writes its errors to ``chatter``, None for this process's own."""

    broker: str
    painting_command: tuple[str, ...]
    models: CheckpointSource
    pace: Pace
    chatter: IO[bytes] | None = None


def run_cluster_worker(options: WorkerOptions) -> int:
    """Paint for the studio until a signal asks for an end; returns an exit status.

    The first signal lets the picture under way be finished; the second one does not.
    """
    name = f"{uuid.uuid4().hex[:8]}@{socket.gethostname()}"
    painter = LocalPainter(options.painting_command, options.chatter, on_outdated=_end_outdated)
    loop = _LoopThread()
    try:
        bench = loop.run(_open_bench(name, options, painter))
        try:
            return _serve(name, options, bench, loop)
        finally:
            loop.run(bench.close())
    except PainterUnavailableError as error:
        _log.error("Nothing can be painted here: %s", error)
        return 1
    finally:
        painter.close()
        loop.close()


def _end_outdated() -> None:
    """At once and as if killed, for the job that was not begun is then given out anew."""
    print(UPDATED, file=sys.stderr, flush=True)
    os._exit(OUTDATED_STATUS)


async def _open_bench(name: str, options: WorkerOptions, painter: LocalPainter) -> Workbench:
    painter.start(lambda: None)
    board = Board(options.broker, options.pace)
    bench = Workbench(name, board, painter, options.models, options.pace)
    try:
        await bench.workshop()
    except PainterUnavailableError:
        await board.close()
        raise
    return bench


def _serve(name: str, options: WorkerOptions, bench: Workbench, loop: "_LoopThread") -> int:
    app = make_celery(options.broker, options.pace)

    def paint(job_id: str) -> None:
        loop.run(bench.paint(job_id))

    app.task(name=PAINT)(paint)
    workshop = loop.run(bench.workshop())
    queues = [queue_name(model.name) for model in workshop.models]
    controller = _controller(app, name, queues)

    def listen_to(models: list[str]) -> None:
        for model in models:
            if (queue := queue_name(model)) not in queues:
                app.control.add_consumer(queue, destination=[name])
                queues.append(queue)

    _end_in_order(lambda: loop.start(bench.leave()))
    loop.call(bench.start, listen_to)
    models = ", ".join(model.name for model in workshop.models)
    print(f"{name} paints for the studio on {workshop.device}: {models}", flush=True)
    controller.start()
    return controller.exitcode or 0


def _controller(app: Celery, name: str, queues: list[str]) -> Any:
    from celery.exceptions import CPendingDeprecationWarning  # pyright: ignore
    from celery.worker import WorkController  # pyright: ignore

    # It advises against what is wanted here: that a picture under way outlives a lost connection.
    warnings.filterwarnings("ignore", category=cast(Any, CPendingDeprecationWarning))

    # One thread paints and leaves the other free for what Celery owes Redis in the meantime.
    return cast(Any, WorkController)(
        app=app,
        hostname=name,
        pool_cls="threads",
        concurrency=1,
        queues=queues,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )


def _end_in_order(leave: Any) -> None:
    from celery.worker import state  # pyright: ignore

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if cast(Any, state).should_stop is not None:
            os._exit(1)
        cast(Any, state).should_stop = 0
        leave()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)


class _LoopThread:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="workbench")
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Its result, once there is one; blocks."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def start(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run it without waiting."""
        asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call(self, function: Any, *arguments: object) -> None:
        """Call a function on the loop's thread, soon."""
        self._loop.call_soon_threadsafe(function, *arguments)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
