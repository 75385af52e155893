import threading

import pytest
from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.errors import EngineError, JobCancelledError
from algovera_desktop.ui import tasks as tasks_module
from algovera_desktop.ui.tasks import Pool, Task, Tasks


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    assert tasks.shut_down(5)
    QCoreApplication.processEvents()


def record(task: Task) -> list[tuple[str, object, bool]]:
    seen: list[tuple[str, object, bool]] = []
    main = threading.main_thread()

    def note(name, payload=None):
        seen.append((name, payload, threading.current_thread() is main))

    task.progressed.connect(lambda payload: note("progressed", payload))
    task.succeeded.connect(lambda result: note("succeeded", result))
    task.failed.connect(lambda error: note("failed", error))
    task.cancelled.connect(lambda: note("cancelled"))
    task.finished.connect(lambda: note("finished"))
    return seen


def test_success_reports_in_order_on_the_ui_thread(qtbot, tasks):
    def work(context):
        context.report(1)
        context.report(5_000_000_000)
        return threading.current_thread() is threading.main_thread()

    task = tasks.start(Pool.STORAGE, work)
    seen = record(task)
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen == [
        ("progressed", 1, True),
        ("progressed", 5_000_000_000, True),
        ("succeeded", False, True),
        ("finished", None, True),
    ]


def test_failure_carries_the_exception_and_then_finishes(qtbot, tasks):
    error = EngineError("no")

    def work(_context):
        raise error

    seen = record(tasks.start(Pool.NETWORK, work))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [("failed", error, True), ("finished", None, True)]


def test_a_cancelled_task_ends_as_cancelled_even_if_the_work_returned(qtbot, tasks):
    began, go_on = threading.Event(), threading.Event()

    def work(_context):
        began.set()
        go_on.wait(5)
        return "too late"

    task = tasks.start(Pool.NETWORK, work)
    seen = record(task)
    assert began.wait(5)
    task.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert [name for name, _, _ in seen] == ["cancelled", "finished"]


def test_waiting_work_stops_as_soon_as_it_is_cancelled(qtbot, tasks):
    task = tasks.start(Pool.NETWORK, lambda context: context.token.wait(3600))
    seen = record(task)
    task.cancel()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0][0] == "cancelled"


def test_a_job_cancelled_elsewhere_is_no_failure(qtbot, tasks):
    def work(_context):
        raise JobCancelledError

    seen = record(tasks.start(Pool.NETWORK, work))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0][0] == "cancelled"


def test_an_exception_outside_our_tree_is_told_as_a_bug(qtbot, tasks, caplog):
    def work(_context):
        raise ZeroDivisionError

    with qtbot.waitSignal(tasks.unexpected_failed) as told:
        tasks.start(Pool.STORAGE, work)
    assert isinstance(told.args[0], ZeroDivisionError)
    assert "failed unexpectedly" in caplog.text
    caplog.clear()


def test_finished_tasks_are_let_go(qtbot, tasks):
    for _ in range(50):
        tasks.start(Pool.STORAGE, lambda _context: None)
    qtbot.waitUntil(lambda: tasks.live_count == 0)


def test_nothing_runs_after_shut_down(qtbot, tasks):
    ran = []
    assert tasks.shut_down(5)
    seen = record(tasks.start(Pool.STORAGE, lambda _context: ran.append(1)))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0][0] == "cancelled"
    assert not ran


def test_shut_down_says_when_work_does_not_stop(tasks):
    began, go_on = threading.Event(), threading.Event()

    def work(_context):
        began.set()
        go_on.wait(5)

    tasks.start(Pool.STORAGE, work)
    assert began.wait(5)
    assert not tasks.shut_down(0.05)
    go_on.set()


def step_by_step(done: list[int]):
    def work(context):
        for step in range(3):
            context.token.wait(0.001)
            done.append(step)

    return work


def test_upkeep_pauses_while_somebody_needs_the_computer(qtbot, tasks, monkeypatch):
    monkeypatch.setattr(tasks_module, "_QUIET_AFTER_S", 3600)
    monkeypatch.setattr(tasks_module, "_SLICE_S", 0)
    monkeypatch.setattr(tasks_module, "_LONGEST_PAUSE_S", 3600)
    done: list[int] = []
    first = record(tasks.start(Pool.UPKEEP, step_by_step(done)))
    qtbot.waitUntil(lambda: len(first) == 2)
    assert done == [0, 1, 2]
    tasks.start(Pool.LOOKUP, lambda _context: None)
    paused = tasks.start(Pool.UPKEEP, step_by_step(done))
    seen = record(paused)
    qtbot.waitUntil(lambda: tasks.live_count == 1)
    paused.cancel()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] == ("cancelled", None, True)
    assert done == [0, 1, 2]


def test_upkeep_goes_on_by_and_by_where_it_is_never_quiet(qtbot, tasks, monkeypatch):
    monkeypatch.setattr(tasks_module, "_QUIET_AFTER_S", 3600)
    monkeypatch.setattr(tasks_module, "_SLICE_S", 0)
    monkeypatch.setattr(tasks_module, "_LONGEST_PAUSE_S", 0.01)
    tasks.start(Pool.STORAGE, lambda _context: None)
    done: list[int] = []
    seen = record(tasks.start(Pool.UPKEEP, step_by_step(done)))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] == ("succeeded", None, True)
    assert done == [0, 1, 2]


def test_what_the_user_did_is_written_before_the_end_and_what_follows_from_it_too(qtbot, tasks):
    written: list[str] = []

    def write(name: str):
        return tasks.start(Pool.STORAGE, lambda _context: written.append(name), is_deed=True)

    for _ in range(4):
        tasks.start(Pool.STORAGE, lambda context: context.token.wait(0.05), priority=1)
    write("one").succeeded.connect(lambda: write("two"))
    assert tasks.settle(20)
    assert written == ["one", "two"]


def test_a_deed_that_takes_too_long_is_not_waited_for(tasks):
    tasks.start(Pool.STORAGE, lambda context: context.token.wait(20), is_deed=True)
    assert not tasks.settle(0.05)


def test_with_nothing_to_write_the_end_waits_for_nothing(tasks):
    tasks.start(Pool.NETWORK, lambda context: context.token.wait(20))
    assert tasks.settle(20)
