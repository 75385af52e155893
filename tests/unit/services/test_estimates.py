"""Time left, from what was measured here and from nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.services.estimates import KEPT_OF_A_KIND, Estimates, Timing

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FOX = GenerationRequest("a fox", "sketch", width=512, height=768, steps=30)
JOB = Job("1" * 32, "2" * 32, "local", FOX, JobState.RUNNING, NOW, NOW)


def took(*seconds: float) -> Estimates:
    return Estimates(Timing("local", "sketch", 512, 768, 30, one) for one in seconds)


def test_without_history_there_is_no_number() -> None:
    nothing = Estimates()
    assert nothing.seconds(JOB) is None
    assert nothing.time_left(JOB, progress=0.5, elapsed_s=3.0) is None
    assert nothing.line_seconds([JOB], 1) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, server_id="elsewhere"),
        replace(JOB, request=replace(FOX, model="stable")),
        replace(JOB, request=replace(FOX, width=768)),
        replace(JOB, request=replace(FOX, height=512)),
        replace(JOB, request=replace(FOX, steps=31)),
    ],
)
def test_another_kinds_history_says_nothing(other: Job) -> None:
    assert took(4.0).seconds(other) is None


def test_prompt_and_seed_do_not_make_another_kind() -> None:
    other = replace(JOB, request=replace(FOX, prompt="a badger", seed=99, guidance_scale=1.0))
    assert took(4.0).seconds(other) == 4.0


def test_one_slow_picture_does_not_change_what_is_usual() -> None:
    assert took(4.0, 5.0, 600.0).seconds(JOB) == 5.0


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=60))
def test_only_the_newest_are_remembered(seconds: list[float]) -> None:
    learned = Estimates()
    for one in seconds:
        learned.learn(JOB, one)
    newest = sorted(seconds[-KEPT_OF_A_KIND:])
    middle = (newest[(len(newest) - 1) // 2] + newest[len(newest) // 2]) / 2
    assert learned.seconds(JOB) == pytest.approx(middle)
    assert took(*seconds).seconds(JOB) == learned.seconds(JOB)


@pytest.mark.parametrize(
    ("progress", "elapsed_s", "left_s"),
    [(None, 3.0, 7.0), (0.25, 3.0, 7.5), (0.25, 99.0, 7.5), (1.0, 3.0, 0.0), (None, 12.0, None)],
)
def test_a_running_job_goes_by_its_progress_and_else_by_the_clock(
    progress: float | None, elapsed_s: float, left_s: float | None
) -> None:
    assert took(10.0).time_left(JOB, progress=progress, elapsed_s=elapsed_s) == left_s


def test_a_line_takes_as_long_as_its_jobs_one_beside_the_other() -> None:
    assert took(10.0).line_seconds([JOB] * 6, 3) == 20.0
    assert took(10.0).line_seconds([], 3) == 0.0


def test_a_line_with_one_job_that_nothing_is_known_of_has_no_number() -> None:
    unknown = replace(JOB, server_id="elsewhere")
    assert took(10.0).line_seconds([JOB, unknown], 1) is None
