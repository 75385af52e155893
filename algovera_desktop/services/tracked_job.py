"""What the schedule remembers of a job that is at its server."""

from dataclasses import dataclass
from random import Random

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure
from algovera_desktop.engines.base import RemoteStatus
from algovera_desktop.services.counted_time import CountedTime
from algovera_desktop.services.patience import Patience

_DID_WAIT_S = 0.5
"""A server that says sooner than this that nothing changed has not waited, and is polled."""


@dataclass(slots=True)
class TrackedJob:
    """A job that is running or fetching, or unknown and to be settled.

    ``due_s`` is when it wants its next step. ``asked`` counts the questions in this state, in a
    row ``strange`` those without an answer that makes sense, and ``forgotten`` those whose answer
    was that there is no such job. ``changed_at_s`` and
    ``strange_since_s`` are counted time. ``began_s`` is when it began: acceptance, then the first
    sign that it runs; None where this program has not seen it accepted. ``began_lost_s`` is what
    had been lost of counted time then. ``seconds`` is how long its picture was in the making.
    """

    job: Job
    changed_at_s: float
    due_s: float = float("-inf")
    asked: int = 0
    last: RemoteStatus | None = None
    strange: int = 0
    forgotten: int = 0
    strange_since_s: float = 0.0
    began_s: float | None = None
    began_lost_s: float = 0.0
    is_seen_running: bool = False
    seconds: float | None = None

    def begin(self, now_s: float, lost_s: float) -> None:
        self.began_s, self.began_lost_s = now_s, lost_s

    def elapsed_s(self, now_s: float, lost_s: float) -> float | None:
        """Since it began; None if that was not seen, or the server out of sight in between."""
        if self.began_s is None or lost_s != self.began_lost_s:
            return None
        return now_s - self.began_s

    def note_status(self, status: RemoteStatus, time: CountedTime, now_s: float) -> bool:
        """Remember an answer that makes sense; whether it is news."""
        is_news = status != self.last
        if is_news:
            self.changed_at_s = time.at(now_s)
        shows_running = status.queue_position == 0 or bool(status.progress)
        if shows_running and not self.is_seen_running:
            self.is_seen_running = True
            if self.began_s is not None:
                self.begin(now_s, time.lost_s)
        self.last, self.strange, self.forgotten = status, 0, 0
        self.asked += 1
        return is_news

    def note_strange(self, counted_s: float, failure: JobFailure) -> None:
        if self.strange == 0:
            self.strange_since_s = counted_s
        self.strange += 1
        is_forgotten = failure.kind is FailureKind.FORGOTTEN
        self.forgotten = self.forgotten + 1 if is_forgotten else 0
        self.asked += 1

    def given_up_for(
        self, patience: Patience, counted_s: float, *, strange: JobFailure | None = None
    ) -> JobFailure | None:
        """Why this job is not waited for any longer; None while it is."""
        if counted_s - self.changed_at_s > patience.unchanged_s:
            text = "the server has told nothing new of this job for too long"
            return JobFailure(FailureKind.TIMEOUT, text)
        if strange is None:
            return None
        strange_s = counted_s - self.strange_since_s
        if strange.kind is FailureKind.FORGOTTEN:
            is_said = self.forgotten >= patience.forgotten_answers
            return strange if is_said and strange_s >= patience.forgotten_s else None
        if self.strange >= patience.strange_answers and strange_s >= patience.strange_s:
            return JobFailure(FailureKind.PROTOCOL, strange.detail)
        return None

    def pause_s(
        self, patience: Patience, random: Random, *, wait_s: float, is_news: bool, took_s: float
    ) -> float:
        """How long to leave a job alone after an answer to a question with ``wait_s``."""
        if wait_s > 0 and (is_news or took_s >= _DID_WAIT_S):
            return 0.0
        return patience.pause_s(self.asked - 1, random)
