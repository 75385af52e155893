"""What the server counts and measures about itself; never by whom or with which words."""

from collections.abc import Mapping

from algovera_desktop.server.jobs import StoredState
from algovera_desktop.server.metrics import Counter, Histogram, gauge_lines

_STEP_BOUNDS_S = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_WAIT_BOUNDS_S = (0.1, 1.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)


class StudioMetrics:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self.steps = Histogram(
            "algovera_step_seconds", "How long a step took, a job's first left out", _STEP_BOUNDS_S
        )
        self.waits = Histogram(
            "algovera_wait_seconds", "How long a job waited before it was started", _WAIT_BOUNDS_S
        )
        self.ended = Counter("algovera_jobs_ended_total", "Jobs that were painted", "outcome")
        self.restarts = Counter("algovera_worker_restarts_total", "Workers that had to be replaced")
        self.answers = Counter(
            "algovera_http_answers_total", "HTTP answers", "method", "route", "status"
        )

    def text(self, jobs: Mapping[StoredState, int]) -> str:
        """Everything, with how many jobs are in each state now."""
        by_state = {(state.value,): count for state, count in jobs.items()}
        waiting = {(): jobs[StoredState.QUEUED]}
        lines = [
            *gauge_lines("algovera_queue_length", "Jobs that wait", waiting),
            *gauge_lines("algovera_jobs", "Jobs that are kept", by_state, "state"),
            *self.steps.lines(),
            *self.waits.lines(),
            *self.ended.lines(),
            *self.restarts.lines(),
            *self.answers.lines(),
        ]
        return "\n".join(lines) + "\n"
