"""A schedule of one server in virtual time, and the words that tests of it are written in."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from random import Random

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import Completed, Outcome, Step, StepKind, Troubled
from algovera_desktop.services.schedule import Schedule

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
