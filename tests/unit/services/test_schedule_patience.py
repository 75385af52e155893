"""How long the schedule bears with a job, and with POSTs whose answers are lost."""

from dataclasses import replace
from itertools import pairwise

import pytest

from algovera_desktop.domain.errors import EngineFailedError, SubmissionUncertainError
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import Advanced, Ended, Outcome, Step, StillRunning, Strange
from support.schedule_stage import (
    GIVE_UP,
    POLL,
    SETTLE,
    SUBMIT,
    WORKING,
    Stage,
    job,
    near,
    now_is,
    running,
)


def given_up(stage: Stage, one: Job, answer: Outcome, *, took_s: float = 0.0) -> tuple[Step, int]:
    """The step that gives the job up, and after how many such answers."""
    for answers in range(10_000):
        step = stage.next()
        if step.kind is GIVE_UP:
            return step, answers
        stage.end(step, answer, after_s=took_s)
    raise AssertionError("never given up")


def test_a_job_without_any_news_is_given_up_after_an_hour() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    step, _ = given_up(stage, one, StillRunning(one, WORKING))
    assert step.failure is not None
    assert step.failure.kind is FailureKind.TIMEOUT
    assert 3600 <= stage.now_s - 1000.0 <= 3630
    stage.end(step, Ended(now_is(one, JobState.FAILED), EngineFailedError("x")))
    assert stage.schedule.next_due_s() is None


@pytest.mark.parametrize("away", ["held", "not ready", "asleep"])
def test_time_in_which_nothing_is_asked_does_not_count(away: str) -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (step,) = stage.due()
    for _ in range(10):
        stage.end(step, StillRunning(one, WORKING))
        if away == "held":
            stage.schedule.hold("far", Hold(JobFailure(FailureKind.UNREACHABLE, "away")))
        elif away == "not ready":
            stage.meet(is_ready=False)
        stage.now_s += 24 * 3600
        if away == "held":
            stage.schedule.release("far", stage.now_s)
        elif away == "not ready":
            assert stage.kinds() == []
            stage.meet(is_ready=True)
        else:
            stage.schedule.wake(stage.now_s)
        (step,) = stage.due()
        assert step.kind is POLL
    _, answers = given_up_after(stage, one, step)
    assert answers > 100


def given_up_after(stage: Stage, one: Job, step: Step) -> tuple[Step, int]:
    stage.end(step, StillRunning(one, WORKING))
    return given_up(stage, one, StillRunning(one, WORKING))


def test_answers_that_make_no_sense_are_borne_for_a_minute() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    strange = Strange(one, JobFailure(FailureKind.ENGINE, "HTTP status 502"))
    step, answers = given_up(stage, one, strange)
    assert step.failure == JobFailure(FailureKind.PROTOCOL, "HTTP status 502")
    assert stage.now_s - 1000.0 >= 60
    assert answers >= 5


def test_slow_answers_that_make_no_sense_are_borne_five_times() -> None:
    stage, one = Stage(), job(JobState.FETCHING)
    stage.put(one)
    strange = Strange(one, JobFailure(FailureKind.PROTOCOL, "a page"))
    _, answers = given_up(stage, one, strange, took_s=30.0)
    assert answers == 5


def test_one_answer_that_makes_sense_starts_the_count_anew() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    strange = Strange(one, JobFailure(FailureKind.PROTOCOL, "a page"))
    for _ in range(20):
        for _ in range(4):
            stage.end(stage.next(), strange, after_s=30.0)
        status = RemoteStatus(RemoteState.RUNNING, stage.now_s % 1)
        stage.end(stage.next(), StillRunning(one, status))
    assert stage.next().kind is POLL


