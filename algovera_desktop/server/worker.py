"""The worker process: renders one job at a time and says over a pipe how far it is.

It lives only as long as its server: the end of the pipe, which also comes when the server is
killed, ends it at once. It never sees a key, and stores nothing.
"""

import dataclasses
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.frames import Message, read_frame, write_frame
from algovera_desktop.server.pipelines.base import (
    Pipeline,
    PreviewSource,
    RenderCancelledError,
    RenderFailedError,
)
from algovera_desktop.server.pipelines.registry import make_pipelines

OUT_OF_MEMORY = "The computer ran out of memory while painting. A smaller picture needs less."
PNG_COMPRESSION = 1
"""zlib's level. Level 6 takes three times as long for 6 % less, measured on paintings."""


def run_worker(pipeline_names: Sequence[str]) -> int:
    """Serve orders from standard input until it ends. Returns an exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    orders, answers = _private_pipes()
    _volunteer_for_the_oom_killer()
    worker = Worker(answers)
    threading.Thread(target=worker.listen, args=(orders,), daemon=True).start()
    return worker.run(pipeline_names)


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

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._orders: SimpleQueue[Message] = SimpleQueue()
        self._cancelled: set[str] = set()
        self._pipelines: dict[str, Pipeline] = {}
        self._loaded: Pipeline | None = None

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
        """Announce the models, warm the first one up, and render until the process is ended."""
        try:
            self._pipelines = make_pipelines(pipeline_names)
        except Exception as error:
            traceback.print_exc()
            reason = f"No model could be started: {_name(error)}"
            self._say({"kind": "unable", "reason": reason})
            return 1
        self._announce()
        self._warm_up()
        while True:
            self._obey(self._orders.get())

    def _warm_up(self) -> None:
        try:
            self._load(next(iter(self._pipelines.values())))
        except Exception:  # the first job meets it again and fails with its reason
            traceback.print_exc()

    def _announce(self) -> None:
        models = [dataclasses.asdict(each.model) for each in self._pipelines.values()]
        cores = os.cpu_count() or 1
        self._say({"kind": "ready", "models": models, "device": f"CPU, {cores} cores"})

    def _load(self, pipeline: Pipeline) -> None:
        if self._loaded is pipeline:
            return
        if self._loaded is not None:
            self._loaded.unload()
            self._loaded = None
        pipeline.load()
        self._loaded = pipeline

    def _obey(self, order: Message) -> None:
        job_id: str = order["job_id"]
        try:
            png = self._render(job_id, GenerationRequest(**order["request"]))
        except RenderCancelledError:
            self._say({"kind": "cancelled", "job_id": job_id})
        except RenderFailedError as error:
            self._say({"kind": "failed", "job_id": job_id, "reason": str(error)})
        except MemoryError:
            self._say({"kind": "failed", "job_id": job_id, "reason": OUT_OF_MEMORY})
        except Exception as error:
            traceback.print_exc()
            self._say(
                {"kind": "failed", "job_id": job_id, "reason": f"The model failed: {_name(error)}"}
            )
        else:
            self._say({"kind": "done", "job_id": job_id}, png)
        self._cancelled.discard(job_id)

    def _render(self, job_id: str, request: GenerationRequest) -> bytes:
        def on_step(done: int, total: int, _preview: PreviewSource) -> bool:
            self._say({"kind": "step", "job_id": job_id, "done": done, "total": total})
            return job_id not in self._cancelled

        pipeline = self._pipelines[request.model]
        self._load(pipeline)
        image = pipeline.render(request, on_step)
        if image.size != (request.width, request.height):
            raise ValueError(f"the picture came out as {image.width}x{image.height}")
        encoded = io.BytesIO()
        image.convert("RGB").save(encoded, "PNG", compress_level=PNG_COMPRESSION)
        return encoded.getvalue()

    def _say(self, message: Message, payload: bytes = b"") -> None:
        with suppress(OSError):  # the server is gone, and the listening thread ends us
            write_frame(self._answers, message, payload)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(run_worker(sys.argv[1:]))
