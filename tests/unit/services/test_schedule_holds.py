"""What trouble that meets all jobs of a server does to them."""

from dataclasses import replace

import pytest

from algovera_desktop.domain.errors import SubmissionUncertainError
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobState
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import Advanced, Ended, Released, Step, StillRunning
from support.schedule_stage import (
    FETCH,
    POLL,
    RELEASE,
    SETTLE,
    SUBMIT,
    WORKING,
    Stage,
    completed,
    job,
    near,
    now_is,
    running,
    trouble,
)


@pytest.mark.parametrize(
    ("kind", "until_s"),
    [
        (FailureKind.UNREACHABLE, None),
        (FailureKind.TIMEOUT, None),
        (FailureKind.AUTHENTICATION, None),
        (FailureKind.CREDENTIAL, None),
        (FailureKind.INSECURE, None),
        (FailureKind.DISK_FULL, near(1005)),
        (FailureKind.LIBRARY, near(1005)),
        (FailureKind.RATE_LIMITED, near(1005)),
    ],
)
def test_trouble_with_a_question_holds_everything_of_its_server(
    kind: FailureKind, until_s: object
) -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (step,) = stage.due()
    stage.end(step, trouble(kind, one))
    stage.put(job(), job(JobState.RUNNING), job(JobState.FETCHING))
    assert stage.kinds(1003.0) == []
    assert stage.hold().failure.kind is kind
    assert stage.hold().until_s == until_s
    assert not stage.hold().sending_only


def test_without_credits_nothing_is_sent_and_what_runs_is_fetched() -> None:
    stage, one = Stage(), job()
    stage.put(one, job(), job(JobState.RUNNING), job(JobState.FETCHING))
    (submit,) = [step for step in stage.due() if step.kind is SUBMIT]
    held = now_is(one, JobState.HELD, failure=JobFailure(FailureKind.PAYMENT, "no credits"))
    stage.end(submit, trouble(FailureKind.PAYMENT, held))
    stage.put(job(JobState.RUNNING))
    assert stage.kinds(100_000.0) == [POLL]
    assert stage.hold().until_s is None


def test_a_full_queue_at_the_server_stops_only_the_sending_for_as_long_as_asked() -> None:
    stage, one = Stage(), job()
    stage.put(one, job(JobState.RUNNING))
    submit, _ = stage.due()
    held = now_is(one, JobState.HELD)
    stage.end(submit, trouble(FailureKind.RATE_LIMITED, held, 30.0))
    stage.put(job(JobState.RUNNING))
    assert stage.kinds(1029.9) == [POLL]
    assert stage.kinds(1030.0) == [RELEASE]


def test_a_server_is_not_believed_when_it_asks_for_a_year() -> None:
    stage, one = Stage(), job(JobState.RUNNING)
    stage.put(one)
    (step,) = stage.due()
    stage.end(step, trouble(FailureKind.RATE_LIMITED, one, 3e7))
    assert stage.hold().until_s == 1000.0 + 3600.0


def test_rests_grow_while_nothing_succeeds_and_answers_that_were_under_way_count_once() -> None:
    stage = Stage(at_once=10)
    one, other = job(JobState.RUNNING), job(JobState.RUNNING)
    stage.put(one, other)
    first, second = stage.due(1000.0), stage.due(1000.2)
    rests: list[float] = []
    stage.end(first[0], trouble(FailureKind.DISK_FULL, one))
    stage.end(second[0], trouble(FailureKind.DISK_FULL, other))
    for _ in range(6):
        until_s = stage.hold().until_s
        assert until_s is not None
        rests.append(until_s - stage.now_s)
        (step,) = stage.due(until_s)
        assert step.job is not None
        stage.end(step, trouble(FailureKind.DISK_FULL, step.job))
    assert rests == [near(5), near(10), near(20), near(40), near(60), near(60)]
    (step,) = stage.due(stage.hold().until_s)
    assert step.job is not None
    stage.end(step, StillRunning(step.job, WORKING))
    (step,) = stage.due(stage.now_s + 0.1)
    assert step.job is not None
    stage.end(step, trouble(FailureKind.DISK_FULL, step.job))
    assert stage.hold().until_s == near(stage.now_s + 5)


def test_after_a_hold_one_question_goes_first_and_then_all_the_rest() -> None:
    stage = Stage(at_once=10)
    jobs = [job(JobState.RUNNING) for _ in range(4)]
    stage.put(*jobs, job(), job())
    stage.schedule.hold("far", Hold(JobFailure(FailureKind.AUTHENTICATION, "no")))
    assert stage.kinds() == []
    stage.schedule.release("far", stage.now_s)
    (step,) = stage.due()
    assert step.kind is POLL
    assert stage.kinds(2000.0) == []
    stage.end(step, StillRunning(jobs[0], WORKING))
    assert stage.kinds(2000.1) == [SUBMIT, SUBMIT, POLL]


def test_a_released_server_sends_when_there_is_nothing_to_ask() -> None:
    stage, jobs = Stage(), [job() for _ in range(3)]
    stage.put(*jobs)
    stage.schedule.hold("far", Hold(JobFailure(FailureKind.AUTHENTICATION, "no")))
    stage.schedule.release("far", stage.now_s)
    (step,) = stage.due()
    assert step.kind is SUBMIT
    stage.end(step, Advanced(running(jobs[0])))
    assert stage.kinds() == [SUBMIT, SUBMIT]


