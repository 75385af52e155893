"""When the schedule names which step; no clock, no network, no disk."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, pairwise
from random import Random

import pytest

from algovera_desktop.domain.errors import (
    EngineFailedError,
    JobCancelledError,
    SubmissionUncertainError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import (
    Advanced,
    Completed,
    Ended,
    Interrupted,
    NothingWaiting,
    Outcome,
    Parted,
    Released,
    Step,
    StepKind,
    StillRunning,
    Strange,
    Troubled,
    Unrecorded,
)
from algovera_desktop.services.schedule import Schedule
from algovera_desktop.services.server_schedule import CONNECTIONS

WORKING = RemoteStatus(RemoteState.RUNNING, 0.5, 0)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SUBMIT, SETTLE, POLL, FETCH = StepKind.SUBMIT, StepKind.SETTLE, StepKind.POLL, StepKind.FETCH
RELEASE, RECORD, GIVE_UP = StepKind.RELEASE, StepKind.RECORD, StepKind.GIVE_UP
FAREWELL = StepKind.FAREWELL
numbers = count()


def job(state: JobState = JobState.WAITING, server_id: str = "far") -> Job:
    number = next(numbers)
    return Job(
        id=f"{number:032x}",
        group_id="g",
        server_id=server_id,
        request=GenerationRequest("a fox", "sketch"),
        state=state,
        created_at=NOW,
        updated_at=NOW,
        position=number,
        remote_id="remote" if state in (JobState.RUNNING, JobState.FETCHING) else None,
    )


def now_is(one: Job, state: JobState, **changes: object) -> Job:
    return replace(one, state=state, revision=one.revision + 1, **changes)  # type: ignore[arg-type]


def running(one: Job) -> Job:
    return now_is(one, JobState.RUNNING, remote_id="remote")


class Stage:
    """A schedule with one server, ``far``, that is ready."""

    def __init__(self, **known: object) -> None:
        self.schedule = Schedule(random=Random(1))
        self.now_s = 1000.0
        self.known: dict[str, object] = {
            "at_once": 3,
            "can_wait": False,
            "can_repeat": False,
            "is_ready": True,
            "is_paused": False,
        } | known
        self.meet()

    def meet(self, server_id: str = "far", **news: object) -> None:
        self.known |= news
        self.schedule.set_server(server_id, **self.known)  # type: ignore[arg-type]

    def put(self, *jobs: Job) -> None:
        self.schedule.put(jobs)

    def due(self, now_s: float | None = None) -> list[Step]:
        self.now_s = self.now_s if now_s is None else now_s
        return self.schedule.due(self.now_s)

    def kinds(self, now_s: float | None = None) -> list[StepKind]:
        return [step.kind for step in self.due(now_s)]

    def end(self, step: Step, outcome: Outcome, *, after_s: float = 0.0) -> None:
        self.now_s += after_s
        self.schedule.ended(step, outcome, self.now_s)

    def next(self) -> Step:
        """Pass the time to the next step, which is the only one."""
        next_s = self.schedule.next_due_s()
        assert next_s is not None
        (step,) = self.due(max(next_s, self.now_s))
        return step

    def hold(self) -> Hold:
        hold = self.schedule.hold_of("far")
        assert hold is not None
        return hold


def trouble(kind: FailureKind, one: Job | None = None, after_s: float | None = None) -> Troubled:
    return Troubled(one, JobFailure(kind, "words"), after_s)


def near(expected: float) -> object:
    return pytest.approx(expected, rel=0.21)


def poll_pauses(stage: Stage, *answers: Outcome) -> list[float]:
    """How long the schedule lets a running job alone after each answer."""
    pauses: list[float] = []
    for answer in answers:
        step = stage.next()
        assert step.kind is POLL
        stage.end(step, answer)
        next_s = stage.schedule.next_due_s()
        assert next_s is not None
        pauses.append(next_s - stage.now_s)
    return pauses


# How often a server is asked.


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


# How much is under way.


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


def completed(one: Job) -> Completed:
    record = ImageRecord(
        id=1,
        path="p",
        sha256="0" * 64,
        size_bytes=1,
        media_type="image/png",
        width=1,
        height=1,
        created_at=NOW,
        server_name="far",
        model_title="Sketch",
        job_id=one.id,
        request=one.request,
    )
    return Completed(now_is(one, JobState.DONE), record)


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


# Holds.


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


# Why a job is given up.


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


def test_a_refusal_that_makes_no_sense_stops_only_the_sending() -> None:
    stage, one = Stage(), job()
    stage.put(one, job(JobState.RUNNING))
    submit, _ = stage.due()
    stage.end(
        submit, Strange(now_is(one, JobState.HELD), JobFailure(FailureKind.PROTOCOL, "a redirect"))
    )
    assert stage.hold().sending_only
    assert stage.hold().until_s == near(1005)


# Lost answers.


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


# What was not written down.


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


# What the user does meanwhile.


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


# How long a picture took.


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
