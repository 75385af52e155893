"""How often an engine is asked about a job."""

from collections.abc import Sequence
from itertools import islice

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineError,
    EngineFailedError,
    EngineUnreachableError,
    JobCancelledError,
    ProtocolError,
    RateLimitedError,
)
from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.domain.jobs import JobProgress
from algovera_desktop.engines.base import EngineHealth, FetchedImage, RemoteState, RemoteStatus
from algovera_desktop.services.remote_job import Patience, ProgressReport, RemoteJob

WORKING = RemoteStatus(RemoteState.RUNNING, 0.5, 0)
DONE = RemoteStatus(RemoteState.DONE)


class NotedToken(CancelToken):
    """Notes the waits instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits_s.append(seconds)


class ScriptedEngine:
    """Gives the statuses that a test lists, or raises them."""

    def __init__(self, *answers: RemoteStatus | EngineError, can_wait: bool = False) -> None:
        self._answers = iter(answers)
        self.can_wait = can_wait
        self.asked_to_wait_s: list[float] = []

    def models(self, token: CancelToken) -> Sequence[ModelInfo]:
        return []

    def check(self, token: CancelToken) -> EngineHealth:
        return EngineHealth()

    def submit(self, request: GenerationRequest, token: CancelToken) -> str:
        return "remote"

    def status(self, remote_id: str, token: CancelToken, *, wait_s: float = 0.0) -> RemoteStatus:
        self.asked_to_wait_s.append(wait_s)
        answer = next(self._answers)
        if isinstance(answer, EngineError):
            raise answer
        return answer

    def fetch(self, remote_id: str, token: CancelToken) -> FetchedImage:
        return FetchedImage(b"", "image/png", 1, 1)

    def cancel(self, remote_id: str, token: CancelToken) -> bool:
        return False

    def close(self) -> None:
        """Nothing to close."""


def follow(engine: ScriptedEngine) -> tuple[list[float], list[JobProgress]]:
    """The waits between the questions, and what was told meanwhile."""
    token, told = NotedToken(), list[JobProgress]()
    report = ProgressReport("job", told.append)
    RemoteJob(engine, "remote", token, report, Patience()).await_end()
    return token.waits_s, told


def near(expected: float) -> object:
    return pytest.approx(expected, rel=0.21)


def test_pauses_grow_from_one_second_to_ten_and_differ() -> None:
    pauses = list(islice(Patience().pauses_s(), 40))
    assert pauses[0] == near(1)
    assert pauses[1] == near(1.25)
    assert pauses[-1] == near(10)
    assert max(pauses) <= 12
    assert len(set(pauses)) == 40


def test_a_server_without_wait_is_asked_less_and_less_often() -> None:
    engine = ScriptedEngine(*[WORKING] * 20, DONE)
    waits_s, told = follow(engine)
    assert len(waits_s) == 20
    assert waits_s[0] == near(1)
    assert waits_s[-1] == near(10)
    assert set(engine.asked_to_wait_s) == {0.0}
    assert told == [JobProgress("job", 0.5, 0)]


def test_a_server_that_waits_is_asked_again_as_soon_as_it_told_news() -> None:
    steps = [RemoteStatus(RemoteState.RUNNING, step / 10, 0) for step in range(10)]
    engine = ScriptedEngine(*steps, DONE, can_wait=True)
    waits_s, told = follow(engine)
    assert all(wait_s <= 0.05 for wait_s in waits_s)
    assert set(engine.asked_to_wait_s) == {10.0}
    assert [progress.progress for progress in told] == [step / 10 for step in range(10)]


def test_a_server_that_only_claims_to_wait_is_not_hammered() -> None:
    waits_s, _ = follow(ScriptedEngine(*[WORKING] * 6, DONE, can_wait=True))
    assert waits_s[0] <= 0.05
    assert all(wait_s >= 0.8 for wait_s in waits_s[1:])


def test_a_server_that_asks_for_patience_gets_it() -> None:
    waits_s, _ = follow(ScriptedEngine(RateLimitedError("busy", retry_after_s=77.0), DONE))
    assert waits_s == [77.0]


def test_answers_that_make_no_sense_are_borne_but_not_for_ever() -> None:
    strange = [ProtocolError("a page"), EngineFailedError("HTTP status 502")] * 2
    follow(ScriptedEngine(*strange, WORKING, *strange, DONE))
    with pytest.raises(ProtocolError, match="502"):
        follow(ScriptedEngine(*strange, EngineFailedError("HTTP status 502")))


def test_a_lost_network_is_told_once_and_so_is_its_return() -> None:
    lost = EngineUnreachableError("offline")
    _, told = follow(ScriptedEngine(WORKING, lost, lost, WORKING, WORKING, DONE))
    assert [bool(progress.held_up_by) for progress in told] == [False, True, False]
    assert [progress.progress for progress in told] == [0.5, 0.5, 0.5]


def test_cancelling_ends_the_wait_at_once() -> None:
    token = CancelToken()
    report = ProgressReport("job", lambda _: token.cancel())
    job = RemoteJob(ScriptedEngine(WORKING), "remote", token, report, Patience(first_pause_s=3600))
    with pytest.raises(JobCancelledError):
        job.await_end()
