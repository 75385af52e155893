"""Places in line, after any sequence of moves, and back again."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue

FOX = GenerationRequest("a fox", "sketch")


def line(queue: JobQueue) -> list[str]:
    return [job.id for job in queue.open_jobs()]


def numbered(queue: JobQueue, count: int) -> list[Job]:
    return queue.add("local", [replace(FOX, seed=seed) for seed in range(count)])


def test_jobs_are_moved_before_another_in_their_present_order(queue: JobQueue) -> None:
    a, b, c, d, e = (job.id for job in numbered(queue, 5))
    moved = queue.move([e, c], b)
    assert line(queue) == [a, c, e, b, d]
    assert {job.id for job in moved} == {c, e}
    queue.move([c], a)
    assert line(queue) == [c, a, e, b, d]
    queue.move([c, e], None)
    assert line(queue) == [a, b, d, c, e]


def test_who_comes_back_to_a_place_that_another_has_stands_right_in_front_of_it(
    queue: JobQueue,
) -> None:
    for _ in range(8):  # By chance it was right now and then.
        a, b, c = numbered(queue, 3)
        queue.cancel([b.id])
        (copy,) = queue.duplicate([a.id])
        queue.restore([b])
        queue.move([c.id], a.id)
        (second,) = queue.duplicate([a.id])
        queue.reposition({c.id: c.position})
        expected = [one.id for one in (a, second, b, copy, c)]
        assert line(queue) == expected
        assert len({job.position for job in queue.open_jobs()}) == 5
        (last,) = queue.duplicate([b.id])
        assert line(queue).index(last.id) == expected.index(b.id) + 1
        queue.cancel(line(queue))


def test_jobs_that_are_moved_to_one_of_them_gather_there(queue: JobQueue) -> None:
    a, b, c, d = (job.id for job in numbered(queue, 4))
    queue.move([a, c, d], c)
    assert line(queue) == [b, a, c, d]


def test_the_line_is_one_for_all_servers_and_claimed_in_its_order(queue: JobQueue) -> None:
    here, there = queue.add("local", [FOX] * 2), queue.add("elsewhere", [FOX] * 2)
    queue.move([there[1].id], here[0].id)
    queue.move([here[1].id], there[1].id)
    claims = [queue.claim("local"), queue.claim("elsewhere")]
    assert [job and job.id for job in claims] == [here[1].id, there[1].id]


def test_only_what_stands_in_line_is_moved_and_may_go_past_what_does_not(queue: JobQueue) -> None:
    a, b, c = (job.id for job in numbered(queue, 3))
    queue.claim("local")
    queue.begin_edit(c)
    moved = queue.move([a, b, c], None)
    assert [job.id for job in moved] == [b, c]
    queue.move([c], a)
    assert line(queue) == [c, a, b]


def test_a_place_is_known_by_a_job_that_has_ended_meanwhile(queue: JobQueue) -> None:
    a, b, c, d = (job.id for job in numbered(queue, 4))
    queue.cancel([b])
    queue.move([d], b)
    assert line(queue) == [a, d, c]
    queue.cancel([c])
    queue.move([a], c)
    assert line(queue) == [d, a]


def test_a_gap_that_runs_out_makes_room_and_tells_who_moved_up(queue: JobQueue) -> None:
    jobs = numbered(queue, 50)
    ids = [job.id for job in jobs]
    known = {job.id: job for job in jobs}
    largest = 0
    for mover in ids[2:]:
        changed = queue.move([mover], ids[1])
        largest = max(largest, len(changed))
        known.update((job.id, job) for job in changed)
        assert sorted(known.values(), key=lambda job: (job.position, job.id)) == queue.open_jobs()
    assert line(queue) == [ids[0], *ids[2:], ids[1]]
    assert largest > 1


def test_copies_stand_behind_the_last_original_as_one_new_group(queue: JobQueue) -> None:
    a, b, c, d = numbered(queue, 4)
    copies = queue.duplicate([c.id, a.id])
    assert line(queue) == [a.id, b.id, c.id, *(copy.id for copy in copies), d.id]
    assert [copy.request for copy in copies] == [a.request, c.request]
    assert len({copy.group_id for copy in copies} | {a.group_id}) == 2
    assert all(job == queue.get(job.id) for job in copies)


def test_copies_of_what_does_not_stand_in_line_go_to_its_end(queue: JobQueue) -> None:
    a, b = numbered(queue, 2)
    queue.claim("local")
    (copy,) = queue.duplicate([a.id])
    assert line(queue) == [a.id, b.id, copy.id]
    queue.cancel([a.id])
    (another,) = queue.duplicate([a.id])
    assert line(queue) == [b.id, copy.id, another.id]


def test_copies_never_change_another_jobs_place(queue: JobQueue) -> None:
    a, b = numbered(queue, 2)
    for _ in range(40):
        queue.duplicate([a.id])
    assert [queue.get(a.id), queue.get(b.id)] == [a, b]
    jobs = queue.open_jobs()
    assert all(one.position < other.position for one, other in pairwise(jobs))
    assert jobs[0] == a


def test_cancelled_jobs_come_back_at_their_old_place(queue: JobQueue) -> None:
    jobs = numbered(queue, 5)
    before = line(queue)
    queue.cancel([jobs[4].id, jobs[1].id])
    queue.add("local", [FOX])
    back = queue.restore([jobs[1], jobs[4]])
    assert [job.id for job in back] == [jobs[1].id, jobs[4].id]
    assert [job_id for job_id in line(queue) if job_id in before] == before


@contextmanager
def fresh_queue() -> Iterator[JobQueue]:
    folder = Path(tempfile.mkdtemp())
    database = Database(folder / "library.sqlite3")
    try:
        yield JobQueue(database, Library(database))
    finally:
        database.close()
        shutil.rmtree(folder)


def moved_in_list(order: list[str], chosen: set[str], before: str | None) -> list[str]:
    """What a person means by putting some before another one."""
    stay = [one for one in order if one not in chosen]
    at = len(stay)
    if before is not None:
        behind = order[order.index(before) :]
        at = next((stay.index(one) for one in behind if one not in chosen), len(stay))
    return [*stay[:at], *(one for one in order if one in chosen), *stay[at:]]


SOME = st.sets(st.integers(0, 30), min_size=1, max_size=6)
STEP = st.one_of(
    st.tuples(st.just("move"), SOME, st.one_of(st.none(), st.integers(0, 30))),
    # The same place time and again, until its gap has run out.
    st.tuples(st.just("squeeze"), st.integers(0, 30), st.integers(1, 40)),
    st.tuples(st.just("add"), st.integers(1, 3)),
    st.tuples(st.just("undo")),
)


class Line:
    """The queue beside a plain list; each step is done to both."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.known = {job.id: job for job in numbered(queue, 6)}
        self.order = list(self.known)
        self.undo_stack: list[tuple[list[str], dict[str, int]]] = []

    def move(self, chosen: set[int], before: int | None) -> None:
        ids = {self.order[number % len(self.order)] for number in chosen}
        mark = None if before is None else self.order[before % len(self.order)]
        expected = moved_in_list(self.order, ids, mark)
        changed = self.queue.move(sorted(ids), mark)
        positions = {job.id: self.known[job.id].position for job in changed}
        self.undo_stack.append((self.order, positions))
        self.take(changed)
        self.order = expected

    def squeeze(self, at: int, times: int) -> None:
        for _ in range(times):
            self.move({len(self.order) - 1}, at)

    def add(self, count: int) -> None:
        added = numbered(self.queue, count)
        self.take(added)
        self.order = [*self.order, *(job.id for job in added)]

    def undo(self) -> None:
        if not self.undo_stack:
            return
        before, positions = self.undo_stack.pop()
        self.take(self.queue.reposition(positions))
        # What came later stays behind all that was there before.
        self.order = [*before, *(one for one in self.order if one not in before)]

    def take(self, jobs: list[Job]) -> None:
        self.known.update((job.id, job) for job in jobs)

    def check(self) -> None:
        found = self.queue.open_jobs()
        assert [job.id for job in found] == self.order
        # Whoever keeps the jobs that the calls return has the same line.
        assert sorted(self.known.values(), key=lambda job: (job.position, job.id)) == found


@settings(max_examples=20)
@given(steps=st.lists(STEP, max_size=12))
def test_the_line_is_like_a_list_and_undo_leads_back(steps: list[tuple[object, ...]]) -> None:
    with fresh_queue() as queue:
        line = Line(queue)
        for name, *values in steps:
            getattr(line, str(name))(*values)
            line.check()
        while line.undo_stack:
            line.undo()
            line.check()