def test_held_jobs_get_back_in_line_before_anything_is_sent() -> None:
    stage, one = Stage(at_once=1), job()
    stage.put(one, job())
    (step,) = stage.due()
    held = now_is(one, JobState.HELD)
    stage.end(step, trouble(FailureKind.UNREACHABLE, held))
    stage.meet(is_ready=False)
    assert stage.kinds(2000.0) == []
    stage.meet(is_ready=True)
    (release,) = stage.due()
    assert release.kind is RELEASE
    assert stage.kinds() == []
    stage.end(release, Released((now_is(held, JobState.WAITING),)))
    assert stage.kinds() == [SUBMIT]


def test_a_release_that_the_disk_refuses_is_tried_again() -> None:
    stage, one = Stage(), job()
    stage.put(now_is(one, JobState.HELD))
    (release,) = stage.due()
    stage.end(release, trouble(FailureKind.DISK_FULL))
    assert stage.kinds(1003.0) == []
    assert stage.kinds(1007.0) == [RELEASE]


def test_a_release_that_found_nothing_is_not_repeated() -> None:
    stage, one = Stage(), job()
    stage.put(now_is(one, JobState.HELD))
    (release,) = stage.due()
    stage.end(release, Released(()))
    assert stage.kinds(5000.0) == []


def test_a_job_that_is_being_edited_is_not_released() -> None:
    stage, one = Stage(), job()
    stage.put(now_is(one, JobState.HELD, failure=JobFailure(FailureKind.EDITED, "")))
    assert stage.kinds(5000.0) == []


@pytest.mark.parametrize("kind", [FailureKind.AUTHENTICATION, FailureKind.PAYMENT])
def test_an_answer_of_the_server_ends_no_hold_that_the_user_must_end(kind: FailureKind) -> None:
    stage = Stage()
    stage.schedule.hold("far", Hold(JobFailure(kind, "words")))
    stage.put(job())
    stage.meet(is_ready=False)
    stage.meet(is_ready=True)
    assert stage.kinds(5000.0) == []


def test_of_two_holds_the_one_that_lets_less_through_stays() -> None:
    stage = Stage()
    away = Hold(JobFailure(FailureKind.UNREACHABLE, "away"))
    stage.schedule.hold("far", away)
    poor = Hold(JobFailure(FailureKind.PAYMENT, "poor"), sending_only=True)
    stage.schedule.hold("far", poor)
    assert stage.hold() == away
    long = Hold(JobFailure(FailureKind.RATE_LIMITED, "busy"), 2000.0)
    short = Hold(JobFailure(FailureKind.RATE_LIMITED, "busy"), 1500.0)
    stage.schedule.hold("far", long)
    stage.schedule.hold("far", short)
    assert stage.hold() == long


def test_a_server_that_is_not_known_or_not_ready_gets_nothing() -> None:
    stage = Stage()
    stage.put(job(server_id="unknown"), job(JobState.RUNNING, "unknown"))
    assert stage.kinds(5000.0) == []
    stage.meet(is_ready=False)
    stage.put(job(), job(JobState.RUNNING))
    assert stage.kinds(5000.0) == []
    assert stage.schedule.next_due_s() is None


def test_a_paused_server_gets_no_new_job_and_its_running_ones_are_fetched() -> None:
    stage = Stage(is_paused=True, can_repeat=True)
    stage.put(job(), job(JobState.RUNNING), job(JobState.FETCHING))
    stage.put(replace(job(JobState.UNKNOWN), client_ref="r"))
    assert stage.kinds() == [FETCH, POLL]
    stage.meet(is_paused=False)
    assert stage.kinds(1000.1) == [SETTLE]


WORD = Hold(JobFailure(FailureKind.PROTOCOL, "lost"), sending_only=True, needs_word=True)


@pytest.mark.parametrize(
    "other",
    [
        Hold(JobFailure(FailureKind.RATE_LIMITED, "busy"), 1500.0, sending_only=True),
        Hold(JobFailure(FailureKind.DISK_FULL, "full"), 1500.0),
        Hold(JobFailure(FailureKind.UNREACHABLE, "away")),
    ],
)
@pytest.mark.parametrize("word_is_first", [True, False])
def test_what_needs_the_users_word_outlasts_any_other_hold(
    other: Hold, word_is_first: bool
) -> None:
    stage = Stage()
    for hold in (WORD, other) if word_is_first else (other, WORD):
        stage.schedule.hold("far", hold)
    stage.put(job(), job(JobState.RUNNING))
    stage.meet(is_ready=False)
    stage.meet(is_ready=True)
    assert stage.kinds(5000.0) == [POLL]
    stage.schedule.resume("far", 5000.0)
    assert stage.hold() == WORD
    stage.schedule.release("far", 5000.0)
    assert stage.schedule.hold_of("far") is None
    assert SUBMIT in stage.kinds(5000.0)


def test_a_server_that_comes_back_after_each_lost_answer_is_not_sent_to_for_ever() -> None:
    stage, answered = Stage(at_once=1), running(job())
    posts = 0
    for _ in range(5):
        stage.put(job())
        for step in stage.due(stage.now_s + 100.0):
            posts += 1
            unknown = now_is(job(), JobState.UNKNOWN)
            stage.end(step, Ended(unknown, SubmissionUncertainError("no answer")))
        stage.schedule.hold("far", Hold(JobFailure(FailureKind.UNREACHABLE, "away")))
        stage.schedule.resume("far", stage.now_s)
        stage.end(Step(FETCH, "far", answered), completed(answered))
    assert posts == 3
