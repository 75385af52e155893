"""What the mirror counts is what counting all its jobs would give, whatever came in which order."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    FailureKind,
    Job,
    JobFailure,
    JobProgress,
    JobState,
)
from algovera_desktop.services.estimates import Estimates, Timing
from algovera_desktop.ui.job_mirror import JobMirror, QueueSummary, ServerTerms
from support.picture_world import make_job

OPEN_STATES = [state for state in JobState if state not in (JobState.DONE, JobState.CANCELLED)]
SERVERS = ("here", "there")
TERMS = ServerTerms(at_once=2)


def job(number: int, state: JobState, revision: int = 0, server_id: str = "here") -> Job:
    return replace(make_job(number, state, server_id=server_id), revision=revision)


def summary_of(mirror: JobMirror, estimates: Estimates, terms=lambda _server_id: TERMS):
    return mirror.summary(terms, estimates, lambda _job_id: None)


snapshots = st.builds(
    lambda number, state, revision: job(number, state, revision, SERVERS[number % 2]),
    st.integers(0, 5),
    st.sampled_from(OPEN_STATES),
    st.integers(0, 9),
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), snapshots)))
def test_numbers_are_those_of_the_newest_snapshots(steps):
    mirror = JobMirror()
    newest: dict[str, tuple[int, Job | None]] = {}
    for is_end, one in steps:
        revision, _ = newest.get(one.id, (-1, None))
        if is_end:
            mirror.drop(one)
            if one.revision >= revision:
                newest[one.id] = (one.revision, None)
        elif mirror.put(one):
            newest[one.id] = (one.revision, one)
            assert one.revision > revision
        else:
            assert one.revision <= revision
    kept = {key: one for key, (_, one) in newest.items() if one is not None}
    assert dict(mirror.jobs) == kept
    for server_id in SERVERS:
        states = Counter(one.state for one in kept.values() if one.server_id == server_id)
        for state in OPEN_STATES:
            assert mirror.count(server_id, [state]) == states[state]
    total = summary_of(mirror, Estimates())
    assert total.running == sum(one.state in ACTIVE_STATES for one in kept.values())


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (ServerTerms(1), QueueSummary(waiting=2, held=1)),
        (ServerTerms(1, is_paused=True), QueueSummary(paused=2, held=1)),
        (ServerTerms(1, is_held=True), QueueSummary(held=3)),
        (ServerTerms(1, is_held=True, is_paused=True), QueueSummary(held=3)),
    ],
)
def test_waiting_jobs_are_counted_by_what_they_wait_for(terms, expected):
    mirror = JobMirror()
    for number, state in enumerate((JobState.WAITING, JobState.WAITING, JobState.HELD)):
        mirror.put(job(number, state))
    assert summary_of(mirror, Estimates(), lambda _server_id: terms) == expected


def timing(server_id: str = "here") -> Timing:
    request = job(0, JobState.WAITING).request
    size = (request.width, request.height)
    return Timing(server_id, request.model, *size, request.steps, seconds=10.0)


def test_time_left_is_that_of_the_slowest_server():
    mirror = JobMirror()
    for number in range(6):
        mirror.put(job(number, JobState.WAITING))
    mirror.put(job(9, JobState.WAITING, server_id="there"))
    estimates = Estimates([timing("here"), timing("there")])
    assert summary_of(mirror, estimates).seconds_left == 30.0


def test_a_running_job_counts_by_what_its_server_says_of_it():
    mirror = JobMirror()
    mirror.put(job(1, JobState.RUNNING))
    assert mirror.put_progress(JobProgress(job(1, JobState.RUNNING).id, progress=0.75))
    total = summary_of(mirror, Estimates([timing()]))
    assert (total.progress, total.seconds_left) == (0.75, 1.25)


def test_there_is_no_time_left_where_one_kind_of_picture_has_no_history():
    mirror = JobMirror()
    mirror.put(job(0, JobState.WAITING))
    assert summary_of(mirror, Estimates()).seconds_left is None
    mirror.put(job(1, JobState.WAITING, server_id="there"))
    assert summary_of(mirror, Estimates([timing()])).seconds_left is None


def test_what_is_held_or_paused_has_no_part_in_the_time_left():
    mirror = JobMirror()
    mirror.put(job(0, JobState.WAITING))
    mirror.put(job(1, JobState.WAITING, server_id="there"))
    terms = {"here": TERMS, "there": ServerTerms(1, is_paused=True)}
    assert summary_of(mirror, Estimates([timing()]), terms.__getitem__).seconds_left == 5.0


def test_progress_of_a_job_that_does_not_run_is_not_kept():
    mirror = JobMirror()
    running = job(1, JobState.RUNNING)
    told = JobProgress(running.id, progress=0.5)
    assert not mirror.put_progress(told)
    mirror.put(running)
    assert mirror.put_progress(told)
    assert not mirror.put_progress(told)
    mirror.put(job(1, JobState.FAILED, 1))
    assert mirror.progress(running.id) is None
    assert summary_of(mirror, Estimates()).progress is None


def test_a_job_that_is_open_in_the_form_is_not_counted_as_held_up():
    mirror = JobMirror()
    held = job(1, JobState.HELD)
    mirror.put(held)
    edited = JobFailure(FailureKind.EDITED, "")
    mirror.put(replace(held, failure=edited, revision=held.revision + 1))
    assert summary_of(mirror, Estimates()) == QueueSummary(edited=1)
    mirror.drop(mirror.jobs[held.id])
    assert summary_of(mirror, Estimates()) == QueueSummary()
