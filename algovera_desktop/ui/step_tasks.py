"""Takes the steps of jobs on the network pool."""

from collections.abc import Callable, Set

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.services.outcomes import Ended, Interrupted, Outcome, Step, StepKind
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

RunStep = Callable[[Step, TaskContext], Outcome]
"""On a worker: takes one step, with its outcome in the queue, and reports the job it claims."""


class _StepRun(QObject):
    """One step under way. ``job_id`` is None until a job was claimed for it."""

    def __init__(self, step: Step, run_step: RunStep, tasks: Tasks, steps: "StepTasks") -> None:
        super().__init__(steps)
        self.step = step
        self.job_id = step.job.id if step.job else None
        self._steps = steps
        self._run_step = run_step
        self._is_unwanted = False
        self._outcome: Outcome = Interrupted(None)
        self._task = tasks.start(Pool.NETWORK, self._work)
        self._task.progressed.connect(self._on_task_progressed)
        self._task.cancelled.connect(self._on_task_cancelled)
        self._task.finished.connect(self._on_task_finished)

    def cancel(self) -> None:
        """Stop it; what it has done by then is its outcome."""
        self._is_unwanted = True
        self._task.cancel()

    def _work(self, context: TaskContext) -> None:
        # Kept here, for a task that was cancelled tells no result, and this one has happened.
        self._outcome = outcome = self._run_step(self.step, context)
        if isinstance(outcome, Ended) and not isinstance(outcome.error, AlgoveraError):
            raise outcome.error  # Our own mistake, which Tasks tells.

    def _on_task_progressed(self, job: object) -> None:
        assert isinstance(job, Job)
        self.job_id = job.id
        self._steps.claimed.emit(job)

    def _on_task_cancelled(self) -> None:
        if not self._is_unwanted:
            self._steps.stop()

    def _on_task_finished(self) -> None:
        self._steps.take_end(self, self._outcome)
        self.deleteLater()


class StepTasks(QObject):
    """Keeps the steps under way.

    Signals:
        claimed: the Job that a step has taken from the line.
        ended: the Step and its Outcome; of one that came to nothing, ``Interrupted(None)``.
    """

    claimed = Signal(object)
    ended = Signal(object, object)

    def __init__(self, run_step: RunStep, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run_step = run_step
        self._tasks = tasks
        self._runs: set[_StepRun] = set()
        self._is_stopped = False

    def start(self, step: Step) -> None:
        """Take a step on a worker."""
        if not self._is_stopped:
            self._runs.add(_StepRun(step, self._run_step, self._tasks, self))

    def stop(self) -> None:
        """The program ends: no worker takes steps any more."""
        self._is_stopped = True

    def cancel(self, job_ids: Set[str]) -> None:
        """Stop the steps of these jobs, but for telling their servers so."""
        for run in self._runs:
            if run.job_id in job_ids and run.step.kind is not StepKind.FAREWELL:
                run.cancel()

    def take_end(self, run: _StepRun, outcome: Outcome) -> None:
        """A step is no longer under way."""
        self._runs.discard(run)
        self.ended.emit(run.step, outcome)
