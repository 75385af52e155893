"""The table of a job's life."""

from algovera_desktop.domain.jobs import ACTIVE_STATES, END_STATES, TRANSITIONS, JobState


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


def test_only_the_ends_have_no_way_out() -> None:
    assert {state for state in JobState if not TRANSITIONS[state]} == END_STATES


def test_the_user_can_end_every_job_that_has_not_ended() -> None:
    for state in set(JobState) - END_STATES:
        assert JobState.CANCELLED in TRANSITIONS[state]


def test_what_a_worker_holds_can_fail() -> None:
    for state in ACTIVE_STATES:
        assert JobState.FAILED in TRANSITIONS[state]


def test_a_job_that_may_have_been_charged_is_sent_again_only_through_waiting() -> None:
    """There is no way from ``unknown`` to a POST that the user does not take."""
    assert TRANSITIONS[JobState.UNKNOWN] == {JobState.WAITING, JobState.CANCELLED}
    posting = {state for state in JobState if JobState.SUBMITTING in TRANSITIONS[state]}
    assert posting == {JobState.WAITING}
