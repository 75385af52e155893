"""OpenVINO through our server against the bare runtime, and against diffusers on the processor.

Each is warm and paints in turns with the other, so that a busy machine slows down both, and the
median of all their steps counts, so that one that was disturbed does not.

On Stable Diffusion 1.5's architecture at full size with random weights, which are built the first
time (minutes, 8 GB of memory and 6 GB of the temporary folder), at 512x512 with guidance. The
latency of a cancel is taken on the tiny model too, where it is the machinery's own.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bare_runtime import peak_mib
from measurement import Measurement

from support.algovera_server import ServerProcess, running_server
from support.random_models import install, random_models

ROUNDS = 4
STEPS = 6
TORCH_ROUNDS = 1
SIDE = 512
CANCELS = 100
SLOW_CANCELS = 5


def measure() -> Iterator[Measurement]:
    """The bare runtime in a process of its own, in turns with the server."""
    full, tiny = random_models("full"), random_models("tiny")
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        install(full.checkpoint("openvino", "full"), data_dir)
        install(tiny.checkpoint("openvino", "tiny"), data_dir)
        with running_server(data_dir) as server:
            yield from _against_bare(server, full.folder)
            yield from _cancels(server, "full", SIDE, SLOW_CANCELS)
            yield from _cancels(server, "tiny", 256, CANCELS)


def _against_bare(server: ServerProcess, models: Path) -> Iterator[Measurement]:
    _stamps(server, 2)  # loads the model
    ours, first, bare = _in_turns(server, "openvino", models, ROUNDS)
    step_s = median(ours)
    yield Measurement("openvino 512x512, a step", step_s, "s", median(bare.steps_s))
    yield Measurement("openvino, from POST to first step, warm", median(first), "s", step_s)
    peak = peak_mib(server.worker_pid())
    yield Measurement("openvino, most memory", peak, "MiB", bare.peak_mib)
    ours, _, torch = _in_turns(server, "diffusers", models, TORCH_ROUNDS)
    torch_s = median(torch.steps_s)
    yield Measurement("openvino against diffusers bf16, a step", median(ours), "s", torch_s)


@dataclass
class _Bare:
    """What was measured of a runtime alone."""

    steps_s: list[float] = field(default_factory=list)
    peak_mib: float = 0.0


def _in_turns(
    server: ServerProcess, runtime: str, models: Path, rounds: int
) -> tuple[list[float], list[float], _Bare]:
    """The times of our server's steps and from POST to first step, and the runtime's alone."""
    steps_s: list[float] = []
    first_s: list[float] = []
    bare = _Bare()
    with _bare_runtime(runtime, models) as paint:
        for _ in range(rounds):
            posted_at, stamps = _stamps(server, STEPS)
            steps_s += [after - before for before, after in pairwise(stamps)]
            first_s.append(stamps[0] - posted_at)
            told = paint()
            bare.steps_s += told["steps_s"]
            bare.peak_mib = told["peak_mib"]
    return steps_s, first_s, bare


def _stamps(server: ServerProcess, steps: int) -> tuple[float, list[float]]:
    """When a picture was posted, and when each of its steps was heard of."""
    posted_at = time.perf_counter()
    job = server.post_job(base_model="full", width=SIDE, height=SIDE, inf_steps=steps)
    stamps: list[float] = []
    progress = 0.0
    while (status := server.status(job, wait=30))["job_status"] == "created":
        if progress < status["progress"]:
            progress = status["progress"]
            stamps.append(time.perf_counter())
    assert status["job_status"] == "done", status
    return posted_at, stamps


@contextmanager
def _bare_runtime(runtime: str, models: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """A runtime alone, in a process of its own; what is given paints a picture with it."""
    program = Path(__file__).with_name("bare_runtime.py")
    command = [sys.executable, program, runtime, models / runtime, str(SIDE), str(STEPS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def paint() -> dict[str, Any]:
            orders.write("paint\n")
            orders.flush()
            return json.loads(answers.readline())

        yield paint


def _cancels(server: ServerProcess, model: str, side: int, count: int) -> Iterator[Measurement]:
    server.wait_for_end(server.post_job(base_model=model, width=side, height=side, inf_steps=1))
    taken_ms: list[float] = []
    for _ in range(count):
        job = server.post_job(base_model=model, width=side, height=side, inf_steps=50)
        server.wait_for_progress(job)
        asked_at = time.perf_counter()
        server.cancel(job)
        server.wait_for_end(job)
        # The worker is free, too, as soon as another job has begun.
        following = server.post_job(base_model=model, width=side, height=side, inf_steps=50)
        server.wait_for_progress(following)
        taken_ms.append((time.perf_counter() - asked_at) * 1000)
        server.cancel(following)
        server.wait_for_end(following)
    yield Measurement(f"{model}: cancel to the next one's step, median", median(taken_ms), "ms")
    if count >= 100:
        p99 = quantiles(taken_ms, n=100)[98]
        yield Measurement(f"{model}: cancel to the next one's step, p99", p99, "ms")
