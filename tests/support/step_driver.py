"""The schedule and the steps joined as the program joins them, in virtual time on one thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.engines.base import Engine
from algovera_desktop.services.outcomes import Outcome, Step
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.schedule import Schedule
from algovera_desktop.services.steps import StepRunner

_PROBE_PAUSE_S = 2.0


@dataclass
class StepDriver:
    """Runs the steps that are due, one after the other. ``outcomes`` are those of all steps.

    ``at_claim`` is told each job that is about to be posted.
    """

    queue: JobQueue
    steps: StepRunner
    engine: Engine
    server_id: str = "elsewhere"
    patience: Patience = field(default_factory=Patience)
    now_s: float = 1000.0
    outcomes: list[tuple[Step, Outcome]] = field(default_factory=list)
    token: CancelToken = field(default_factory=CancelToken)
    at_claim: Callable[[Job], None] = lambda _: None

    def __post_init__(self) -> None:
        self.schedule = Schedule(patience=self.patience, random=Random(7))
        self.meet()

    def meet(self, *, at_once: int = 3, is_ready: bool = True, is_paused: bool = False) -> None:
        """The monitor or the user has told something of the server."""
        self.schedule.set_server(
            self.server_id,
            at_once=at_once,
            can_wait=self.engine.can_wait,
            can_repeat=self.engine.can_repeat,
            is_ready=is_ready,
            is_paused=is_paused,
        )

    def take_up(self) -> None:
        """As at start: every open job is put into the schedule."""
        self.schedule.put(self.queue.open_jobs())

    def run(self, step: Step) -> Outcome:
        outcome = self.steps.run(
            step,
            self.engine,
            server_name="Elsewhere",
            model_title="Sketch",
            token=self.token,
            on_claim=self.at_claim,
        )
        self.outcomes.append((step, outcome))
        return outcome

    def take_steps(self) -> bool:
        """Run what is due now; whether there was anything."""
        steps = self.schedule.due(self.now_s)
        for step in steps:
            self.schedule.ended(step, self.run(step), self.now_s)
        return bool(steps)

    def pass_time(self, limit_s: float = 7200.0, *, until: JobState | None = None) -> None:
        """Run all that becomes due within a time that nobody waits for.

        A server that was lost is probed, and answers. ``until``: end when a job is in that state.
        """
        end_s = self.now_s + limit_s
        while self.now_s <= end_s:
            if until is not None and any(job.state is until for job in self.queue.open_jobs()):
                return
            if self.take_steps():
                continue
            hold = self.schedule.hold_of(self.server_id)
            if hold is not None and hold.is_for_an_answer:
                self.now_s += _PROBE_PAUSE_S
                self.meet(is_ready=False)
                self.meet()
                continue
            next_s = self.schedule.next_due_s()
            if next_s is None:
                return
            assert next_s > self.now_s, "the schedule says that something is due, and names nothing"
            self.now_s = next_s
