"""The queue's list: what stands where, what each row says, and what that costs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.services.estimates import Timing
from algovera_desktop.ui.models.queue_items import JobRow, QueueCounts, ServerRow
from algovera_desktop.ui.models.queue_model import QueueModel, QueueRole
from algovera_desktop.ui.models.queue_rows import SECTION_OF, Section
from algovera_desktop.ui.models.queue_selection import drop_target
from algovera_desktop.ui.models.queue_servers import QueueServers
from support.picture_world import make_job
from support.queue_world import ToldJobs, ToldMonitor, line_of, server_list

TWENTY_S = Timing(LOCAL_SERVER_ID, "sketch", 64, 48, 30, 20.0)


@dataclass
class World:
    jobs: ToldJobs
    monitor: ToldMonitor
    model: QueueModel

    def shown(self) -> list[str]:
        """Each row as a server's name in brackets, or the job's number and section."""
        rows = (self.model.row(row) for row in range(self.model.rowCount()))
        return [_short(row) for row in rows]

    def job_row(self, job: Job) -> JobRow:
        position = self.model.row_of(job.id)
        assert position is not None
        row = self.model.row(position)
        assert isinstance(row, JobRow)
        return row

    def header(self, server_id: str = LOCAL_SERVER_ID) -> ServerRow:
        position = self.model.row_of(server_id)
        assert position is not None
        row = self.model.row(position)
        assert isinstance(row, ServerRow)
        return row

    def says(self, job: Job) -> str:
        """What a screen reader says of a job."""
        index = self.model.index(self.model.row_of(job.id) or 0)
        return self.model.data(index, Qt.ItemDataRole.AccessibleTextRole)


def _short(row: JobRow | ServerRow) -> str:
    if isinstance(row, ServerRow):
        return f"[{row.name}]"
    return f"{row.job.request.seed} {SECTION_OF[row.job.state].name.lower()}"


@pytest.fixture
def world(tmp_path, qapp) -> Iterator[World]:
    with _world(tmp_path) as made:
        yield made


class _world:
    """A model over jobs that a test tells, watched by Qt's own judge of models."""

    def __init__(self, folder: Path, *, is_judged: bool = True) -> None:
        servers, self._settings = server_list(folder)
        jobs, monitor = ToldJobs([TWENTY_S]), ToldMonitor()
        self._facts = QueueServers(jobs, servers, monitor)  # type: ignore[arg-type]
        self.world = World(jobs, monitor, QueueModel(jobs, self._facts))  # type: ignore[arg-type]
        mode = QAbstractItemModelTester.FailureReportingMode.Warning
        if is_judged:
            self._judge = QAbstractItemModelTester(self.world.model, mode)

    def __enter__(self) -> World:
        return self.world

    def __exit__(self, *_what: object) -> None:
        self.world.model.set_watched(False)
        self._settings.close()


def record_of(job: Job) -> ImageRecord:
    return ImageRecord(
        path="none.png",
        sha256=job.id * 2,
        size_bytes=1,
        media_type="image/png",
        width=64,
        height=48,
        created_at=job.created_at,
        server_name="This computer",
        model_title="Sketch",
        job_id=job.id,
        request=job.request,
        id=job.request.seed + 1,
    )


def test_each_server_heads_its_jobs(world):
    world.jobs.add(*line_of(2), *line_of(1, server_id="studio", first=7))
    assert world.shown() == ["[This computer]", "0 line", "1 line", "[Studio]", "7 line"]


def test_jobs_stand_by_what_becomes_of_them(world):
    jobs = line_of(6)
    world.jobs.add(*jobs)
    world.jobs.become(JobState.FAILED, jobs[0])
    world.jobs.become(JobState.UNKNOWN, jobs[1])
    world.jobs.become(JobState.RUNNING, jobs[4])
    world.jobs.become(JobState.HELD, jobs[2])
    world.jobs.complete(jobs[5], record_of(jobs[5]))
    assert world.shown()[1:] == [
        "4 running",
        "2 line",
        "3 line",
        "1 unknown",
        "0 failed",
        "5 finished",
    ]
    assert world.header().counts == QueueCounts(1, 2, 1, 1, 1)


