"""The job queue: every step of a job's life is on the disk before the next one is taken."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from algovera_desktop.domain.errors import JobCancelledError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    END_STATES,
    LINE_STATES,
    TRANSITIONS,
    Job,
    JobFailure,
    JobState,
)
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.estimates import Timing
from algovera_desktop.services.job_changes import (
    cancelled,
    check_texts,
    edited,
    given_up,
    held_for_edit,
    new_job,
    recovered,
    restored,
    retried,
    revised,
    waiting,
)
from algovera_desktop.services.line import (
    end_positions,
    move_before,
    positions_behind,
    to_free_places,
)
from algovera_desktop.services.queue_rows import (
    OPEN,
    UNSETTLED,
    breathing,
    by_ids,
    ids_json,
    insert,
    load,
    select,
    store,
    store_request,
)
from algovera_desktop.services.timings import read_timings, write_timing

_NEXT_WAITING = """state = 'waiting' AND server_id = :server_id
                   AND id NOT IN (SELECT value FROM json_each(:unanswered))
                   ORDER BY position, id LIMIT 1"""
_HELD_BY_SERVER = f"""{UNSETTLED} AND state = 'held' AND server_id = ?
                      AND failure_kind IS NOT 'edited' ORDER BY position, id"""
_POSTED_WITH_REF = """server_id = ? AND client_ref IS NOT NULL
                      AND state IN ('submitting', 'unknown', 'cancelled', 'waiting', 'held')"""
_LEFT_BY_CRASH = f"{UNSETTLED} AND failure_kind IS NOT 'edited'"
_BEHIND = "(position, id) > (:position, :id)"


class IllegalTransitionError(ValueError):
    """A step that the table of transitions does not have was asked for: our bug."""


class JobQueue:
    """Every call blocks, is one durable transaction, and raises LibraryError's kinds.

    The steps that a worker takes raise JobCancelledError when the user has cancelled the job
    meanwhile, also if it has been brought back, and IllegalTransitionError for what the table in
    ``domain.jobs`` forbids. What the user does can race with a worker, and then leaves a job as
    it is: look at the jobs that are returned, which are those that changed, as they are now.
    """

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self._unanswered: set[str] = set()
        """Jobs that a worker posts. One that is cancelled and brought back meanwhile is not
        given to another worker before the first knows what became of its POST."""

    # What the user does.

    def add(
        self, server_id: str, requests: Sequence[GenerationRequest], *, parent_sha256: str = ""
    ) -> list[Job]:
        """Put one job a request at the end of the line, as one group; ``parent_sha256`` is of the
        picture that they vary.

        Raises InvalidRequestError for a text that cannot be stored or sent.
        """
        for request in requests:
            check_texts(request)
        group_id = uuid4().hex

        def add(connection: sqlite3.Connection) -> list[Job]:
            positions = end_positions(connection, len(requests))
            jobs = [
                new_job(server_id, group_id, request, position, parent_sha256)
                for request, position in breathing(zip(requests, positions, strict=True))
            ]
            insert(connection, jobs)
            return jobs

        return self._database.write(add)

    def cancel(self, ids: Sequence[str]) -> list[Job]:
        """The user wants no more of these jobs. One that has ended stays as it ended."""
        return self._change(ids, cancelled)

    def restore(self, jobs: Sequence[Job]) -> list[Job]:
        """Undo of ``cancel``: ``jobs`` are as they were before.

        What had failed or was unknown is that again. All others wait; one that a worker held,
        as a new wish, for its remote job has been cancelled.
        """
        before = {job.id: job for job in jobs}
        return self._bring_back(before, lambda job: restored(job, before[job.id]))

    def retry(self, ids: Sequence[str]) -> list[Job]:
        """The user wants failed or unknown jobs again.

        One whose remote job may still have its picture goes back to ``running``, which posts
        nothing and costs nothing; any other waits to be sent, at its old place. An unknown one
        keeps its ``client_ref``, so that its server can answer with the first POST's job.
        """
        return self._change(ids, retried)

    def give_up(self, jobs: Sequence[Job]) -> list[Job]:
        """Undo of ``retry``: as ``jobs`` were before, but for what is made or changed by now."""
        before = {job.id: job for job in jobs}
        return self._change(before, lambda job: given_up(job, before[job.id]))

    def duplicate(self, ids: Sequence[str]) -> list[Job]:
        """Copies of these jobs as one new group, behind the last of them that stands in line,
        or at the end of the line. Returns the copies."""
        group_id = uuid4().hex

        def duplicate(connection: sqlite3.Connection) -> list[Job]:
            originals = by_ids(connection, ids)
            in_line = [job for job in originals if job.state in LINE_STATES]
            if in_line:
                positions = positions_behind(connection, in_line[-1].id, len(originals))
            else:
                positions = end_positions(connection, len(originals))
            copies = [
                new_job(job.server_id, group_id, job.request, position, job.parent_sha256)
                for job, position in zip(originals, positions, strict=True)
            ]
            insert(connection, copies)
            return copies

        return self._database.write(duplicate)

    def move(self, ids: Sequence[str], before: str | None) -> list[Job]:
        """Put jobs that stand in line, in their present order, before another job; None: at the
        end. Returns every job whose position changed, for their places may have to make room."""
        return self._database.write(lambda connection: move_before(connection, ids, before))

    def reposition(self, positions: Mapping[str, int]) -> list[Job]:
        """Undo of ``move``: put jobs back at the positions that they had."""

        def put(job: Job) -> Job | None:
            if job.state in END_STATES or job.position == positions[job.id]:
                return None
            return replace(job, position=positions[job.id])

        return self._bring_back(positions, put)

    def begin_edit(self, job_id: str) -> Job | None:
        """Hold a job that stands in line while the user changes it; None if it is too late."""
        return _only(self._change([job_id], held_for_edit))

    def end_edit(self, job_id: str, request: GenerationRequest | None) -> Job | None:
        """Let a job wait again at its old place, asking for ``request``; None: as it was.

        Returns None for a job that is not being changed any more. Raises InvalidRequestError as
        ``add`` does, and the job is held on then.
        """
        if request is not None:
            check_texts(request)
        return self._rewrite(job_id, lambda job: edited(job, request))

    def revise(self, like: Job) -> Job | None:
        """Undo of ``end_edit``, and its redo: a job in line asks for what it did when it was
        ``like`` this. Returns None for one that is made by now, or changed."""
        return self._rewrite(like.id, lambda job: revised(job, like))

    def forget_refs(self, server_id: str) -> list[Job]:
        """The server's address or key becomes another: nobody there knows the refs of what was
        posted, so that a repeated POST would make a second job."""
        return self._change_where(
            _POSTED_WITH_REF, (server_id,), lambda job: replace(job, client_ref=None)
        )

    def release(self, server_id: str) -> list[Job]:
        """A server takes jobs again: those that it had refused wait."""
        return self._change_where(_HELD_BY_SERVER, (server_id,), waiting)

    # What a worker does.

    def claim(self, server_id: str, *, with_ref: bool = False) -> Job | None:
        """Take a server's first waiting job for a worker: it is ``submitting`` from now on.

        ``with_ref``: the POST will carry the job's ``client_ref``, which is made here if it has
        none. Otherwise it has none from now on, for the POST cannot be repeated.
        """

        def take(connection: sqlite3.Connection) -> Job | None:
            values = {"server_id": server_id, "unanswered": ids_json(tuple(self._unanswered))}
            job = _only(select(connection, _NEXT_WAITING, values))
            if job is None:
                return None
            ref = (job.client_ref or uuid4().hex) if with_ref else None
            return _stored(connection, replace(job, client_ref=ref, state=JobState.SUBMITTING))

        return self._posting(self._database.write(take))

    def settle(self, job_id: str) -> Job | None:
        """Take an unknown job whose POST carried a ``client_ref``, to post it once more under
        the same; None if it is no longer that."""

        def take(job: Job) -> Job | None:
            if job.state is not JobState.UNKNOWN or job.client_ref is None:
                return None
            return replace(job, state=JobState.SUBMITTING, failure=None)

        return self._posting(_only(self._change([job_id], take)))

    def accepted(self, job_id: str, remote_id: str) -> Job:
        """The engine took the job and calls it ``remote_id``."""
        return self._step(job_id, JobState.RUNNING, lambda job: replace(job, remote_id=remote_id))

    def fetching(self, job_id: str, picture_stem: str) -> Job:
        """The engine has finished; the picture is being brought to ``picture_stem``."""
        return self._step(
            job_id, JobState.FETCHING, lambda job: replace(job, picture_stem=picture_stem)
        )

    def relocated(self, job_id: str, picture_stem: str) -> Job:
        """The picture is brought to another place than ``fetching`` named."""

        def move(job: Job) -> Job | None:
            if job.state is not JobState.FETCHING:
                return None
            return replace(job, picture_stem=picture_stem)

        job = _only(self._change([job_id], move))
        if job is None:
            raise JobCancelledError
        return job

    def completed(
        self, job_id: str, image: NewImage, seconds: float | None = None
    ) -> tuple[Job, ImageRecord]:
        """The picture is on disk: its record, the job's end and how long it took (None: not
        known), in one transaction."""

        def complete(connection: sqlite3.Connection) -> tuple[Job, ImageRecord]:
            job = _checked_step(connection, job_id, JobState.DONE)
            if seconds is not None:
                write_timing(connection, job, seconds)
            return job, self._library.add_in(connection, image)

        return self._database.write(complete)

    def failed(self, job_id: str, failure: JobFailure) -> Job:
        """The job ended without a picture; a remote id stays with it for Retry."""
        return self._step(job_id, JobState.FAILED, lambda job: replace(job, failure=failure))

    def uncertain(self, job_id: str) -> Job:
        """The POST went out and its answer was lost: it may have been charged."""
        return self._step(job_id, JobState.UNKNOWN)

    def put_back(self, job_id: str) -> Job:
        """A claimed job was certainly not sent; it waits again at its old place."""
        return self._step(job_id, JobState.WAITING)

    def held(self, job_id: str, failure: JobFailure) -> Job:
        """A claimed job was certainly not taken, for a reason that meets all of its server."""
        return self._step(job_id, JobState.HELD, lambda job: replace(job, failure=failure))

    # What the program asks.

    def get(self, job_id: str) -> Job | None:
        return self._database.read(lambda connection: _only(by_ids(connection, [job_id])))

    def open_jobs(self, *, after: Job | None = None, limit: int = 1000) -> list[Job]:
        """Up to ``limit`` jobs that have not ended for good, in line, behind ``after``."""
        behind = "" if after is None else f"AND {_BEHIND}"
        values = {"limit": limit}
        place = {} if after is None else {"position": after.position, "id": after.id}
        condition = f"{OPEN} {behind} ORDER BY position, id LIMIT :limit"
        return self._database.read(
            lambda connection: select(connection, condition, {**values, **place})
        )

    def recover(self) -> None:
        """At start: what a crash left in ``submitting`` may have been charged; what a server had
        refused is tried again."""
        self._change_where(_LEFT_BY_CRASH, (), recovered)

    def timings(self) -> list[Timing]:
        """How long pictures took, the oldest first."""
        return self._database.read(read_timings)

    def _posting(self, job: Job | None) -> Job | None:
        if job is not None:
            self._unanswered.add(job.id)
        return job

    def _step(
        self, job_id: str, target: JobState, amend: Callable[[Job], Job] = lambda job: job
    ) -> Job:
        try:
            job = self._database.write(
                lambda connection: _checked_step(connection, job_id, target, amend)
            )
        except LibraryError:
            raise  # Nothing is known to be on the disk: the worker tries again.
        except Exception:
            self._unanswered.discard(job_id)
            raise
        self._unanswered.discard(job_id)
        return job

    def _change(
        self, ids: Sequence[str] | Mapping[str, object], change: Callable[[Job], Job | None]
    ) -> list[Job]:
        """Write what ``change`` makes of these jobs; it gives None for one that it leaves."""

        return self._database.write(
            lambda connection: store(connection, _changed(connection, ids, change))
        )

    def _change_where(
        self, condition: str, values: Sequence[str], change: Callable[[Job], Job]
    ) -> list[Job]:
        """The same with all jobs that an SQL condition of our own matches."""
        return self._database.write(
            lambda connection: store(connection, map(change, select(connection, condition, values)))
        )

    def _rewrite(self, job_id: str, change: Callable[[Job], Job | None]) -> Job | None:
        """The same with one job, of which the request may change too."""

        def rewrite(connection: sqlite3.Connection) -> Job | None:
            job = _only(_changed(connection, [job_id], change))
            if job is None:
                return None
            store_request(connection, job)
            return _stored(connection, job)

        return self._database.write(rewrite)

    def _bring_back(
        self, ids: Mapping[str, object], change: Callable[[Job], Job | None]
    ) -> list[Job]:
        """The same with jobs that go to where they were before, and stand alone there."""

        def bring_back(connection: sqlite3.Connection) -> list[Job]:
            changed = _changed(connection, ids, change)
            return store(connection, to_free_places(connection, changed))

        return self._database.write(bring_back)


def _changed(
    connection: sqlite3.Connection, ids: Iterable[str], change: Callable[[Job], Job | None]
) -> list[Job]:
    changed = (change(job) for job in by_ids(connection, ids))
    return [job for job in changed if job is not None]


def _checked_step(
    connection: sqlite3.Connection,
    job_id: str,
    target: JobState,
    amend: Callable[[Job], Job] = lambda job: job,
) -> Job:
    job = load(connection, job_id)
    if job.state is JobState.CANCELLED or job.state in LINE_STATES:
        raise JobCancelledError
    # A failed or unknown job may go on, too, but only when the user says so.
    if job.state not in ACTIVE_STATES or target not in TRANSITIONS[job.state]:
        raise IllegalTransitionError(f"job {job_id}: {job.state.value} to {target.value}")
    return _stored(connection, amend(replace(job, state=target, failure=None)))


def _stored(connection: sqlite3.Connection, job: Job) -> Job:
    return store(connection, [job])[0]


def _only(jobs: Sequence[Job]) -> Job | None:
    return jobs[0] if jobs else None
