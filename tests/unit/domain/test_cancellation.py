import threading

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError


def test_a_wait_ends_at_once_when_cancelled() -> None:
    token = CancelToken()
    canceller = threading.Thread(target=token.cancel)
    canceller.start()
    with pytest.raises(JobCancelledError):
        token.wait(3600)
    canceller.join()
    assert token.cancelled
    with pytest.raises(JobCancelledError):
        token.raise_if_cancelled()


def test_a_token_that_nobody_cancels_lets_work_go_on() -> None:
    token = CancelToken()
    token.wait(0)
    token.raise_if_cancelled()
    assert not token.cancelled


def test_cancelling_interrupts_what_the_token_cannot_see() -> None:
    token = CancelToken()
    interrupted = threading.Event()
    with token.interrupting(interrupted.set):
        token.cancel()
        assert interrupted.is_set()


def test_what_begins_after_the_cancel_is_interrupted_at_once() -> None:
    token = CancelToken()
    token.cancel()
    interrupted = threading.Event()
    with token.interrupting(interrupted.set):
        assert interrupted.is_set()


def test_what_has_ended_is_not_interrupted() -> None:
    token = CancelToken()
    interrupted = threading.Event()
    with token.interrupting(interrupted.set):
        pass
    token.cancel()
    assert not interrupted.is_set()


def test_each_interruption_comes_once_however_often_it_is_cancelled() -> None:
    token = CancelToken()
    calls: list[str] = []
    with (
        token.interrupting(lambda: calls.append("a")),
        token.interrupting(lambda: calls.append("b")),
    ):
        token.cancel()
        token.cancel()
    assert calls == ["a", "b"]
