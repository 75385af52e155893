"""Which step is due for which job or server: decisions only, no I/O and no clock of its own.

The rules, for each server by itself:

- At most ``at_once`` jobs are being sent, made or fetched, and at most ``CONNECTIONS`` questions
  are under way, none of one sort taking all of them.
- A job that is made is asked about by long polls, where the server offers them and has few jobs;
  else after 1 s, growing to 10 s, each pause a little off, and in all 10 times a second at most.
- Trouble that meets every job of a server is a ``Hold`` on the server, not a failure of a job.
  Time under a hold, or while the server is not ready, does not count against a job.
- A job fails for reasons of its own only: its server says so or has forgotten it, nothing new is
  told of it for too long, or its answers make no sense for too long while the server is ready.
- A POST whose answer was lost is repeated only under its client_ref, where that costs nothing.

Held jobs get back in line when nothing holds their server: the schedule names RELEASE for that.
"""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.services.failures import failure_of
from algovera_desktop.services.holds import Hold, hold_for
from algovera_desktop.services.outcomes import (
    Advanced,
    Completed,
    Ended,
    Interrupted,
    NothingWaiting,
    Outcome,
    Released,
    Step,
    StepKind,
    StillRunning,
    Strange,
    Troubled,
    Unrecorded,
)
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.server_schedule import POSTS, ServerSchedule
from algovera_desktop.services.tracked_job import TrackedJob


class Schedule:
    """Not thread-safe: it belongs to one thread. ``now_s`` is monotonic seconds."""

    def __init__(self, *, patience: Patience | None = None, random: Random | None = None) -> None:
        self._patience = patience or Patience()
        self._random = random or Random()
        self._servers: dict[str, ServerSchedule] = {}

    def set_server(
        self,
        server_id: str,
        *,
        at_once: int,
        can_wait: bool,
        can_repeat: bool,
        is_ready: bool,
        is_paused: bool,
    ) -> None:
        """What is known of a server; nothing is due for one that is not known or not ready.

        One that becomes ready ends the hold of one that could not be reached. While it is paused
        nothing is sent, and what runs is fetched.
        """
        server = self._server(server_id)
        server.at_once, server.can_wait, server.can_repeat = at_once, can_wait, can_repeat
        server.is_paused = is_paused
        server.set_ready(is_ready)

    def put(self, jobs: Iterable[Job]) -> None:
        """Jobs as the queue has them now, new or changed; what a step returned is known already.

        One that is older than what is known is passed over. One that was cancelled while its
        server had it leaves a FAREWELL.
        """
        for job in jobs:
            server = self._server(job.server_id)
            server.jobs.place(job, server.time.at(server.seen_s))

    def drop(self, ids: Iterable[str]) -> None:
        """Nothing is to be done about these jobs any more."""
        for job_id in ids:
            for server in self._servers.values():
                server.jobs.forget(job_id)

    def due(self, now_s: float) -> list[Step]:
        """The steps to begin now; each counts as under way until ``ended``."""
        return [step for server in self._servers.values() for step in server.due(now_s)]

    def next_due_s(self) -> float | None:
        """When ``due`` is to be asked again if nothing ends or changes before; it may be in the
        past. None: never."""
        times = (server.next_due_s() for server in self._servers.values())
        return min((time_s for time_s in times if time_s is not None), default=None)

    def wake(self, now_s: float) -> None:
        """After the computer's sleep: all questions are due at once, and it counts for nothing."""
        for server in self._servers.values():
            server.wake(now_s)

    def hold(self, server_id: str, hold: Hold) -> None:
        """Let nothing go to a server; one that holds more already stays."""
        self._server(server_id).add_hold(hold)

    def release(self, server_id: str, now_s: float) -> None:
        """The user has mended something, or wants it tried again."""
        server = self._server(server_id)
        server.seen_s = now_s
        server.take_word()

    def resume(self, server_id: str, now_s: float) -> None:
        """It answers again: what held it ends, but for what needs the user's word."""
        server = self._server(server_id)
        server.seen_s = now_s
        server.release()

    def hold_of(self, server_id: str) -> Hold | None:
        return self._server(server_id).hold

    def elapsed_s(self, job_id: str, now_s: float) -> float | None:
        """For how long a job has been made; None if that was not seen from its beginning on."""
        for server in self._servers.values():
            tracked = server.jobs.tracked.get(job_id)
            if tracked is not None:
                return tracked.elapsed_s(now_s, server.time.lost_s)
        return None

    def ended(self, step: Step, outcome: Outcome, now_s: float) -> None:
        """How a step turned out. One that brought no outcome, for it met a mistake of ours or the
        program's end, is ``Interrupted(None)``."""
        server = self._server(step.server_id)
        server.seen_s = now_s
        server.free(step)
        is_line_unchanged = server.is_line_unchanged(step)
        if isinstance(outcome, NothingWaiting) and is_line_unchanged:
            server.jobs.nothing_waits()
        _Outcomes(server, self._patience, self._random, now_s).take(step, outcome)

    def _server(self, server_id: str) -> ServerSchedule:
        server = self._servers.get(server_id)
        if server is None:
            server = ServerSchedule(server_id, self._patience, self._random)
            self._servers[server_id] = server
        return server


