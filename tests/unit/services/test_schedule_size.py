"""What an event costs the schedule does not depend on how many jobs there are."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from types import FrameType
from typing import Any

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import Advanced, Step, StepKind, StillRunning
from algovera_desktop.services.schedule import Schedule

NOW = datetime(2026, 11, 22, tzinfo=UTC)
REQUEST = GenerationRequest("a fox", "sketch")
POOR = JobFailure(FailureKind.PAYMENT, "no credits")


@dataclass
class Lines:
    """How many lines of Python ran."""

    count: int = 0


@contextmanager
def counted() -> Iterator[Lines]:
    lines = Lines()

    def trace(_frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
        lines.count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)


def jobs(state: JobState, number: int) -> list[Job]:
    return [
        Job(
            id=f"{state.value} {n}",
            group_id="g",
            server_id="far",
            request=REQUEST,
            state=state,
            created_at=NOW,
            updated_at=NOW,
            position=n,
            remote_id=f"r{n}" if state is JobState.RUNNING else None,
        )
        for n in range(number)
    ]


def schedule_of(waiting: int, running: int) -> Schedule:
    schedule = Schedule(random=Random(3))
    schedule.set_server(
        "far", at_once=10**9, can_wait=False, can_repeat=True, is_ready=True, is_paused=False
    )
    schedule.put(jobs(JobState.WAITING, waiting))
    schedule.put(jobs(JobState.RUNNING, running))
    return schedule


def answer(schedule: Schedule, step: Step, turn: int) -> None:
    now_s = turn * 0.2
    if step.kind is StepKind.POLL:
        assert step.job is not None
        status = RemoteStatus(RemoteState.RUNNING, turn / 1000, 0)
        schedule.ended(step, StillRunning(step.job, status), now_s)
    else:
        (claimed,) = jobs(JobState.WAITING, turn + 1)[-1:]
        accepted = replace(claimed, state=JobState.RUNNING, remote_id="r", revision=1)
        schedule.ended(step, Advanced(accepted), now_s)


def lines_of_the_dearest_turn(waiting: int, running: int) -> int:
    """Of 50 turns: a job is put, what is due is named, and each step brings its answer."""
    schedule, dearest = schedule_of(waiting, running), 0
    news = jobs(JobState.HELD, 50)
    for turn in range(50):
        with counted() as naming:
            schedule.put([news[turn]])
            schedule.drop([news[turn].id])
            steps = schedule.due(turn * 0.2)
            schedule.next_due_s()
        assert 1 <= len(steps) <= 4
        with counted() as hearing:
            for step in steps:
                answer(schedule, step, turn)
        dearest = max(dearest, naming.count + hearing.count)
    return dearest


def test_an_event_costs_the_same_among_ten_thousand_jobs_as_among_a_hundred() -> None:
    few = lines_of_the_dearest_turn(waiting=100, running=100)
    many = lines_of_the_dearest_turn(waiting=10_000, running=1_000)
    assert many <= few * 1.2


@pytest.mark.parametrize("number", [100, 10_000])
def test_a_hold_costs_the_same_whatever_waits(number: int) -> None:
    schedule = schedule_of(number, 0)
    with counted() as lines:
        schedule.hold("far", Hold(POOR, sending_only=True))
        assert schedule.due(0.0) == []
    assert lines.count < 120