UNKNOWN_THERE = JobFailure(FailureKind.FORGOTTEN, "Unknown job")


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.FETCHING])
@pytest.mark.parametrize(("took_s", "least"), [(0.0, 4), (30.0, 3)])
def test_a_job_is_forgotten_when_that_was_said_for_a_while(state, took_s, least) -> None:
    stage, one = Stage(), job(state)
    stage.put(one)
    step, answers = given_up(stage, one, Strange(one, UNKNOWN_THERE), took_s=took_s)
    assert step.failure == UNKNOWN_THERE
    assert stage.now_s - 1000.0 >= 5
    assert least <= answers <= 6


def test_a_gateway_that_knows_no_job_for_a_moment_loses_none() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    page = JobFailure(FailureKind.PROTOCOL, "a page")
    for _ in range(20):
        for failure in (UNKNOWN_THERE, UNKNOWN_THERE, page):
            stage.end(stage.next(), Strange(one, failure), after_s=10.0)
        status = RemoteStatus(RemoteState.RUNNING, stage.now_s % 1)
        stage.end(stage.next(), StillRunning(one, status))
    assert stage.next().kind is POLL


def test_a_refusal_that_makes_no_sense_stops_only_the_sending() -> None:
    stage, one = Stage(), job()
    stage.put(one, job(JobState.RUNNING))
    submit, _ = stage.due()
    stage.end(
        submit, Strange(now_is(one, JobState.HELD), JobFailure(FailureKind.PROTOCOL, "a redirect"))
    )
    assert stage.hold().sending_only
    assert stage.hold().until_s == near(1005)


def unknown(one: Job, *, client_ref: str | None) -> Ended:
    lost = now_is(one, JobState.UNKNOWN, client_ref=client_ref)
    return Ended(lost, SubmissionUncertainError("lost"))


def test_a_lost_answer_is_settled_before_anything_else_is_sent() -> None:
    stage, one = Stage(can_repeat=True), job()
    stage.put(one, job())
    submit, _ = stage.due()
    stage.end(submit, unknown(one, client_ref="r"))
    assert stage.kinds(1003.0) == []
    (step, *_) = stage.due(1007.0)
    assert step.kind is SETTLE
    assert step.job is not None
    assert step.job.id == one.id
    stage.end(step, Advanced(running(step.job)))
    assert POLL in stage.kinds(1010.0)


def test_a_lost_answer_is_left_to_the_user_where_it_cannot_be_settled() -> None:
    for can_repeat, ref in ((False, "r"), (True, None)):
        stage, one = Stage(can_repeat=can_repeat), job()
        stage.put(one)
        (submit,) = stage.due()
        stage.end(submit, unknown(one, client_ref=ref))
        assert stage.kinds(100_000.0) == []


def test_settling_goes_on_at_growing_pauses_for_as_long_as_it_takes() -> None:
    stage, one = Stage(can_repeat=True), replace(job(JobState.UNKNOWN), client_ref="r")
    stage.put(one)
    times: list[float] = []
    for _ in range(20):
        step = stage.next()
        assert step.kind is SETTLE
        times.append(stage.now_s)
        stage.end(step, unknown(one, client_ref="r"))
        one = now_is(one, JobState.UNKNOWN)
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[0] == near(5)
    assert pauses[-1] == near(60)


def test_three_lost_answers_that_cannot_be_settled_end_the_sending() -> None:
    stage, jobs = Stage(at_once=1), [job() for _ in range(5)]
    stage.put(*jobs)
    for one in jobs[:3]:
        step = stage.next()
        assert step.kind is SUBMIT
        stage.end(step, unknown(one, client_ref=None))
    assert stage.schedule.next_due_s() is None
    assert stage.hold().until_s is None


def test_an_answer_in_between_shows_that_posts_get_through() -> None:
    stage, jobs = Stage(at_once=20), [job() for _ in range(20)]
    stage.put(*jobs)
    while jobs:
        submits = [step for step in stage.due(stage.now_s + 100.0) if step.kind is SUBMIT]
        for step in submits:
            one = jobs.pop(0)
            lost = unknown(one, client_ref=None)
            stage.end(step, lost if len(jobs) % 3 else Advanced(running(one)))