class _Outcomes:
    """What an outcome means for its server and its job."""

    def __init__(
        self, server: ServerSchedule, patience: Patience, random: Random, now_s: float
    ) -> None:
        self._server = server
        self._patience = patience
        self._random = random
        self._now_s = now_s
        self._counted_s = server.time.at(now_s)

    def take(self, step: Step, outcome: Outcome) -> None:
        if step.kind is StepKind.RELEASE:
            released = outcome.jobs if isinstance(outcome, Released) else None
            self._server.jobs.end_release(released, self._counted_s)
        if isinstance(outcome, StillRunning):
            self._still_running(step, outcome)
        elif isinstance(outcome, Advanced | Completed):
            self._went_on(step, outcome.job)
        elif isinstance(outcome, Ended):
            self._ended(step, outcome)
        elif isinstance(outcome, Troubled):
            self._troubled(step, outcome)
        elif isinstance(outcome, Strange):
            self._strange(step, outcome)
        elif isinstance(outcome, Unrecorded):
            self._unrecorded(step, outcome)
        elif isinstance(outcome, Interrupted):
            self._interrupted(step, outcome.job)

    def _still_running(self, step: Step, outcome: StillRunning) -> None:
        self._server.prove(step)
        tracked = self._server.jobs.tracked.get(outcome.job.id)
        if tracked is None:
            return
        is_news = tracked.note_status(outcome.status, self._server.time, self._now_s)
        pause_s = tracked.pause_s(
            self._patience,
            self._random,
            wait_s=step.wait_s,
            is_news=is_news,
            took_s=outcome.took_s,
        )
        self._go_on(tracked, pause_s)

    def _went_on(self, step: Step, job: Job) -> None:
        """A job was accepted, is to be fetched, or is done."""
        self._server.prove(step)
        before = self._server.jobs.tracked.get(job.id)
        tracked = self._place(job)
        if tracked is None:
            return
        if job.state is JobState.FETCHING:
            if before is not None and tracked is not before:
                tracked.seconds = before.elapsed_s(self._now_s, self._server.time.lost_s)
            return
        if step.kind in POSTS or step.kind is StepKind.RECORD:
            self._server.lost_answers = 0
        if step.kind is StepKind.SUBMIT:
            tracked.begin(self._now_s, self._server.time.lost_s)
        if not self._server.can_wait:
            self._wait(tracked, self._patience.pause_s(0, self._random))

    def _ended(self, step: Step, ended: Ended) -> None:
        tracked = self._place(ended.job)
        if ended.job.state is not JobState.UNKNOWN:
            if ended.job.state is JobState.FAILED and step.kind is not StepKind.GIVE_UP:
                self._server.prove(step)
            return
        self._server.lost_answers += 1
        lost = Troubled(ended.job, replace(failure_of(ended.error), kind=FailureKind.PROTOCOL))
        self._hold(StepKind.SUBMIT, lost)
        if tracked is None and self._server.lost_answers >= self._patience.lost_answers:
            self._server.add_hold(Hold(lost.failure, sending_only=True, needs_word=True))

    def _troubled(self, step: Step, troubled: Troubled) -> None:
        self._hold(step.kind, troubled)
        if step.kind is StepKind.RECORD:
            self._server.put_local(step, self._now_s + self._pause_s())
        if troubled.job is not None:
            self._again(troubled.job, self._pause_s())

    def _strange(self, step: Step, strange: Strange) -> None:
        tracked = self._place(strange.job)
        if step.kind in POSTS:
            self._hold(step.kind, Troubled(strange.job, strange.failure))
        elif tracked is not None:
            tracked.note_strange(self._counted_s, strange.failure)
            pause_s = self._patience.pause_s(tracked.strange - 1, self._random)
            self._go_on(tracked, pause_s, strange=strange.failure)

    def _unrecorded(self, step: Step, outcome: Unrecorded) -> None:
        self._server.jobs.unrecorded.add(outcome.job.id)
        self._hold(StepKind.RECORD, Troubled(outcome.job, outcome.failure))
        record = Step(StepKind.RECORD, step.server_id, outcome.job)
        self._server.put_local(record, self._now_s + self._pause_s())

    def _interrupted(self, step: Step, job: Job | None) -> None:
        """After a pause, lest what stops at once turns in a circle."""
        pause_s = self._pause_s()
        if step.kind is StepKind.SUBMIT:
            self._server.submit_from_s = self._now_s + pause_s
        elif step.kind is StepKind.RELEASE:
            self._server.release_from_s = self._now_s + pause_s
        if job is not None:
            self._again(job, pause_s)
        elif step.kind is StepKind.RECORD:
            self._server.put_local(step, self._now_s + pause_s)
        elif step.job is not None:
            self._again(step.job, pause_s)

    def _hold(self, kind: StepKind, troubled: Troubled) -> None:
        """Answers that were under way when the first trouble came make it no worse."""
        server = self._server
        is_post = kind in POSTS
        if server.hold is None:
            server.troubles[is_post] += 1
        server.add_hold(
            hold_for(
                troubled,
                is_post=is_post,
                troubles=server.troubles[is_post],
                now_s=self._now_s,
                patience=self._patience,
                random=self._random,
            )
        )

    def _go_on(
        self, tracked: TrackedJob, pause_s: float, *, strange: JobFailure | None = None
    ) -> None:
        """Ask about a job again after a pause, or give it up."""
        job = tracked.job
        failure = tracked.given_up_for(self._patience, self._counted_s, strange=strange)
        if failure is None:
            self._wait(tracked, pause_s)
        else:
            self._server.jobs.unqueue(tracked)
            give_up = Step(StepKind.GIVE_UP, job.server_id, job, failure=failure)
            self._server.put_local(give_up, self._now_s)

    def _again(self, job: Job, pause_s: float) -> None:
        tracked = self._place(job)
        if tracked is not None:
            self._wait(tracked, pause_s)

    def _wait(self, tracked: TrackedJob, pause_s: float) -> None:
        tracked.due_s = self._now_s + pause_s
        self._server.jobs.queue(tracked)

    def _place(self, job: Job) -> TrackedJob | None:
        self._server.jobs.unrecorded.discard(job.id)
        return self._server.jobs.place(job, self._counted_s)

    def _pause_s(self) -> float:
        return self._patience.pause_s(self._server.troubles.total(), self._random)
