"""The queue under any sequence of users' and workers' steps, and crashes between them.

The model is a few lines of plain Python; after each step the database says the same.
"""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery, NewImage
from algovera_desktop.domain.jobs import END_STATES, FailureKind, Job, JobFailure, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import IllegalTransitionError, JobQueue

WAITING, SUBMITTING, RUNNING, FETCHING = (
    JobState.WAITING,
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
    "failed": ({SUBMITTING, RUNNING, FETCHING}, FAILED),
    "uncertain": ({SUBMITTING}, UNKNOWN),
    "put_back": ({SUBMITTING}, WAITING),
}
SERVERS = ("local", "elsewhere")


@dataclass
class Expected:
    """What the model knows of a job. ``posts`` counts claims that were not put back."""

    server_id: str
    state: JobState = WAITING
    remote_id: str | None = None
    kind: FailureKind | None = None
    posts: int = 0
    posts_allowed: int = 1


def image_of(job: Job) -> NewImage:
    now = datetime.now(UTC)
    sizes = (1, "image/png", 512, 512)
    return NewImage(job.id, "0" * 64, *sizes, now, "server", "model", job.id, job.request)


class QueueMachine(RuleBasedStateMachine):
    jobs: Bundle[str] = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.expected: dict[str, Expected] = {}
        self.open()

    def open(self) -> None:
        self.database = Database(self.folder / "library.sqlite3")
        self.library = Library(self.database)
        self.queue = JobQueue(self.database, self.library)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(target=jobs, server_id=st.sampled_from(SERVERS), count=st.integers(1, 3))
    def add(self, server_id: str, count: int) -> object:
        added = self.queue.add(server_id, [GenerationRequest("a fox", "sketch")] * count)
        for job in added:
            self.expected[job.id] = Expected(server_id)
        return multiple(*(job.id for job in added))

    @rule(server_id=st.sampled_from(SERVERS))
    def claim(self, server_id: str) -> None:
        claimed = self.queue.claim(server_id)
        waiting = [
            job_id
            for job_id, job in self.expected.items()
            if (job.server_id, job.state) == (server_id, WAITING)
        ]
        assert (claimed and claimed.id) == (waiting[0] if waiting else None)
        if claimed is not None:
            job = self.expected[claimed.id]
            job.state = SUBMITTING
            job.posts += 1

    @rule(job_id=jobs, name=st.sampled_from(sorted(STEPS)), kind=st.sampled_from(FailureKind))
    def work(self, job_id: str, name: str, kind: FailureKind) -> None:
        job = self.expected[job_id]
        origins, target = STEPS[name]
        if job.state is CANCELLED or job.state not in origins:
            error = JobCancelledError if job.state is CANCELLED else IllegalTransitionError
            with pytest.raises(error):
                self.take_step(job_id, name, kind)
            return
        self.take_step(job_id, name, kind)
        job.state = target
        if target is RUNNING:
            job.remote_id = f"remote {job_id}"
        if target is FAILED:
            job.kind = kind
        if target is WAITING:
            job.posts -= 1

    def take_step(self, job_id: str, name: str, kind: FailureKind) -> None:
        step = getattr(self.queue, name)
        if name == "accepted":
            step(job_id, f"remote {job_id}")
        elif name == "failed":
            step(job_id, JobFailure(kind, "words"))
        elif name == "completed":
            job = self.queue.get(job_id)
            assert job is not None
            step(job_id, image_of(job))
        else:
            step(job_id)

    @rule(job_id=jobs)
    def cancel(self, job_id: str) -> None:
        job = self.expected[job_id]
        if job.state is not DONE:
            job.state = CANCELLED
        assert self.queue.cancel(job_id).state is job.state

    @rule(job_id=jobs)
    def retry(self, job_id: str) -> None:
        job = self.expected[job_id]
        if job.state in (FAILED, UNKNOWN):
            is_over = job.state is FAILED and job.kind in (
                FailureKind.ENGINE,
                FailureKind.FORGOTTEN,
            )
            if job.remote_id is not None and not is_over:
                job.state = RUNNING
            else:
                job.state, job.remote_id = WAITING, None
                job.posts_allowed += 1
        assert self.queue.retry(job_id).state is job.state

    @rule()
    def crash_and_start_again(self) -> None:
        self.database.close()
        self.open()
        lost = {job_id for job_id, job in self.expected.items() if job.state is SUBMITTING}
        assert {job.id for job in self.queue.recover()} == lost
        for job_id in lost:
            self.expected[job_id].state = UNKNOWN

    @invariant()
    def the_database_agrees(self) -> None:
        still_open = [
            (job_id, job.server_id, job.state, job.remote_id)
            for job_id, job in self.expected.items()
            if job.state not in END_STATES
        ]
        found = [(j.id, j.server_id, j.state, j.remote_id) for j in self.queue.open_jobs()]
        assert found == still_open

    @invariant()
    def exactly_the_done_jobs_have_a_picture(self) -> None:
        done = [job_id for job_id, job in self.expected.items() if job.state is DONE]
        pictures = [image.job_id for image in self.library.page(LibraryQuery())]
        assert sorted(pictures) == sorted(done)

    @invariant()
    def no_job_is_posted_more_often_than_the_user_asked(self) -> None:
        assert all(job.posts <= job.posts_allowed for job in self.expected.values())


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=25, stateful_step_count=40)
