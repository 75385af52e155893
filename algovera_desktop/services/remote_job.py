"""A job that an engine has accepted: followed to its end with patience, and fetched."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    EngineError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    ProtocolError,
    RateLimitedError,
)
from algovera_desktop.domain.jobs import FailureKind, JobProgress
from algovera_desktop.engines.base import Engine, FetchedImage, RemoteState, RemoteStatus
from algovera_desktop.services.failures import failure_of

T = TypeVar("T")

_GROWTH = 1.25
_JITTER = 0.2
_LEAST_BETWEEN_ANSWERS_S = 0.05
"""A server that waits answers each change; more of them than this nobody can see."""

_DID_WAIT_S = 0.5
"""A server that says sooner than this that nothing changed has not waited, and is polled."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a job is waited for, in seconds.

    ``unchanged_s``: without any change in what the engine says of it, or any answer. Answers
    in a row that make no sense, such as a proxy's error page, are borne up to
    ``strange_answers``. ``farewell_s``: for a server to take note that its job is not wanted.
    """

    unchanged_s: float = 3600.0
    long_poll_s: float = 10.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 10.0
    strange_answers: int = 5
    farewell_s: float = 4.0

    def pauses_s(self) -> Iterator[float]:
        """Growing from the first to the longest, each a little off, so that many clients that
        lost a server together do not come back together. Never ends."""
        pause_s = self.first_pause_s
        while True:
            yield pause_s * random.uniform(1 - _JITTER, 1 + _JITTER)
            pause_s = min(pause_s * _GROWTH, self.longest_pause_s)


class ProgressReport:
    """Tells a job's progress when it changes."""

    def __init__(self, job_id: str, on_progress: Callable[[JobProgress], None]) -> None:
        self._last = JobProgress(job_id)
        self._on_progress = on_progress

    def begin(self) -> None:
        """The engine has the job; told in any case."""
        self._last = replace(self._last, held_up_by=None)
        self._on_progress(self._last)

    def status(self, status: RemoteStatus) -> None:
        self._tell(
            replace(
                self._last,
                progress=status.progress,
                queue_position=status.queue_position,
                held_up_by=None,
            )
        )

    def held_up(self, kind: FailureKind | None) -> None:
        """The work waits for something to pass by itself; None: it has passed."""
        self._tell(replace(self._last, held_up_by=kind))

    def _tell(self, progress: JobProgress) -> None:
        if progress != self._last:
            self._last = progress
            self._on_progress(progress)


class RemoteJob:
    """Asks an engine about one job. Reads only, so all of it can be repeated at no cost.

    A server that does not answer is waited for, up to the limit of ``patience``. Raises
    EngineError's kinds; EngineFailedError only when the engine says that the job failed.
    """

    def __init__(
        self,
        engine: Engine,
        remote_id: str,
        token: CancelToken,
        report: ProgressReport,
        patience: Patience,
    ) -> None:
        self._engine = engine
        self._remote_id = remote_id
        self._token = token
        self._report = report
        self._patience = patience
        self._changed_at_s = time.monotonic()

    def await_end(self) -> None:
        """Return when the engine has the picture."""
        last: RemoteStatus | None = None
        for pause_s in self._patience.pauses_s():
            asked_at_s = time.monotonic()
            status = self._patiently(self._status)
            if status.state is RemoteState.DONE:
                return
            if status.state is RemoteState.FAILED:
                raise EngineFailedError(status.error or "the server gave no reason")
            is_news = status != last
            if is_news:
                self._changed_at_s = time.monotonic()
            elif self._out_of_patience():
                raise EngineTimeoutError("the server has told nothing new of this job for too long")
            last = status
            self._report.status(status)
            self._rest(pause_s, time.monotonic() - asked_at_s, is_news=is_news)

    def fetch(self) -> FetchedImage:
        """The finished picture."""
        return self._patiently(lambda: self._engine.fetch(self._remote_id, self._token))

    def _status(self) -> RemoteStatus:
        wait_s = self._patience.long_poll_s if self._engine.can_wait else 0.0
        return self._engine.status(self._remote_id, self._token, wait_s=wait_s)

    def _rest(self, pause_s: float, answer_took_s: float, *, is_news: bool) -> None:
        if self._engine.can_wait and (is_news or answer_took_s >= _DID_WAIT_S):
            pause_s = max(_LEAST_BETWEEN_ANSWERS_S - answer_took_s, 0.0)
        self._token.wait(pause_s)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """The answer to a read, asked for again while the trouble may pass by itself."""
        strange_answers = 0
        for pause_s in self._patience.pauses_s():
            try:
                answer = ask()
            except (EngineUnreachableError, EngineTimeoutError) as error:
                self._bear(error)
            except RateLimitedError as error:
                self._bear(error)
                pause_s = max(pause_s, error.retry_after_s or 0.0)
            except (EngineFailedError, ProtocolError) as error:
                strange_answers += 1
                if strange_answers >= self._patience.strange_answers:
                    raise ProtocolError(str(error), url=error.url) from error
                self._bear(error)
            else:
                self._report.held_up(None)
                return answer
            self._token.wait(pause_s)
        raise AssertionError("pauses never end")

    def _bear(self, error: EngineError) -> None:
        if self._out_of_patience():
            raise error
        self._report.held_up(failure_of(error).kind)

    def _out_of_patience(self) -> bool:
        return time.monotonic() - self._changed_at_s > self._patience.unchanged_s
