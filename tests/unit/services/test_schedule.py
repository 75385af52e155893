"""When the schedule names which step; no clock, no network, no disk."""

import pytest

from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobState
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import (
    Advanced,
    Ended,
    Interrupted,
    NothingWaiting,
    Parted,
    StillRunning,
    Unrecorded,
)
from algovera_desktop.services.server_schedule import CONNECTIONS
from support.schedule_stage import (
    FAREWELL,
    FETCH,
    POLL,
    RECORD,
    SUBMIT,
    WORKING,
    Stage,
    completed,
    job,
    near,
    now_is,
    poll_pauses,
    running,
)


def test_pauses_grow_from_one_second_to_ten_and_differ() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    pauses = poll_pauses(stage, *[StillRunning(one, WORKING)] * 30)
    assert pauses[0] == near(1)
    assert pauses[1] == near(1.25)
    assert pauses[-1] == near(10)
    assert max(pauses) <= 12
    assert len(set(pauses)) == 30


def test_the_same_seed_makes_the_same_schedule() -> None:
    def pauses() -> list[float]:
        stage, one = Stage(), job(JobState.RUNNING)
        stage.put(one)
        return poll_pauses(stage, *[StillRunning(one, WORKING)] * 10)

    assert pauses() == pauses()


def test_a_server_that_waits_is_asked_again_as_soon_as_it_has_answered() -> None:
    stage, one = Stage(can_wait=True), job(JobState.RUNNING)
    stage.put(one)
    for progress in range(5):
        step = stage.next()
        assert step.wait_s == 10.0
        status = RemoteStatus(RemoteState.RUNNING, progress / 10, 0)
        stage.end(step, StillRunning(one, status, 3.0), after_s=3.0)
        next_s = stage.schedule.next_due_s()
        assert next_s is not None
        assert next_s <= stage.now_s


def test_a_server_that_only_claims_to_wait_is_not_hammered() -> None:
    stage, one = Stage(can_wait=True), job(JobState.RUNNING)
    stage.put(one)
    pauses = poll_pauses(stage, *[StillRunning(one, WORKING, 0.01)] * 6)
    assert pauses[0] <= 0.11
    assert all(pause_s >= 0.8 for pause_s in pauses[1:])


def test_many_running_jobs_are_not_long_polled_so_that_all_are_heard_of() -> None:
    stage = Stage(can_wait=True, at_once=1000)
    stage.put(*(job(JobState.RUNNING) for _ in range(CONNECTIONS)))
    assert {step.wait_s for step in stage.due()} == {0.0}


def test_a_server_is_asked_ten_times_a_second_at_most() -> None:
    stage = Stage(at_once=1000)
    jobs = [job(JobState.RUNNING) for _ in range(1000)]
    stage.put(*jobs)
    asked: list[str] = []
    while stage.now_s < 1010.0:
        for step in stage.due():
            assert step.job is not None
            asked.append(step.job.id)
            stage.end(step, StillRunning(step.job, WORKING, 0.01))
        stage.now_s += 0.01
    assert 85 <= len(asked) <= 101
    assert len(set(asked)) == len(asked)


def test_a_job_that_was_accepted_is_asked_about_after_a_second() -> None:
    stage, one = Stage(), job()
    stage.put(one)
    (step,) = stage.due()
    stage.end(step, Advanced(running(one)))
    assert stage.kinds() == []
    assert stage.next().kind is POLL
    assert stage.now_s - 1000.0 == near(1.0)


def test_no_more_jobs_are_sent_than_the_server_shall_make_at_once() -> None:
    stage, jobs = Stage(at_once=2), [job() for _ in range(5)]
    stage.put(*jobs)
    first, second = stage.due()
    assert (first.kind, second.kind) == (SUBMIT, SUBMIT)
    stage.end(first, Advanced(running(jobs[0])))
    stage.end(second, Advanced(running(jobs[1])))
    assert [*stage.kinds(2000.0), *stage.kinds(2001.0), *stage.kinds(2002.0)] == [POLL, POLL]


def test_a_job_that_is_done_makes_room_for_the_next() -> None:
    stage, jobs = Stage(at_once=1), [job(JobState.FETCHING), job()]
    stage.put(*jobs)
    (fetch,) = stage.due()
    assert fetch.kind is FETCH
    stage.end(fetch, completed(jobs[0]))
    assert stage.kinds() == [SUBMIT]


