"""Which steps are due at one server."""

from collections import Counter
from collections.abc import Callable, Iterator
from math import inf
from random import Random

from algovera_desktop.services.counted_time import CountedTime
from algovera_desktop.services.due_heap import DueHeap
from algovera_desktop.services.holds import Hold
from algovera_desktop.services.outcomes import Step, StepKind
from algovera_desktop.services.patience import Patience
from algovera_desktop.services.server_jobs import ServerJobs

CONNECTIONS = 4
"""Questions under way at one server, so that a slow one cannot take all the threads."""

_OF_ONE_SORT = CONNECTIONS - 1
"""So that polls leave room for a POST and for a picture, and POSTs for polls."""

_BETWEEN_POLLS_S = 0.1
POSTS = frozenset({StepKind.SUBMIT, StepKind.SETTLE})
_LOCAL = frozenset({StepKind.RECORD, StepKind.GIVE_UP, StepKind.RELEASE})

_Choice = tuple[float | None, Callable[[], Step]]


class ServerSchedule:
    """Names steps of one server, each as soon as the limits allow it.

    A step counts as under way until ``free``. After a hold of everything only one step is under
    way until one has succeeded (``prove``), and that is a question, where there is one to ask.
    ``troubles`` counts holds in a row, those that POSTs met (True) and others by themselves.
    """

    def __init__(self, server_id: str, patience: Patience, random: Random) -> None:
        self.server_id = server_id
        self.jobs = ServerJobs()
        self.time = CountedTime()
        self.hold: Hold | None = None
        self.at_once, self.can_wait, self.can_repeat = 1, False, False
        self.is_ready, self.is_paused = False, False
        self.submit_from_s = self.release_from_s = -inf
        self.seen_s = 0.0
        self.troubles: Counter[bool] = Counter()
        self.lost_answers = 0
        self._patience = patience
        self._random = random
        self._until_word: Hold | None = None
        self._is_proving = False
        self._poll_from_s = -inf
        self._local = DueHeap()
        self._local_steps: dict[str, Step] = {}
        self._under_way: Counter[StepKind] = Counter()
        self._line_versions: dict[Step, int] = {}

    def set_ready(self, is_ready: bool) -> None:
        """A server that answers again ends the hold that waited for that."""
        came_back = is_ready and not self.is_ready
        self.is_ready = is_ready
        if came_back and self.hold is not None and self.hold.is_for_an_answer:
            self.release()
        elif came_back:
            self.jobs.make_all_due()
        self._keep_time()

    def add_hold(self, hold: Hold) -> None:
        if hold.needs_word:
            self._until_word = hold
        self.hold = hold if self.hold is None else self.hold.joined(hold)
        self._keep_time()

    def release(self) -> None:
        """Go on: one step first, then all that are due. What needs the user's word stays."""
        if self.hold is not None and self.hold is not self._until_word:
            self._is_proving = not self.hold.sending_only
            self.hold = self._until_word
            self.jobs.make_all_due()
        self._keep_time()

    def take_word(self) -> None:
        """The user wants it tried again: whatever holds it ends, and what was met is forgotten."""
        self._until_word = None
        self.troubles.clear()
        self.lost_answers = 0
        self.release()

    def prove(self, step: Step) -> None:
        """The server has answered this step as it should."""
        self._is_proving = False
        self.troubles[step.kind in POSTS] = 0

    def wake(self, now_s: float) -> None:
        """The time since anything was last seen does not count; all questions are due."""
        self.time.skip(max(now_s - self.seen_s, 0.0))
        self.seen_s = now_s
        self.jobs.make_all_due()

    def put_local(self, step: Step, due_s: float) -> None:
        """A step that needs no server, whatever holds it."""
        assert step.job is not None
        self._local_steps[step.job.id] = step
        self._local.put(step.job.id, due_s)

    def due(self, now_s: float) -> list[Step]:
        self.seen_s = now_s
        if self.hold is not None and self.hold.until_s is not None and self.hold.until_s <= now_s:
            self.release()
        steps: list[Step] = []
        while (choice := self._first(now_s)) is not None:
            step = choice()
            self._under_way[step.kind] += 1
            if step.job is not None:
                self.jobs.busy.add(step.job.id)
            steps.append(step)
        return steps

    def next_due_s(self) -> float | None:
        """When ``due`` will next name a step, unless something else happens before."""
        times = [ready_s for ready_s, _ in self._choices() if ready_s is not None]
        if self.hold is not None and self.hold.until_s is not None:
            times.append(self.hold.until_s)
        return min(times, default=None)

    def free(self, step: Step) -> None:
        """The step is not under way any more."""
        self._under_way[step.kind] -= 1
        if step.job is not None:
            self.jobs.end_step(step.job.id)

    def is_line_unchanged(self, step: Step) -> bool:
        """Whether no job got in line since this SUBMIT was named; to be asked once."""
        return self._line_versions.pop(step, None) == self.jobs.line_version

    def _first(self, now_s: float) -> Callable[[], Step] | None:
        for ready_s, choice in self._choices():
            if ready_s is not None and ready_s <= now_s:
                return choice
        return None

    def _choices(self) -> Iterator[_Choice]:
        """What could be next, the most urgent first, and from when on; None for never."""
        yield self._local.first_s(), self._take_local
        if not self._is_open():
            return
        if self.hold is None and self.jobs.held:
            yield self._release_s(), self._name_release
        if not self._has_connection():
            return
        yield self.jobs.fetches.first_s(), self._take_fetch
        if self._may_send():
            if self.can_repeat:
                yield self.jobs.settles.first_s(), self._take_settle
            yield self._submit_s(), self._name_submit
        if self.jobs.farewells:
            yield -inf, self._take_farewell
        if self._under_way[StepKind.POLL] < _OF_ONE_SORT:
            first_s = self.jobs.polls.first_s()
            yield None if first_s is None else max(first_s, self._poll_from_s), self._take_poll

    def _is_open(self) -> bool:
        return self.is_ready and (self.hold is None or self.hold.sending_only)

    def _keep_time(self) -> None:
        self.time.run(self._is_open(), self.seen_s)

    def _has_connection(self) -> bool:
        connected = sum(self._under_way.values()) - sum(self._under_way[kind] for kind in _LOCAL)
        return connected < (1 if self._is_proving else CONNECTIONS)

    def _may_send(self) -> bool:
        posts = sum(self._under_way[kind] for kind in POSTS)
        has_question = len(self.jobs.polls) > 0 or len(self.jobs.fetches) > 0
        return (
            not self.is_paused
            and self.hold is None
            and not (self._is_proving and has_question)
            and posts < _OF_ONE_SORT
            and posts + self.jobs.at_server < self.at_once
        )

    def _release_s(self) -> float | None:
        return None if self._under_way[StepKind.RELEASE] else self.release_from_s

    def _submit_s(self) -> float | None:
        """Held jobs keep their places: they get back in line before the next is taken."""
        is_releasing = self.jobs.held or self._under_way[StepKind.RELEASE]
        if is_releasing or self.jobs.unclaimed(self._under_way[StepKind.SUBMIT]) <= 0:
            return None
        return self.submit_from_s

    def _take_local(self) -> Step:
        return self._local_steps.pop(self._local.pop())

    def _name_release(self) -> Step:
        self.jobs.begin_release()
        return Step(StepKind.RELEASE, self.server_id)

    def _take_fetch(self) -> Step:
        tracked = self.jobs.tracked[self.jobs.fetches.pop()]
        return Step(StepKind.FETCH, self.server_id, tracked.job, seconds=tracked.seconds)

    def _take_settle(self) -> Step:
        tracked = self.jobs.tracked[self.jobs.settles.pop()]
        return Step(StepKind.SETTLE, self.server_id, tracked.job)

    def _name_submit(self) -> Step:
        step = Step(StepKind.SUBMIT, self.server_id)
        self._line_versions[step] = self.jobs.line_version
        return step

    def _take_farewell(self) -> Step:
        return Step(StepKind.FAREWELL, self.server_id, self.jobs.farewells.popleft())

    def _take_poll(self) -> Step:
        """Long polls only while each running job can have one and a POST still gets through."""
        self._poll_from_s = max(self._poll_from_s, self.seen_s) + _BETWEEN_POLLS_S
        tracked = self.jobs.tracked[self.jobs.polls.pop()]
        waits = self.can_wait and not self._is_proving and self.jobs.at_server <= _OF_ONE_SORT
        wait_s = self._patience.long_poll_s if waits else 0.0
        return Step(StepKind.POLL, self.server_id, tracked.job, wait_s)
