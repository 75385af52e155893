"""When a group of jobs has ended, and how."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import ACTIVE_STATES, LINE_STATES, Job, JobState
from algovera_desktop.services.group_tally import GroupEnd, GroupTally

NOW = datetime(2026, 1, 2, tzinfo=UTC)
STILL_OPEN = LINE_STATES | ACTIVE_STATES


def job(name: str, state: JobState = JobState.WAITING, group_id: str = "g") -> Job:
    return Job(name, group_id, "local", GenerationRequest("a fox", "m"), state, NOW, NOW)


def group(*names: str, group_id: str = "g") -> list[Job]:
    return [job(name, group_id=group_id) for name in names]


def test_a_group_ends_with_its_last_picture() -> None:
    tally = GroupTally()
    assert tally.put(group("a", "b")) == []
    assert tally.put([job("a", JobState.RUNNING)]) == []
    assert tally.finish(job("a", JobState.FETCHING)) == []
    assert tally.put([job("b", JobState.FAILED)]) == [GroupEnd(finished=1, failed=1)]


def test_told_twice_a_job_counts_once() -> None:
    tally = GroupTally()
    tally.put(group("a", "b"))
    tally.put([job("a", JobState.DONE)])
    tally.finish(job("a", JobState.DONE))
    tally.drop(["a"])
    assert tally.finish(job("b")) == [GroupEnd(finished=2)]
    assert tally.put([job("b", JobState.DONE)]) == tally.drop(["a", "b"]) == []


def test_what_the_user_cancelled_is_not_counted() -> None:
    tally = GroupTally()
    tally.put(group("a", "b", "c"))
    tally.finish(job("a"))
    assert tally.put([job("b", JobState.CANCELLED)]) == []
    assert tally.drop(["c"]) == [GroupEnd(finished=1)]


def test_a_group_that_was_cancelled_whole_is_not_told() -> None:
    tally = GroupTally()
    tally.put(group("a", "b"))
    assert tally.drop(["a", "b"]) == []


def test_what_ended_before_the_start_is_not_told() -> None:
    tally = GroupTally()
    assert tally.put([job("old", JobState.FAILED), job("left"), job("x", JobState.UNKNOWN)]) == []
    assert tally.finish(job("left")) == [GroupEnd(finished=1)]


def test_a_job_that_is_tried_again_ends_its_group_once_more() -> None:
    tally = GroupTally()
    tally.put(group("a", "b"))
    tally.finish(job("a"))
    assert tally.put([job("b", JobState.FAILED)]) == [GroupEnd(finished=1, failed=1)]
    tally.put([job("b", JobState.WAITING)])
    assert tally.finish(job("b")) == [GroupEnd(finished=1)]


def test_a_failed_job_tried_again_in_time_is_not_counted_as_failed() -> None:
    tally = GroupTally()
    tally.put(group("a", "b"))
    tally.put([job("a", JobState.FAILED)])
    tally.put([job("a", JobState.WAITING)])
    tally.finish(job("b"))
    assert tally.finish(job("a")) == [GroupEnd(finished=2)]


def test_only_what_the_user_must_settle_ends_as_unsettled() -> None:
    tally = GroupTally()
    tally.put(group("a"))
    lost = job("a", JobState.UNKNOWN)
    assert tally.put([replace(lost, client_ref="0" * 32)]) == []
    assert tally.put([lost]) == [GroupEnd(unsettled=1)]


def test_each_group_ends_by_itself() -> None:
    tally = GroupTally()
    tally.put(group("a") + group("b", group_id="h"))
    assert tally.finish(job("b", group_id="h")) == [GroupEnd(finished=1)]
    assert tally.finish(job("a")) == [GroupEnd(finished=1)]


CHANGES = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from(JobState) | st.none()), max_size=40
)


@given(CHANGES)
def test_a_group_ends_exactly_when_nothing_of_it_is_open_any_more(
    changes: Sequence[tuple[str, JobState | None]],
) -> None:
    tally = GroupTally()
    followed: dict[str, JobState] = {}
    for name, state in changes:
        removed = state in (None, JobState.CANCELLED)
        told = tally.drop([name]) if state is None else tally.put([job(name, state)])
        known = name in followed
        if removed and followed.get(name) is not JobState.DONE:
            followed.pop(name, None)
        elif state is not None and not removed and (known or state in STILL_OPEN):
            followed[name] = state
        if set(followed.values()) & STILL_OPEN:
            assert told == []
            continue
        ended = list(followed.values())
        expected = GroupEnd(*(ended.count(s) for s in (JobState.DONE, JobState.FAILED)))
        expected = replace(expected, unsettled=ended.count(JobState.UNKNOWN))
        assert told == ([expected] if expected.total else [])
        followed.clear()