def test_a_slow_server_takes_few_connections_and_polls_leave_one_to_others() -> None:
    stage = Stage(at_once=1000)
    stage.put(*(job(JobState.RUNNING) for _ in range(500)), *(job() for _ in range(500)))
    steps = [step for tick in range(100) for step in stage.due(1000.0 + tick)]
    assert len(steps) == CONNECTIONS
    assert {step.kind for step in steps} == {SUBMIT, POLL}
    only_polls = Stage(at_once=1000)
    only_polls.put(*(job(JobState.RUNNING) for _ in range(500)))
    steps = [step for tick in range(100) for step in only_polls.due(1000.0 + tick)]
    assert len(steps) == CONNECTIONS - 1


def test_a_slow_server_starves_no_other() -> None:
    stage = Stage(at_once=1000)
    stage.put(*(job(JobState.RUNNING) for _ in range(500)))
    for tick in range(10):
        stage.due(1000.0 + tick)
    stage.meet("local", at_once=1)
    stage.put(job(server_id="local"))
    assert [(step.kind, step.server_id) for step in stage.due(2000.0)] == [(SUBMIT, "local")]


def test_a_job_never_has_two_steps_under_way() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (step,) = stage.due()
    stage.put(now_is(one, JobState.RUNNING))
    stage.schedule.wake(stage.now_s)
    assert stage.kinds(5000.0) == []
    stage.end(step, StillRunning(one, WORKING))
    assert stage.next().kind is POLL


def test_an_empty_line_is_not_asked_twice() -> None:
    stage, one = Stage(at_once=1), job()
    stage.put(one)
    (step,) = stage.due()
    stage.end(step, NothingWaiting())
    assert stage.kinds(5000.0) == []
    assert stage.schedule.next_due_s() is None


def test_a_job_that_came_while_the_line_was_found_empty_is_sent() -> None:
    stage = Stage(at_once=1)
    stage.put(job())
    (step,) = stage.due()
    stage.put(job())
    stage.end(step, NothingWaiting())
    assert stage.kinds() == [SUBMIT]


def test_a_claimed_job_is_not_claimed_for() -> None:
    stage, one = Stage(), job()
    stage.put(one)
    assert stage.kinds() == [SUBMIT]
    stage.put(now_is(one, JobState.SUBMITTING))
    assert stage.kinds(2000.0) == []
    stage.put(job())
    assert stage.kinds() == [SUBMIT]


def test_what_the_disk_refused_is_recorded_whatever_holds_the_server() -> None:
    stage, one = Stage(at_once=1), job()
    stage.put(one, job())
    (submit,) = stage.due()
    claimed = now_is(one, JobState.SUBMITTING)
    refused = JobFailure(FailureKind.DISK_FULL, "full")
    stage.end(submit, Unrecorded(claimed, refused))
    stage.meet(is_ready=False, is_paused=True)
    for _ in range(20):
        step = stage.next()
        assert step.kind is RECORD
        assert step.job == claimed
        stage.end(step, Unrecorded(claimed, refused))
    stage.meet(is_ready=True, is_paused=False)
    step = stage.next()
    stage.end(step, Advanced(running(claimed)))
    assert set(stage.kinds(5000.0)) == {POLL}


def test_a_running_job_that_is_cancelled_is_told_to_its_server_once() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (poll,) = stage.due()
    cancelled = now_is(one, JobState.CANCELLED)
    stage.put(cancelled)
    stage.end(poll, Ended(cancelled, JobCancelledError()))
    (step,) = stage.due()
    assert (step.kind, step.job) == (FAREWELL, cancelled)
    stage.end(step, Parted())
    assert stage.kinds(5000.0) == []


def test_a_thousand_jobs_that_are_cancelled_take_few_connections() -> None:
    stage, jobs = Stage(at_once=1000), [job(JobState.RUNNING) for _ in range(1000)]
    stage.put(*jobs)
    stage.put(*(now_is(one, JobState.CANCELLED) for one in jobs))
    steps = stage.due()
    assert [step.kind for step in steps] == [FAREWELL] * CONNECTIONS


def test_waiting_and_failed_jobs_are_cancelled_without_a_word_to_the_server() -> None:
    stage, one, other = Stage(at_once=0), job(), job(JobState.FAILED)
    stage.put(one, other)
    stage.put(now_is(one, JobState.CANCELLED), now_is(other, JobState.CANCELLED, remote_id="r"))
    assert stage.kinds(5000.0) == []


