"""From SIGTERM to the end of every process, while the program is at work; held against two seconds.

A session that ends kills who is not gone by then. The painter is in the middle of a large picture,
one far server has taken a request and says nothing, another takes none.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from measurement import Measurement

from algovera_desktop.domain.generation import GenerationRequest
from support.prepared_data import (
    add_waiting,
    keyring_with,
    library_rows,
    write_settings,
)
from support.processes import marked_processes
from support.waiting import wait_until

ROUNDS = 5
GOAL_S = 2.0
_MARK = "ALGOVERA_BENCH_LOG_OUT"
_PATIENCE_S = 60.0


def measure() -> Iterator[Measurement]:
    """The median and the longest of some rounds, with the server as it is and as one that hangs."""
    for words, is_hanging in (("painting", False), ("painting, its server hangs", True)):
        took = [_round(is_hanging) for _ in range(ROUNDS)]
        yield Measurement(f"SIGTERM to the end, {words}", median(took), "s", GOAL_S)
        yield Measurement(f"the longest of {ROUNDS}, {words}", max(took), "s", GOAL_S)


def _round(is_hanging: bool) -> float:
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _prepare(data, stack.enter_context(_silent_servers()))
        process = stack.enter_context(_started(data))
        painting = "SELECT id FROM jobs WHERE state = 'running'"
        wait_until(
            lambda: (data / "library.sqlite3").exists() and library_rows(data, painting),
            lambda: "a picture under way",
            _PATIENCE_S,
        )
        if is_hanging:
            for one in _processes(data).keys() - {process.pid}:
                os.kill(one, signal.SIGSTOP)
        began_s = time.monotonic()
        process.terminate()
        process.wait(_PATIENCE_S)
        wait_until(lambda: not _processes(data), lambda: "the end of its children", _PATIENCE_S)
        return time.monotonic() - began_s


def _prepare(data: Path, ports: Sequence[int]) -> None:
    servers = [
        {
            "id": f"far-{port}",
            "name": f"Far {port}",
            "address": f"http://127.0.0.1:{port}",
            "allow_plain_http": True,
        }
        for port in ports
    ]
    write_settings(data, servers=servers)
    for server_id in ("local", *(server["id"] for server in servers)):
        requests = [
            GenerationRequest("a fox", "sketch", 1024, 1024, steps=50, seed=seed)
            for seed in range(20)
        ]
        add_waiting(data, str(server_id), requests)


@contextmanager
def _silent_servers() -> Iterator[tuple[int, int]]:
    """Two ports: one takes connections and never answers, the other takes none."""
    with socket.socket() as silent, socket.socket() as full, ExitStack() as stack:
        for listener, most in ((silent, 64), (full, 0)):
            listener.bind(("127.0.0.1", 0))
            listener.listen(most)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield silent.getsockname()[1], full.getsockname()[1]


@contextmanager
def _started(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        **keyring_with("0" * 64, data),
        "QT_QPA_PLATFORM": "offscreen",
        _MARK: str(data),
    }
    command = [sys.executable, "-m", "algovera_desktop", "--data-dir", str(data)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def _processes(data: Path) -> dict[int, str]:
    return marked_processes(_MARK, str(data))
