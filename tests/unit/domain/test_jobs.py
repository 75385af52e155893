"""The table of a job's life."""

from algovera_desktop.domain.jobs import (
    ACTIVE_STATES,
    END_STATES,
    LINE_STATES,
    TRANSITIONS,
    JobState,
)


def reachable(start: JobState) -> set[JobState]:
    found, new = {start}, {start}
    while new:
        new = {target for state in new for target in TRANSITIONS[state]} - found
        found |= new
    return found


def test_every_state_can_be_reached_and_every_job_can_end() -> None:
    assert reachable(JobState.WAITING) == set(JobState)
    for state in JobState:
        assert reachable(state) & END_STATES


def test_only_what_is_done_has_no_way_out_and_only_undo_leads_out_of_cancelled() -> None:
    assert {state for state in JobState if not TRANSITIONS[state]} == {JobState.DONE}
    undone = {JobState.WAITING, JobState.FAILED, JobState.UNKNOWN}
    assert TRANSITIONS[JobState.CANCELLED] == undone


def test_the_user_can_end_every_job_that_has_not_ended() -> None:
    for state in set(JobState) - END_STATES:
        assert JobState.CANCELLED in TRANSITIONS[state]


def test_what_a_worker_holds_can_fail() -> None:
    for state in ACTIVE_STATES:
        assert JobState.FAILED in TRANSITIONS[state]


def test_a_post_is_made_only_of_a_job_that_waits_or_that_can_be_settled() -> None:
    posting = {state for state in JobState if JobState.SUBMITTING in TRANSITIONS[state]}
    assert posting == {JobState.WAITING, JobState.UNKNOWN}


def test_what_stands_in_line_was_certainly_not_taken() -> None:
    for state in LINE_STATES:
        assert not TRANSITIONS[state] & {JobState.RUNNING, JobState.FETCHING}