def test_what_a_step_brings_of_a_job_that_was_cancelled_meanwhile_is_old_news() -> None:
    stage, one = Stage(at_once=1), job()
    stage.put(one)
    (submit,) = stage.due()
    accepted = running(one)
    stage.put(now_is(accepted, JobState.CANCELLED))
    stage.end(submit, Advanced(accepted))
    stage.put(job())
    assert stage.kinds(5000.0) == [SUBMIT]


def test_a_dropped_job_gets_no_more_steps() -> None:
    stage, one, waiting = Stage(), job(JobState.RUNNING), job()
    stage.put(one, waiting)
    stage.schedule.drop([one.id, waiting.id])
    assert stage.kinds(5000.0) == []


def test_a_step_that_was_stopped_is_named_again_after_a_moment() -> None:
    for kind, one in ((POLL, job(JobState.RUNNING)), (FETCH, job(JobState.FETCHING))):
        for left in (one, None):
            stage = Stage()
            stage.put(one)
            (step,) = stage.due()
            stage.end(step, Interrupted(left))
            assert stage.kinds() == []
            assert stage.next().kind is kind


def test_a_claim_that_was_stopped_is_made_again_after_a_moment() -> None:
    stage = Stage(at_once=1)
    stage.put(job())
    (step,) = stage.due()
    stage.end(step, Interrupted(None))
    assert stage.kinds() == []
    assert stage.next().kind is SUBMIT


def test_after_a_wake_up_everything_is_asked_at_once() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    poll_pauses(stage, *[StillRunning(one, WORKING)] * 20)
    stage.schedule.wake(stage.now_s + 0.2)
    assert stage.kinds(stage.now_s + 0.2) == [POLL]


def follow(stage: Stage, *statuses: tuple[float, RemoteStatus]) -> float | None:
    """What a FETCH knows of it, for a job that was accepted at 1000 s."""
    one = job()
    stage.put(one)
    (step,) = stage.due(1000.0)
    accepted = running(one)
    stage.end(step, Advanced(accepted))
    for at_s, status in statuses:
        step = stage.next()
        stage.now_s = at_s
        stage.end(step, StillRunning(accepted, status, 1.0))
    step = stage.next()
    stage.now_s = 1060.0
    stage.end(step, Advanced(now_is(accepted, JobState.FETCHING)))
    (fetch,) = stage.due()
    assert fetch.kind is FETCH
    return fetch.seconds


QUEUED = RemoteStatus(RemoteState.RUNNING, 0.0, 2)
SILENT = RemoteStatus(RemoteState.RUNNING)


@pytest.mark.parametrize(
    ("statuses", "seconds"),
    [
        ((), 60.0),
        (((1010.0, SILENT), (1020.0, SILENT)), 60.0),
        (((1010.0, QUEUED), (1030.0, WORKING), (1050.0, WORKING)), 30.0),
        (((1010.0, RemoteStatus(RemoteState.RUNNING, 0.3)),), 50.0),
    ],
)
def test_a_picture_takes_from_the_first_sign_that_it_is_made(
    statuses: tuple[tuple[float, RemoteStatus], ...], seconds: float
) -> None:
    assert follow(Stage(), *statuses) == seconds


def test_what_was_not_seen_from_its_beginning_on_was_not_measured() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (step,) = stage.due()
    stage.end(step, StillRunning(one, WORKING))
    assert stage.schedule.elapsed_s(one.id, stage.now_s) is None
    stage.end(stage.next(), Advanced(now_is(one, JobState.FETCHING)))
    (fetch,) = stage.due()
    assert fetch.seconds is None


def test_a_picture_whose_server_was_out_of_sight_was_not_measured() -> None:
    stage, one = Stage(), job()
    stage.put(one)
    (step,) = stage.due()
    accepted = running(one)
    stage.end(step, Advanced(accepted))
    assert stage.schedule.elapsed_s(one.id, 1005.0) == 5.0
    stage.schedule.hold("far", Hold(JobFailure(FailureKind.UNREACHABLE, "away")))
    stage.schedule.release("far", stage.now_s + 20.0)
    assert stage.schedule.elapsed_s(one.id, 1030.0) is None