def test_an_older_snapshot_changes_nothing(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    world.jobs.become(JobState.RUNNING, job)
    world.jobs.jobs_changed.emit([job])
    assert world.shown()[1:] == ["0 running"]


def test_a_cancelled_job_stays_as_that_and_a_dismissed_one_goes(world):
    waiting, failed = line_of(2)
    world.jobs.add(waiting, failed)
    world.jobs.become(JobState.FAILED, failed)
    world.jobs.remove(waiting, failed)
    assert world.shown()[1:] == ["0 finished"]
    assert "Cancelled" in world.says(waiting)


def test_what_is_brought_back_stands_where_it_stood(world):
    jobs = line_of(3)
    world.jobs.add(*jobs)
    world.jobs.remove(jobs[1])
    world.jobs.become(JobState.WAITING, jobs[1])
    assert world.shown()[1:] == ["0 line", "1 line", "2 line"]


def test_finished_jobs_are_removed_and_come_back_in_their_order(world):
    jobs = line_of(4)
    world.jobs.add(*jobs)
    for job in jobs[:3]:
        world.jobs.complete(job, record_of(job))
    before = world.shown()
    assert before[1:] == ["3 line", "2 finished", "1 finished", "0 finished"]
    removed = world.model.remove_finished()
    assert world.shown()[1:] == ["3 line"]
    world.model.restore_finished(removed)
    assert world.shown() == before
    assert world.model.picture(jobs[0].id) == record_of(jobs[0])


def test_what_was_retried_meanwhile_does_not_come_back_twice(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    world.jobs.remove(job)
    removed = world.model.remove_finished()
    assert world.shown() == []
    world.jobs.become(JobState.WAITING, job)
    world.model.restore_finished(removed)
    assert world.shown() == ["[This computer]", "0 line"]


def test_a_server_without_jobs_has_no_header(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    world.jobs.complete(job, record_of(job))
    world.model.remove_finished()
    assert world.shown() == []


def test_reordered_jobs_take_their_new_places(world):
    jobs = line_of(40)
    world.jobs.add(*jobs)
    world.jobs.reorder(*jobs[30:], *jobs[:30])
    assert world.shown()[1:] == [f"{n} line" for n in (*range(30, 40), *range(30))]
    assert world.job_row(jobs[30]).number == 1
    assert world.job_row(jobs[0]).number == 11


def test_a_group_is_numbered_and_found_as_one(world):
    jobs = [make_job(n, group=3, server_id=LOCAL_SERVER_ID) for n in range(4)]
    world.jobs.add(*jobs, *line_of(1, first=9))
    assert [world.job_row(job).part for job in jobs] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert world.model.group_of(jobs[2].id) == [job.id for job in jobs]
    world.jobs.become(JobState.FAILED, jobs[0])
    world.jobs.remove(jobs[0])
    assert world.job_row(jobs[1]).part == (2, 4)


def test_one_row_that_moves_is_told_as_a_move(world):
    jobs = line_of(3)
    world.jobs.add(*jobs)
    moves, resets = QSignalSpy(world.model.rowsMoved), QSignalSpy(world.model.modelReset)
    world.jobs.become(JobState.RUNNING, jobs[2])
    assert (moves.count(), resets.count()) == (1, 0)
    assert world.shown()[1:] == ["2 running", "0 line", "1 line"]


STATES = st.sampled_from([state for state in JobState if state is not JobState.CANCELLED])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 12), st.sampled_from(["local", "studio"])),
        st.tuples(st.just("become"), st.sets(st.integers(0, 60), max_size=15), STATES),
        st.tuples(st.just("remove"), st.sets(st.integers(0, 60), max_size=15), st.none()),
        st.tuples(st.just("shuffle"), st.randoms(use_true_random=False), st.none()),
        st.tuples(st.just("clear"), st.none(), st.none()),
    ),
    max_size=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(steps=STEPS)
def test_whatever_happens_every_row_stands_where_it_belongs(tmp_path, qapp, steps):
    with _world(tmp_path) as world:
        for what, one, other in steps:
            known = list(world.jobs.known.values())
            if what == "add":
                world.jobs.add(*line_of(one, server_id=other, first=len(known)))
            elif what == "become":
                world.jobs.become(other, *(known[n] for n in one if n < len(known)))
            elif what == "remove":
                world.jobs.remove(*(known[n] for n in one if n < len(known)))
            elif what == "shuffle":
                one.shuffle(known)
                world.jobs.reorder(*known)
            else:
                world.model.remove_finished()
            _check_order(world)


