"""The queue under any sequence of users' and workers' steps, and crashes between them.

The model is plain Python: what is expected of each job, and the line as a list. After each step
the database says the same, and so does whoever keeps the jobs that the calls have returned.
"""

import io
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from PIL import Image

from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery, NewImage
from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    END_STATES,
    LINE_STATES,
    TRANSITIONS,
    FailureKind,
    Job,
    JobFailure,
    JobState,
)
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import IllegalTransitionError, JobQueue
from algovera_desktop.services.recovery import PictureRecovery
from support.expected_job import ExpectedJob, facts_of

WAITING, HELD, SUBMITTING, RUNNING, FETCHING = (
    JobState.WAITING,
    JobState.HELD,
    JobState.SUBMITTING,
    JobState.RUNNING,
    JobState.FETCHING,
)
DONE, FAILED, CANCELLED, UNKNOWN = (
    JobState.DONE,
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.UNKNOWN,
)
STEPS = {
    "accepted": ({SUBMITTING}, RUNNING),
    "fetching": ({RUNNING}, FETCHING),
    "completed": ({FETCHING}, DONE),
    "failed": (ACTIVE_STATES, FAILED),
    "uncertain": ({SUBMITTING}, UNKNOWN),
    "put_back": ({SUBMITTING}, WAITING),
    "held": ({SUBMITTING}, HELD),
}
OVER = (FailureKind.ENGINE, FailureKind.FORGOTTEN)
SERVERS = st.sampled_from(("local", "elsewhere"))
NUMBER = st.integers(0, 1000)
SOME = st.lists(NUMBER, min_size=1, max_size=4)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = picture()


