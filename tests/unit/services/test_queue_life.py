"""Jobs under any sequence of wishes, answers, troubles and crashes: all reach one end, no picture
is lost, and nothing is paid for that nobody wished for.

Everything is real but the network, which a script answers, and the clock.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.domain.jobs import ACTIVE_STATES, Job, JobState
from algovera_desktop.library.store import Library
from algovera_desktop.services.outcomes import Outcome, Step
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.recovery import PictureRecovery
from algovera_desktop.services.steps import StepRunner
from support.charging_engine import LOSSES, REFUSALS, TROUBLES, ChargingEngine, Killed
from support.mortal_library import ACCIDENTS, Fuse, MortalDatabase, MortalFiles
from support.step_driver import StepDriver

SERVER = "elsewhere"
MEMORY = Path("/dev/shm")
"""Nothing here asks what a power cut leaves; waiting for a disk would only take time."""

POSTS = st.lists(st.sampled_from(["taken", "taken", *LOSSES, *REFUSALS]), max_size=4)
QUESTIONS = st.lists(st.sampled_from(["", "", *TROUBLES, "forgotten", "failed"]), max_size=4)
Work = tuple[int, bool, list[str], list[str]]
WORK = st.tuples(st.integers(0, 12), st.booleans(), POSTS, QUESTIONS)
"""Turns, whether what holds the server is mended before, and its answers."""
ACTS = [
    "cancel",
    "undo",
    *["cancel what is worked on"] * 3,
    *["cancel what is worked on and undo"] * 2,
    "retry all",
    "duplicate",
    "look at it in the form",
    "edit",
    "move",
    "pause",
    "try again",
]
WHEN = st.sampled_from(["now", "now", "submit", "status", "fetch"])
END = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN)


class QueueLife(RuleBasedStateMachine):
    """``wishes`` counts for each job how often it may be made: once, and once more for each time
    that the user sends it again or takes the cancelling of one back that was at its server."""

    jobs: Bundle[str] = Bundle("jobs")

    @initialize(target=jobs, can_wait=st.booleans(), can_repeat=st.booleans())
    def begin(self, can_wait: bool, can_repeat: bool) -> object:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.engine = ChargingEngine(can_wait=can_wait, can_repeat=can_repeat)
        self.wishes: Counter[str] = Counter()
        self.undo: list[list[Job]] = []
        self.now_s = 0.0
        self.start_program()
        return multiple(*(job.id for job in self.add_jobs(2)))

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.all_jobs_come_to_their_end()
        finally:
            self.database.close()
            shutil.rmtree(self.folder)

    # The program.

    def start_program(self) -> None:
        self.fuse = Fuse()
        self.database = MortalDatabase(self.folder / "library.sqlite3", self.fuse)
        self.library = Library(self.database)
        self.files = MortalFiles(self.folder / "pictures", self.fuse)
        PictureRecovery(self.database, self.library, self.files, lambda _: "Elsewhere").run()
        self.no_picture_is_without_a_record()
        self.queue = JobQueue(self.database, self.library)
        self.queue.recover()
        runner = StepRunner(self.queue, self.files)
        self.driver = StepDriver(self.queue, runner, self.engine, SERVER, now_s=self.now_s)
        self.driver.at_claim = self.note_claim
        self.driver.take_up()
        # Those that were added when the program died.
        self.wish([job for job in self.queue.open_jobs() if job.id not in self.wishes])
        self.named: list[Step] = []
        self.taken: list[tuple[Step, Outcome]] = []

    def note_claim(self, job: Job) -> None:
        self.engine.posting = job.id
        self.driver.schedule.put([job])

    def dies(self) -> None:
        self.now_s = self.driver.now_s
        self.database.close()
        self.start_program()

    def mildly(self, act: Callable[[], object]) -> None:
        """What the user does fails, and is told so, where the disk is full."""
        with suppress(LibraryError):
            act()

    def mortal(self, act: Callable[[], object]) -> None:
        try:
            self.mildly(act)
        except Killed:
            self.dies()

    @rule(pass_s=st.sampled_from([0.0, 0.5, 3.0, 70.0, 4000.0]))
    def name_steps(self, pass_s: float) -> None:
        self.driver.now_s += pass_s
        self.named += self.driver.schedule.due(self.driver.now_s)

    @precondition(lambda self: self.named)
    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        step = self.named.pop(data.draw(st.integers(0, len(self.named) - 1)))
        try:
            self.taken.append((step, self.driver.run(step)))
        except Killed:
            self.dies()

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def hear_of_a_step(self, data: st.DataObject) -> None:
        step, outcome = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
        self.driver.schedule.ended(step, outcome, self.driver.now_s)

    @rule(work=WORK)
    def work_on(self, work: Work) -> None:
        """The server answers by the script first, and then as it should."""
        turns, is_mended, posts, questions = work
        if is_mended:
            self.driver.meet()
            self.driver.schedule.release(SERVER, self.driver.now_s)
        self.engine.post_script.extend(posts)
        self.engine.question_script.extend(questions)
        try:
            for _ in range(turns):
                self.hear_of_everything()
                if not self.driver.take_steps():
                    self.driver.now_s = self.driver.schedule.next_due_s() or self.driver.now_s
        except Killed:
            self.dies()

    def hear_of_everything(self) -> None:
        while self.named:
            step = self.named.pop()
            self.taken.append((step, self.driver.run(step)))
        while self.taken:
            step, outcome = self.taken.pop()
            self.driver.schedule.ended(step, outcome, self.driver.now_s)

    @rule()
    def crash(self) -> None:
        self.dies()

    @rule(accident=st.sampled_from(ACCIDENTS), writes=st.integers(0, 4))
    def something_will_happen_to_the_library(self, accident: str, writes: int) -> None:
        self.fuse.accident, self.fuse.writes = accident, writes

    @rule()
    def the_computer_sleeps(self) -> None:
        self.driver.now_s += 30_000.0
        self.driver.schedule.wake(self.driver.now_s)

    @rule(is_ready=st.booleans())
    def the_server_is_probed(self, is_ready: bool) -> None:
        self.driver.meet(is_ready=is_ready)

    # The user.

    @rule(target=jobs, number=st.integers(1, 2), work=WORK)
    def add(self, number: int, work: Work) -> object:
        added: list[Job] = []
        self.mortal(lambda: added.extend(self.add_jobs(number)))
        self.work_on(work)
        return multiple(*(job.id for job in added))

    @rule(job_id=jobs, before=jobs, act=st.sampled_from(ACTS), when=WHEN, work=WORK)
    def the_user_acts(self, job_id: str, before: str, act: str, when: str, work: Work) -> None:
        """At once, or inside the next call of a kind to the server."""
        acts: dict[str, Callable[[], object]] = {
            "cancel": lambda: self.do_cancel([job_id]),
            "undo": self.do_undo,
            "cancel what is worked on": lambda: self.do_cancel(self.active()),
            "cancel what is worked on and undo": lambda: (
                self.do_cancel(self.active()) or self.do_undo()
            ),
            "retry all": self.do_retry,
            "duplicate": lambda: self.do_duplicate(job_id),
            "look at it in the form": lambda: self.do_edit(job_id, None),
            "edit": lambda: self.do_edit(job_id, GenerationRequest("a bear", "sketch")),
            "move": lambda: self.driver.schedule.put(self.queue.move([job_id], before)),
            "pause": lambda: self.driver.meet(is_paused=True),
            "try again": lambda: self.driver.schedule.release(SERVER, self.driver.now_s),
        }

        if when == "now":
            self.mortal(acts[act])
        else:
            self.engine.meanwhile[when] = lambda: self.mildly(acts[act])
        self.work_on(work)

    def add_jobs(self, number: int) -> list[Job]:
        jobs = self.queue.add(SERVER, [GenerationRequest("a fox", "sketch")] * number)
        self.wish(jobs)
        self.driver.schedule.put(jobs)
        return jobs

    def wish(self, jobs: list[Job]) -> None:
        self.wishes.update(job.id for job in jobs)

    def active(self) -> list[str]:
        return [job.id for job in self.queue.open_jobs() if job.state in ACTIVE_STATES]

    def do_cancel(self, ids: list[str]) -> None:
        before = [self.job(job_id) for job_id in ids]
        cancelled = self.queue.cancel(ids)
        if cancelled:
            self.undo.append(before)
        self.driver.schedule.put(cancelled)

    def do_undo(self) -> None:
        if not self.undo:
            return
        before = self.undo[-1]
        at_server = [job.id for job in before if job.state in ACTIVE_STATES]
        self.wish_anew(at_server, lambda: self.queue.restore(before))
        self.undo.pop()

    def do_retry(self) -> None:
        stopped = (JobState.FAILED, JobState.UNKNOWN)
        ids = [job.id for job in self.queue.open_jobs() if job.state in stopped]
        self.wish_anew(ids, lambda: self.queue.retry(ids))

    def wish_anew(self, ids: list[str], act: Callable[[], list[Job]]) -> None:
        """Do what puts jobs in line once more. A wish counts as soon as it may be on the disk."""
        self.wishes.update(ids)
        try:
            changed = act()
        except LibraryError:
            self.wishes.subtract(ids)
            raise
        in_line = {job.id for job in changed if job.state is JobState.WAITING}
        self.wishes.subtract(set(ids) - in_line)
        self.driver.schedule.put(changed)

    def do_duplicate(self, job_id: str) -> None:
        copies = self.queue.duplicate([job_id])
        self.wish(copies)
        self.driver.schedule.put(copies)

    def do_edit(self, job_id: str, request: GenerationRequest | None) -> None:
        begun = self.queue.begin_edit(job_id)
        self.driver.schedule.put([begun] if begun else [])
        ended = self.queue.end_edit(job_id, request)
        self.driver.schedule.put([ended] if ended else [])

    # What must be true.

    @invariant()
    def no_job_is_made_or_risked_more_often_than_wished_for(self) -> None:
        for job_id, wishes in self.wishes.items() if hasattr(self, "wishes") else ():
            assert self.engine.made[job_id] <= wishes
            assert self.engine.risked(job_id) <= wishes

    def no_picture_is_without_a_record(self) -> None:
        records = self.library.page(LibraryQuery(), limit=10_000)
        named = {self.files.absolute(record.path) for record in records}
        stored = {path for path in (self.folder / "pictures").rglob("*") if path.is_file()}
        assert stored == named

    def all_jobs_come_to_their_end(self) -> None:
        """With a healthy server and a user who settles what only the user can."""
        self.engine.post_script.clear()
        self.engine.question_script.clear()
        self.engine.meanwhile.clear()
        self.fuse.accident = ""
        self.hear_of_everything()
        for job in self.queue.open_jobs():
            # Left open in the form, for the disk was full when it was to be saved.
            ended = self.queue.end_edit(job.id, None)
            self.driver.schedule.put([ended] if ended else [])
        self.driver.meet()
        self.driver.schedule.release(SERVER, self.driver.now_s)
        self.driver.pass_time(20_000.0)
        jobs = [self.job(job_id) for job_id in self.wishes]
        assert [(job.state, job.failure) for job in jobs if job.state not in END] == []
        unknown = [job for job in jobs if job.state is JobState.UNKNOWN]
        assert not (unknown and self.engine.can_repeat)
        self.no_job_is_made_or_risked_more_often_than_wished_for()
        self.do_retry()
        self.driver.schedule.release(SERVER, self.driver.now_s)
        self.driver.pass_time(20_000.0)
        self.check_ends()

    def check_ends(self) -> None:
        jobs = [self.job(job_id) for job_id in self.wishes]
        done = {job.id for job in jobs if job.state is JobState.DONE}
        assert all(job.state in END[:3] for job in jobs)
        records = self.library.page(LibraryQuery(), limit=10_000)
        assert Counter(record.job_id for record in records) == Counter(done)
        self.no_picture_is_without_a_record()
        self.no_job_is_made_or_risked_more_often_than_wished_for()
        assert self.driver.schedule.due(self.driver.now_s + 100_000.0) == []

    def job(self, job_id: str) -> Job:
        job = self.queue.get(job_id)
        assert job is not None
        return job


TestQueueLife = pytest.mark.allows_log("its failure could not be written")(QueueLife.TestCase)
TestQueueLife.settings = settings(
    max_examples=40, stateful_step_count=50, suppress_health_check=[HealthCheck.too_slow]
)