def _check_order(world: World) -> None:
    """The list as anybody would sort it who had all the time in the world."""
    rows = [world.model.row(row) for row in range(world.model.rowCount())]
    for row, item in enumerate(rows):
        name = item.server_id if isinstance(item, ServerRow) else item.job.id
        assert world.model.row_of(name) == row
    expected: Counter[str] = Counter()
    for server_id in dict.fromkeys(row.server_id for row in rows if isinstance(row, ServerRow)):
        jobs = [r.job for r in rows if isinstance(r, JobRow) and r.job.server_id == server_id]
        expected[server_id] = len(jobs)
        sections = [SECTION_OF[job.state] for job in jobs]
        assert sections == sorted(sections)
        line = [job.position for job in jobs if SECTION_OF[job.state] is Section.LINE]
        assert line == sorted(line)
        assert world.header(server_id).counts.total == len(jobs) > 0
    assert expected.total() + len(expected) == len(rows)
    numbers = [row.number for row in rows if isinstance(row, JobRow) and row.number]
    assert all(number == 1 or numbers[i - 1] == number - 1 for i, number in enumerate(numbers))


# What a row says


def test_a_screen_reader_hears_prompt_state_place_and_time_left(world):
    jobs = line_of(3)
    world.jobs.add(*jobs)
    world.jobs.become(JobState.RUNNING, jobs[0])
    world.jobs.go_on(jobs[0], 0.5)
    world.model.set_watched(True)
    assert world.says(jobs[0]) == "a fox, number 0, Painting 50 %, about 10 s left"
    assert world.says(jobs[1]) == "a fox, number 1, Next in line, done in about 30 s"
    assert world.says(jobs[2]) == "a fox, number 2, Number 2 in line, done in about 50 s"
    header = world.model.data(world.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert header == "This computer, 1 running · 2 waiting · about 50 s"


def test_without_history_there_is_no_number(world):
    known, unknown = line_of(2)
    unknown = replace(unknown, request=replace(unknown.request, steps=31))
    world.jobs.add(known, unknown)
    world.model.set_watched(True)
    assert world.says(known).endswith("done in about 20 s")
    assert world.says(unknown) == "a fox, number 1, Number 2 in line"
    assert world.header().seconds_left is None


def test_a_paused_server_says_so_and_promises_no_time(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    world.model.set_watched(True)
    world.jobs.pause(LOCAL_SERVER_ID, True)
    assert world.says(job) == "a fox, number 0, Next in line, Paused"
    assert world.header().is_paused
    assert world.header().seconds_left is None


def test_a_held_server_holds_every_job_of_its_line_with_the_reason(world):
    jobs = line_of(2, server_id="studio")
    world.jobs.add(*jobs)
    world.jobs.set_hold("studio", FailureKind.PAYMENT)
    expected = "a fox, number 1, On hold, Number 2 in line, The account has no credits left"
    assert world.says(jobs[1]) == expected
    assert world.header("studio").can_try_again
    world.jobs.set_hold("studio", None)
    assert world.says(jobs[1]) == "a fox, number 1, Number 2 in line"


def test_a_server_that_is_away_holds_its_line_before_a_job_has_met_it(world):
    (job,) = line_of(1, server_id="studio")
    world.jobs.add(job)
    world.monitor.tell("studio", ServerState.UNREACHABLE)
    assert "On hold" in world.says(job)
    assert "No connection to the server" in world.says(job)


@pytest.mark.parametrize(
    ("server_id", "words"),
    [(LOCAL_SERVER_ID, "It may be painted already"), ("studio", "It may have been charged")],
)
def test_a_lost_answer_says_what_it_may_have_cost(world, server_id, words):
    (job,) = line_of(1, server_id=server_id)
    world.jobs.add(job)
    world.jobs.become(JobState.UNKNOWN, job)
    assert world.says(job) == f"a fox, number 0, Answer lost, {words}"


def test_a_failure_is_told_in_short_in_the_row_and_in_full_on_hovering(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    failure = JobFailure(FailureKind.ENGINE, "out of memory")
    world.jobs.become(JobState.FAILED, job, failure=failure)
    assert world.says(job).endswith("Failed, The server could not make this picture")
    tip = world.model.data(world.model.index(1), Qt.ItemDataRole.ToolTipRole)
    assert "out of memory" in tip


def test_a_job_that_is_open_in_the_form_says_so(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    edited = JobFailure(FailureKind.EDITED, "")
    world.jobs.become(JobState.HELD, job, failure=edited)
    assert "Being changed" in world.says(job)


def test_a_server_that_was_removed_is_named_as_that(world):
    world.jobs.add(*line_of(1, server_id="gone"))
    index = world.model.index(0)
    assert "removed" in world.model.data(index, Qt.ItemDataRole.AccessibleTextRole)


def test_every_state_and_reason_has_words(world):
    kinds = [None, *FailureKind]
    jobs = [
        replace(job, state=state, failure=JobFailure(kind, "") if kind else None)
        for number, (state, kind) in enumerate(product(JobState, kinds))
        for job in line_of(1, server_id="studio", first=number)
    ]
    world.jobs.add(*jobs)
    for job in jobs:
        assert world.says(job).removeprefix(f"{job.request.prompt}, ")


# Dragging


def targets(world: World, *jobs: Job) -> dict[int, str | None]:
    """For each edge between rows, before which number the dragged jobs would come to stand."""
    ids = [job.id for job in jobs]
    edges = range(world.model.rowCount() + 1)
    found = {edge: drop_target(world.model, ids, edge) for edge in edges}
    numbers = {job.id: f"{job.request.seed}" for job in world.jobs.known.values()}
    return {edge: numbers.get(to[1], "end") for edge, to in found.items() if to}


def test_jobs_land_before_the_next_one_that_is_not_dragged(world):
    jobs = line_of(4)
    world.jobs.add(*jobs)
    world.jobs.become(JobState.RUNNING, jobs[0])
    # Header 0, running 1, line 2 3 4.
    expected = {0: "1", 1: "1", 2: "1", 3: "3", 4: "3", 5: "end"}
    assert targets(world, jobs[2]) == expected
    assert targets(world, jobs[1], jobs[2]) == dict.fromkeys(range(5), "3") | {5: "end"}


def test_jobs_cannot_be_dropped_at_another_server(world):
    mine, others = line_of(2), line_of(2, server_id="studio", first=5)
    world.jobs.add(*mine, *others)
    assert set(targets(world, mine[0])) == {0, 1, 2, 3}
    assert set(targets(world, others[0])) == {3, 4, 5, 6}


# At size


def changes_told(model: QueueModel) -> Counter[str]:
    told: Counter[str] = Counter()
    for name in ("rowsInserted", "rowsRemoved", "rowsMoved", "modelReset", "dataChanged"):
        getattr(model, name).connect(lambda *_what, name=name: told.update([name]))
    return told


def test_ten_thousand_jobs_come_and_go_in_a_few_steps(tmp_path, qapp):
    with _world(tmp_path, is_judged=False) as world:
        told = changes_told(world.model)
        jobs = line_of(10_000)
        for first in range(0, 10_000, 1000):
            world.jobs.add(*jobs[first : first + 1000])
        assert told == {"rowsInserted": 10}
        world.jobs.remove(*jobs[2000:7000])
        world.jobs.reorder(*jobs[7000:], *jobs[:2000])
        assert told["modelReset"] == 2
        assert told.total() == 12
        assert world.job_row(jobs[1999]).number == 5000


def test_a_thousand_jobs_that_go_on_are_told_of_once(tmp_path, qapp, qtbot):
    with _world(tmp_path, is_judged=False) as world:
        jobs = line_of(1000)
        world.jobs.add(*jobs)
        world.jobs.become(JobState.RUNNING, *jobs)
        world.model.set_watched(True)
        told = changes_told(world.model)
        with qtbot.waitSignal(world.model.dataChanged) as blocker:
            for job in jobs:
                world.jobs.go_on(job, 0.25)
        assert told == {"dataChanged": 1}
        assert blocker.args[2] == [QueueRole.LIVE]


def test_what_nobody_looks_at_tells_of_no_progress(world):
    (job,) = line_of(1)
    world.jobs.add(job)
    world.jobs.become(JobState.RUNNING, job)
    told = changes_told(world.model)
    world.jobs.go_on(job, 0.5)
    QCoreApplication.processEvents()
    assert not told
    assert world.job_row(job).progress.progress == 0.5