class QueueWorld(RuleBasedStateMachine):
    """A queue and its files, and what is expected of them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.expected: dict[str, ExpectedJob] = {}
        self.order: list[str] = []
        self.posts = 0
        self.open()

    def open(self) -> None:
        self.database = Database(self.folder / "library.sqlite3")
        self.library = Library(self.database)
        self.files = PictureFiles(self.folder / "pictures")
        self.queue = JobQueue(self.database, self.library)
        self.known: dict[str, Job] = {}
        self.undo_stack: list[tuple[list[str], list[Job] | dict[str, int]]] = []
        self.retried: list[list[Job]] = []
        self.edits: list[tuple[Job, Job]] = []
        self.posting: set[str] = set()

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def take(self, jobs: Iterable[Job | None]) -> None:
        """What a call returned, as a mirror of the queue takes it."""
        for job in jobs:
            if job is None:
                continue
            old = self.known.get(job.id)
            assert old is None or job.revision > old.revision
            assert old is None or job.state is old.state or job.state in TRANSITIONS[old.state]
            self.known[job.id] = job

    def pick(self, number: int) -> str:
        return list(self.expected)[number % len(self.expected)]

    def pick_some(self, numbers: Sequence[int]) -> list[str]:
        return list({self.pick(number): None for number in numbers})

    def in_line(self, states: Iterable[JobState]) -> list[str]:
        return [one for one in self.order if self.expected[one].state in states]

    def still_open(self) -> list[str]:
        return self.in_line(set(JobState) - END_STATES)


class Users(QueueWorld):
    """What the user does."""

    @rule(server_id=SERVERS, count=st.integers(1, 3))
    def add(self, server_id: str, count: int) -> None:
        added = self.queue.add(server_id, [GenerationRequest("a fox", "sketch")] * count)
        self.take(added)
        for job in added:
            self.expected[job.id] = ExpectedJob(server_id)
            self.order.append(job.id)

    @precondition(lambda self: self.expected)
    @rule(numbers=SOME)
    def cancel(self, numbers: list[int]) -> None:
        ids = self.pick_some(numbers)
        before = [self.known[one] for one in ids if self.expected[one].state not in END_STATES]
        order = self.still_open()
        cancelled = self.queue.cancel(ids)
        self.take(cancelled)
        assert {job.id for job in cancelled} == {job.id for job in before}
        for job in before:
            self.expected[job.id].state = CANCELLED
            self.expected[job.id].kind = None
        if before:
            self.undo_stack.append((order, before))

    @precondition(lambda self: self.undo_stack)
    @rule()
    def undo(self) -> None:
        order, what = self.undo_stack.pop()
        if isinstance(what, dict):
            self.take(self.queue.reposition(what))
        else:
            back = self.queue.restore(what)
            self.take(back)
            assert {job.id for job in back} == {job.id for job in what}
            for job in what:
                self.bring_back(job)
        found = [job.id for job in self.queue.open_jobs()]
        old = [one for one in order if self.expected[one].state not in END_STATES]
        assert [one for one in found if one in set(order)] == old
        # Where what came in between stands is nobody's promise.
        self.order = [*found, *(one for one in self.order if one not in set(found))]

    def bring_back(self, before: Job) -> None:
        job = self.expected[before.id]
        if before.state in (FAILED, UNKNOWN):
            job.state = before.state
            job.kind = before.failure.kind if before.failure else None
        elif before.state in LINE_STATES:
            job.state = WAITING
        else:
            job.state, job.remote_id, job.ref = WAITING, None, None
            job.allowed += 1

    @precondition(lambda self: self.expected)
    @rule(numbers=SOME)
    def retry(self, numbers: list[int]) -> None:
        ids = self.pick_some(numbers)
        again = [one for one in ids if self.expected[one].state in (FAILED, UNKNOWN)]
        self.retried.append([self.known[one] for one in again])
        retried = self.queue.retry(ids)
        self.take(retried)
        assert {job.id for job in retried} == set(again)
        for job in map(self.expected.__getitem__, again):
            if job.kind in OVER:
                job.state, job.remote_id, job.ref = WAITING, None, None
                job.allowed += 1
            elif job.remote_id is not None:
                job.state = RUNNING
            else:
                job.state = WAITING
                job.allowed += 1
            job.kind = None

    @precondition(lambda self: self.retried)
    @rule()
    def give_up(self) -> None:
        """Undo of a retry; since then anything may have happened to the jobs."""
        before = self.retried.pop()
        expected = [one for one in before if self.is_free(one.id)]
        given_up = self.queue.give_up(before)
        self.take(given_up)
        assert {job.id for job in given_up} == {job.id for job in expected}
        for was in expected:
            job = self.expected[was.id]
            job.state, job.kind = was.state, was.failure.kind if was.failure else None
            job.ref = job.ref if job.ref == was.client_ref else None
            job.allowed -= 1

    def is_free(self, job_id: str) -> bool:
        job = self.expected[job_id]
        return job.state in LINE_STATES and job.kind is not FailureKind.EDITED

    @precondition(lambda self: self.edits)
    @rule(number=NUMBER, forth=st.booleans())
    def revise(self, number: int, forth: bool) -> None:
        """Undo of a change, or its redo, in any order."""
        like = self.edits[number % len(self.edits)][forth]
        job = self.expected[like.id]
        is_free = self.is_free(like.id) and job.file is None
        if job.file is None:
            revised = self.queue.revise(like)
            self.take([revised])
            assert (revised is not None) is is_free
        if is_free:
            assert self.known[like.id].request == like.request
            job.ref = like.client_ref
            # What was sent stays sent; what is asked for now may be one more.
            job.allowed = max(job.allowed, len(job.wishes | {job.ref or "a new one"}))

    @precondition(lambda self: self.expected)
    @rule(numbers=SOME)
    def duplicate(self, numbers: list[int]) -> None:
        ids = set(self.pick_some(numbers))
        copies = self.queue.duplicate(sorted(ids))
        self.take(copies)
        assert len(copies) == len(ids)
        behind = [one for one in self.in_line(LINE_STATES) if one in ids]
        for copy in copies:
            self.expected[copy.id] = ExpectedJob(copy.server_id)
        at = self.order.index(behind[-1]) + 1 if behind else len(self.order)
        self.order[at:at] = [copy.id for copy in copies]

    @precondition(lambda self: self.expected)
    @rule(numbers=SOME, before=st.none() | NUMBER)
    def move(self, numbers: list[int], before: int | None) -> None:
        order = self.still_open()
        ids = self.pick_some(numbers)
        chosen = [one for one in self.in_line(LINE_STATES) if one in ids]
        mark = order[before % len(order)] if before is not None and order else None
        at = order.index(mark) if mark else len(order)
        ahead = [one for one in order[:at] if one not in chosen]
        behind = [one for one in order[at:] if one not in chosen]
        old = {job.id: job.position for job in self.known.values()}
        changed = self.queue.move(ids, mark)
        self.take(changed)
        self.undo_stack.append((order, {job.id: old[job.id] for job in changed}))
        self.order = [*ahead, *chosen, *behind, *self.in_line(END_STATES)]

    @precondition(lambda self: self.expected)
    @rule(number=NUMBER)
    def begin_edit(self, number: int) -> None:
        job_id = self.pick(number)
        job = self.expected[job_id]
        held = self.queue.begin_edit(job_id)
        self.take([held])
        assert (held is not None) is (job.state in LINE_STATES)
        if held is not None:
            job.state, job.kind = HELD, FailureKind.EDITED

    @precondition(lambda self: self.expected)
    @rule(number=NUMBER, is_changed=st.booleans())
    def end_edit(self, number: int, is_changed: bool) -> None:
        job_id = self.pick(number)
        job = self.expected[job_id]
        is_edited = (job.state, job.kind) == (HELD, FailureKind.EDITED)
        # The worker that stored a file for a job that was cancelled has taken it away by now.
        is_changed = is_changed and job.file is None
        before = self.known[job_id]
        request = replace(before.request, seed=before.request.seed + 1)
        saved = self.queue.end_edit(job_id, request if is_changed else None)
        self.take([saved])
        assert (saved is not None) is is_edited
        if saved is None:
            return
        job.state, job.kind = WAITING, None
        assert saved.request == (request if is_changed else saved.request)
        if is_changed:
            self.edits.append((before, saved))
        if is_changed and job.ref is not None:
            job.allowed += job.ref in job.wishes
            job.ref = None

    @rule(server_id=SERVERS)
    def release(self, server_id: str) -> None:
        expected = [
            one
            for one in self.in_line({HELD})
            if self.expected[one].server_id == server_id
            and self.expected[one].kind is not FailureKind.EDITED
        ]
        released = self.queue.release(server_id)
        self.take(released)
        assert [job.id for job in released] == expected
        self.let_wait(expected)

    def let_wait(self, ids: Iterable[str]) -> None:
        for one in ids:
            self.expected[one].state, self.expected[one].kind = WAITING, None


class Workers(QueueWorld):
    """What workers do."""

    @rule(server_id=SERVERS, with_ref=st.booleans())
    def claim(self, server_id: str, with_ref: bool) -> None:
        claimed = self.queue.claim(server_id, with_ref=with_ref)
        self.take([claimed])
        waiting = [
            one
            for one in self.in_line({WAITING})
            if self.expected[one].server_id == server_id and one not in self.posting
        ]
        assert (claimed and claimed.id) == (waiting[0] if waiting else None)
        if claimed is None:
            return
        job = self.expected[claimed.id]
        assert (claimed.client_ref is not None) is with_ref
        assert job.ref is None or not with_ref or claimed.client_ref == job.ref
        job.state, job.ref = SUBMITTING, claimed.client_ref
        self.post(claimed.id)

    @precondition(lambda self: self.expected)
    @rule(number=NUMBER)
    def settle(self, number: int) -> None:
        job_id = self.pick(number)
        job = self.expected[job_id]
        settled = self.queue.settle(job_id)
        self.take([settled])
        assert (settled is not None) is (job.state is UNKNOWN and job.ref is not None)
        if settled is not None:
            job.state, job.kind = SUBMITTING, None
            self.post(job_id)

    def post(self, job_id: str) -> None:
        self.posts += 1
        job = self.expected[job_id]
        job.wishes.add(job.ref or f"post {self.posts}")
        self.posting.add(job_id)

    @precondition(lambda self: self.in_line(ACTIVE_STATES))
    @rule(number=NUMBER, way=NUMBER, kind=st.sampled_from(FailureKind))
    def go_on(self, number: int, way: int, kind: FailureKind) -> None:
        """A step that the table has, so that jobs get far."""
        active = self.in_line(ACTIVE_STATES)
        job_id = active[number % len(active)]
        names = [name for name, step in STEPS.items() if self.expected[job_id].state in step[0]]
        self.work(list(self.expected).index(job_id), names[way % len(names)], kind)

    @precondition(lambda self: self.expected)
    @rule(number=NUMBER, name=st.sampled_from(sorted(STEPS)), kind=st.sampled_from(FailureKind))
    def work(self, number: int, name: str, kind: FailureKind) -> None:
        job_id = self.pick(number)
        job = self.expected[job_id]
        origins, target = STEPS[name]
        if kind is FailureKind.EDITED:  # No worker says that.
            kind = FailureKind.INTERNAL
        if job.state is CANCELLED or job.state in LINE_STATES:
            with pytest.raises(JobCancelledError):
                self.take_step(job_id, name, kind)
        elif job.state not in origins:
            with pytest.raises(IllegalTransitionError):
                self.take_step(job_id, name, kind)
        else:
            self.take_step(job_id, name, kind)
            self.note_step(job_id, job, target, kind)
        if name != "completed":
            self.posting.discard(job_id)

    def note_step(self, job_id: str, job: ExpectedJob, target: JobState, kind: FailureKind) -> None:
        if target is RUNNING:
            job.remote_id = f"remote {job_id}"
        if job.state is SUBMITTING and target in (WAITING, HELD):
            # This POST was certainly not taken; an earlier one under its name may have been.
            job.wishes &= job.past
        else:
            job.past |= job.wishes
        job.kind = kind if target in (FAILED, HELD) else None
        job.state = target

    def take_step(self, job_id: str, name: str, kind: FailureKind) -> None:
        failure = JobFailure(kind, "words")
        if name == "accepted":
            self.take([self.queue.accepted(job_id, f"remote {job_id}")])
        elif name == "failed":
            self.take([self.queue.failed(job_id, failure)])
        elif name == "held":
            self.take([self.queue.held(job_id, failure)])
        elif name == "fetching":
            self.take([self.queue.fetching(job_id, self.files.stem(self.known[job_id]))])
        elif name == "completed":
            self.complete(job_id)
        elif name == "uncertain":
            self.take([self.queue.uncertain(job_id)])
        else:
            self.take([self.queue.put_back(job_id)])

    def complete(self, job_id: str) -> None:
        job = self.known[job_id]
        path = f"{self.files.stem(job)}.png"
        sizes = (1, "image/png", 8, 8)
        now = datetime.now(UTC)
        image = NewImage(path, "0" * 64, *sizes, now, "here", "Sketch", job_id, job.request)
        if self.expected[job_id].state is FETCHING:
            self.store(job_id)
        done, record = self.queue.completed(job_id, image)
        self.take([done])
        assert self.library.for_job(job_id) == record

    @precondition(lambda self: self.in_line({FETCHING}))
    @rule(number=NUMBER)
    def store_without_a_record(self, number: int) -> None:
        fetching = self.in_line({FETCHING})
        self.store(fetching[number % len(fetching)])

    def store(self, job_id: str) -> None:
        self.expected[job_id].file = self.files.save(PICTURE, "image/png", self.known[job_id])


class QueueMachine(Users, Workers):
    """All of it, and what nobody wants; whatever comes, the queue is as expected."""

    @rule()
    def crash_and_start_again(self) -> None:
        self.database.close()
        self.open()
        PictureRecovery(self.database, self.library, self.files, lambda _id: "here").run()
        self.queue.recover()
        for job in self.expected.values():
            if job.file is not None and job.state is CANCELLED:
                job.file = None
            elif job.file is not None:
                job.state, job.kind = DONE, None
            elif job.state is SUBMITTING:
                job.state = UNKNOWN
                job.past |= job.wishes
            elif job.state is HELD and job.kind is not FailureKind.EDITED:
                job.state, job.kind = WAITING, None
        found = [self.queue.get(one) for one in self.expected]
        self.known = {job.id: job for job in found if job is not None}
        self.no_file_is_without_its_record()

    def no_file_is_without_its_record(self) -> None:
        records = {
            self.files.absolute(image.path)
            for image in self.library.page(LibraryQuery(), limit=999)
        }
        assert {path for path in self.folder.glob("pictures/2*/*") if path.is_file()} == records

    @invariant()
    def the_database_agrees(self) -> None:
        found = self.queue.open_jobs()
        assert [job.id for job in found] == self.still_open()
        assert [facts_of(job) for job in found] == [
            self.expected[one].facts() for one in self.still_open()
        ]

    @invariant()
    def no_two_stand_in_the_same_place(self) -> None:
        positions = [job.position for job in self.queue.open_jobs()]
        assert len(positions) == len(set(positions))

    @invariant()
    def whoever_keeps_what_the_calls_return_knows_the_queue(self) -> None:
        still_open = [job for job in self.known.values() if job.state not in END_STATES]
        assert sorted(still_open, key=lambda job: (job.position, job.id)) == self.queue.open_jobs()

    @invariant()
    def exactly_the_done_jobs_have_a_picture(self) -> None:
        done = [one for one, job in self.expected.items() if job.state is DONE]
        pictures = self.library.page(LibraryQuery(), limit=999)
        assert sorted(image.job_id for image in pictures) == sorted(done)
        assert all(self.files.absolute(image.path).is_file() for image in pictures)

    @invariant()
    def nothing_is_charged_more_often_than_the_user_asked(self) -> None:
        assert all(len(job.wishes) <= job.allowed for job in self.expected.values())


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=25, stateful_step_count=50)
