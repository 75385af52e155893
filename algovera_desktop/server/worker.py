"""The worker process: renders one job at a time and says over a pipe how far it is.

It lives only as long as its server: the end of the pipe, which also comes when the server is
killed, ends it at once. It never sees a key, and stores nothing.
"""

import argparse
import dataclasses
import faulthandler
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO

from algovera_desktop import __version__
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.updates import OUTDATED_STATUS
from algovera_desktop.server.frames import RESTED, Message, read_frame, write_frame
from algovera_desktop.server.memory import is_out_of_memory
from algovera_desktop.server.pipeline_rack import PipelineRack
from algovera_desktop.server.pipelines.base import (
    Pipeline,
    PreviewSource,
    RemoteAccess,
    RenderCancelledError,
    RenderFailedError,
    Scheduler,
    Weights,
)
from algovera_desktop.server.pipelines.registry import AUTO_DEVICE, make_pipelines
from algovera_desktop.server.previews import PreviewClock

DEFAULT_IDLE_S = 15 * 60.0
OUT_OF_MEMORY = "The computer ran out of memory while painting. A smaller picture needs less."
PNG_COMPRESSION = 1
"""zlib's level. Level 6 takes three times as long for 6 % less, measured on paintings."""


def run_worker(arguments: Sequence[str]) -> int:
    """Serve orders from standard input until it ends. Returns an exit status."""
    # Before they are understood, for another version's may be others.
    if f"--server-version={__version__}" not in arguments:
        return OUTDATED_STATUS
    options = _parser().parse_args(arguments)
    faulthandler.enable()  # what dies in a runtime's library says on stderr where
    # Ctrl-C, and a log-out that asks each process to end, are the server's to handle: a painter
    # that went first would have failed its picture.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    orders, answers = _private_pipes()
    _volunteer_for_the_oom_killer()
    worker = Worker(answers, options.device, options.idle_s, options.cache)
    threading.Thread(target=worker.listen, args=(orders,), daemon=True).start()
    return worker.run(options.pipelines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("pipelines", nargs="+", metavar="MODULE:FACTORY")
    parser.add_argument("--server-version", required=True)
    parser.add_argument("--device", default=AUTO_DEVICE)
    parser.add_argument("--idle-s", type=float, default=DEFAULT_IDLE_S)
    parser.add_argument("--cache", type=Path, required=True)
    return parser


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the pipes for ourselves: what a library prints goes to standard error instead."""
    orders = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return orders, answers


def _volunteer_for_the_oom_killer() -> None:
    """On Linux, have the kernel end this process rather than the server when memory is out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


class Worker:
    """Renders what it is told to; one thread listens, the thread of ``run`` paints."""

    def __init__(self, answers: BinaryIO, device: str, idle_s: float, cache: Path) -> None:
        self._answers = answers
        self._device, self._idle_s, self._cache = device, idle_s, cache
        self._orders: SimpleQueue[Message] = SimpleQueue()
        self._cancelled: set[str] = set()

    def listen(self, orders: BinaryIO) -> None:
        """Take orders until the server is gone, then end the process whatever it is doing."""
        while (frame := read_frame(orders)) is not None:
            message, _ = frame
            if message["kind"] == "cancel":
                self._cancelled.add(message["job_id"])
            else:
                self._orders.put(message)
        os._exit(0)

    def run(self, pipeline_names: Sequence[str]) -> int:
        """Announce the models, warm the first one up, and render until nobody needs the model
        that is loaded, or the process is ended."""
        try:
            carried = make_pipelines(pipeline_names)
        except Exception as error:
            traceback.print_exc()
            reason = f"No model could be started: {_name(error)}"
            self._say({"kind": "unable", "reason": reason})
            return 1
        models = [dataclasses.asdict(each.model) for each in carried.values()]
        cores = os.cpu_count() or 1
        self._say({"kind": "ready", "models": models, "device": f"CPU, {cores} cores"})
        rack = PipelineRack(carried, self._device, self._cache)
        rack.warm_up()
        while (order := self._next_order(self._idle_s if rack.holds_weights else None)) is not None:
            self._obey(order, rack)
        return RESTED

    def _next_order(self, timeout_s: float | None) -> Message | None:
        try:
            return self._orders.get(timeout=timeout_s)
        except Empty:
            return None

    def _obey(self, order: Message, rack: PipelineRack) -> None:
        job_id: str = order["job_id"]
        try:
            request = GenerationRequest(**order["request"])
            png = self._render(job_id, request, self._pipeline(order, rack))
        except RenderCancelledError:
            self._say({"kind": "cancelled", "job_id": job_id})
        except RenderFailedError as error:
            self._say({"kind": "failed", "job_id": job_id, "reason": str(error)})
        except Exception as error:
            traceback.print_exc()
            # OpenVINO's pipeline was seen to paint another picture after it had run out of memory.
            rack.let_go()
            self._say({"kind": "failed", "job_id": job_id, "reason": _in_words(error)})
        else:
            self._say({"kind": "done", "job_id": job_id}, png)
        self._cancelled.discard(job_id)

    def _pipeline(self, order: Message, rack: PipelineRack) -> Pipeline:
        job_id: str = order["job_id"]
        if order["address"]:
            return rack.paid(order["address"])
        if order["access"] is not None:
            paid = {"kind": "paid", "job_id": job_id}
            access = RemoteAccess(**order["access"])
            return rack.remote(access, lambda address: self._say(paid | {"address": address}))
        if order["weights"] is None:
            return rack.carried(order["request"]["model"])
        pipeline = rack.with_weights(_weights(**order["weights"]))
        self._say({"kind": "device", "job_id": job_id, "device": pipeline.device})
        return pipeline

    def _render(self, job_id: str, request: GenerationRequest, pipeline: Pipeline) -> bytes:
        clock = PreviewClock()

        def on_step(done: int, total: int, preview: PreviewSource) -> bool:
            self._say({"kind": "step", "job_id": job_id, "done": done, "total": total})
            if clock.is_due() and done < total and (jpeg := clock.take(preview)) is not None:
                self._say({"kind": "preview", "job_id": job_id}, jpeg)
            return job_id not in self._cancelled

        if job_id in self._cancelled:  # while its model was loaded
            raise RenderCancelledError
        image = pipeline.render(request, on_step)
        if image.size != (request.width, request.height):
            raise ValueError(f"the picture came out as {image.width}x{image.height}")
        encoded = io.BytesIO()
        image.convert("RGB").save(encoded, "PNG", compress_level=PNG_COMPRESSION)
        return encoded.getvalue()

    def _say(self, message: Message, payload: bytes = b"") -> None:
        with suppress(OSError):  # the server is gone, and the listening thread ends us
            write_frame(self._answers, message, payload)


def _weights(scheduler: str, **fields: Any) -> Weights:
    return Weights(scheduler=Scheduler(scheduler), **fields)


def _in_words(error: Exception) -> str:
    return OUT_OF_MEMORY if is_out_of_memory(error) else f"The model failed: {_name(error)}"


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(run_worker(sys.argv[1:]))
