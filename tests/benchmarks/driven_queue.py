"""The real program with a long queue, pressed by a script in its own process: one JSON line.

python driven_queue.py DATA_DIR start COUNT     until COUNT jobs of before are in the window
python driven_queue.py DATA_DIR enqueue COUNT   until COUNT pictures asked for are in the queue
python driven_queue.py DATA_DIR finish COUNT    until COUNT pictures have arrived
python driven_queue.py DATA_DIR watch SECONDS   whatever the queue does meanwhile
python driven_queue.py DATA_DIR handle COUNT    what a person does to many of COUNT waiting jobs

``longest_ms`` is the longest time between two firings of a 5 ms timer on the UI thread, and
``work_ms`` the most processor time that this thread took between two. With a number of
milliseconds in ALGOVERA_STALLS, what it did in each longer gap is told on standard error.
"""

from driven_program import STARTED_AT, GapTimer, PaintWatch, Program  # isort: skip

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bare_pipeline import request
from stalls import StallWatch

from algovera_desktop.ui.job_controller import JobController

_AFTERMATH_S = 1.0
"""What the window does with news may come after it has been told."""


@contextmanager
def longest_gap(figures: dict[str, float]) -> Iterator[None]:
    """Adds ``longest_ms`` and ``work_ms``."""
    limit_ms = os.environ.get("ALGOVERA_STALLS")
    timer = GapTimer()
    watch = StallWatch(float(limit_ms)) if limit_ms else None
    if watch is not None:
        timer.fired.connect(watch.beat)
        watch.start()
    yield
    if watch is not None:
        watch.end()
    figures["longest_ms"] = max(timer.gaps_ms)
    figures["work_ms"] = max(timer.works_ms)


def start(program: Program, count: int) -> dict[str, float]:
    """As a person meets it who presses Generate while what waited of old still arrives."""
    program.wait_for(lambda: program.application.shell is not None)
    figures: dict[str, float] = {}
    with longest_gap(figures):
        program.wait_until_ready()
        figures["ready_ms"] = _since_start_ms()
        jobs = _jobs(program)
        program.wait_for(lambda: len(jobs.jobs) >= count)
        figures["loaded_ms"] = _since_start_ms()
        _let_pass(program, _AFTERMATH_S)
    return figures


def enqueue(program: Program, count: int) -> dict[str, float]:
    """Generate is pressed for ``count`` pictures at once."""
    program.wait_until_ready()
    requests = [request(seed) for seed in range(count)]
    figures: dict[str, float] = {}
    jobs = _jobs(program)
    with longest_gap(figures):
        pressed_at = time.perf_counter()
        program.form.generate_requested.emit(requests)
        program.wait_for(lambda: len(jobs.jobs) >= count)
        figures["added_ms"] = (time.perf_counter() - pressed_at) * 1000
        _let_pass(program, _AFTERMATH_S)
    return figures


def finish(program: Program, count: int) -> dict[str, float]:
    """Generate is pressed for ``count`` pictures, and they come."""
    program.wait_until_ready()
    watch = PaintWatch(program.application)
    program.form.generate_requested.emit([request(seed) for seed in range(count)])
    program.wait_for(lambda: watch.completed >= count)
    return {"pictures": watch.completed}


def watch(program: Program, seconds: int) -> dict[str, float]:
    """The queue is open, and nothing is pressed."""
    program.wait_until_ready()
    figures: dict[str, float] = {}
    program.application.window.queue_action.trigger()
    _let_pass(program, _AFTERMATH_S)
    with longest_gap(figures):
        _let_pass(program, seconds)
    return figures


def handle(program: Program, count: int) -> dict[str, dict[str, float]]:
    """The queue is opened, scrolled, a tenth of its jobs is moved and cancelled, then all are."""
    program.wait_until_ready()
    jobs = _jobs(program).jobs
    program.wait_for(lambda: len(jobs) >= count)
    _let_pass(program, _AFTERMATH_S)
    workspace = program.application.workspace
    assert workspace is not None
    line = sorted(jobs.values(), key=lambda job: job.position)
    chosen = [job.id for job in line[::-10]]
    first, last = line[0].id, chosen[0]
    bar = workspace.queue.panel.view.verticalScrollBar()
    undo = workspace.history.undo_action.trigger

    def is_first() -> bool:
        return jobs[last].position < jobs[first].position

    def are_gone() -> bool:
        return len(jobs) == count - len(chosen)

    deeds: dict[str, tuple[Callable[[], object], Callable[[], bool]]] = {
        "open": (program.application.window.queue_action.trigger, lambda: True),
        "scroll": (partial(bar.setValue, bar.maximum() // 2), lambda: True),
        "move": (partial(workspace.actions.move_to_front, chosen), is_first),
        "undo_move": (undo, lambda: not is_first()),
        "cancel": (partial(workspace.actions.cancel, chosen), are_gone),
        "undo_cancel": (undo, lambda: len(jobs) == count),
        "cancel_all": (partial(workspace.actions.cancel, list(jobs)), lambda: not jobs),
        "undo_cancel_all": (undo, lambda: len(jobs) == count),
    }
    return {name: _did(program, *deed) for name, deed in deeds.items()}


def _did(
    program: Program, act: Callable[[], object], has_happened: Callable[[], bool]
) -> dict[str, float]:
    figures: dict[str, float] = {}
    with longest_gap(figures):
        begun_at = time.perf_counter()
        act()
        program.wait_for(has_happened)
        figures["done_ms"] = (time.perf_counter() - begun_at) * 1000
        _let_pass(program, _AFTERMATH_S)
    return figures


def _jobs(program: Program) -> JobController:
    assert program.application.workspace is not None
    return program.application.workspace.jobs


def _let_pass(program: Program, seconds: float) -> None:
    until = time.perf_counter() + seconds
    program.wait_for(lambda: time.perf_counter() > until)


def _since_start_ms() -> float:
    return (time.perf_counter() - STARTED_AT) * 1000


if __name__ == "__main__":
    driven = Program(Path(sys.argv[1]))
    chosen = {
        "start": start,
        "enqueue": enqueue,
        "finish": finish,
        "watch": watch,
        "handle": handle,
    }[sys.argv[2]]
    found = chosen(driven, int(sys.argv[3]))
    driven.close()
    print(json.dumps(found), flush=True)
