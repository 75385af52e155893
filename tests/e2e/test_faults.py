"""Five hundred jobs over a bad road, through the program's own parts to a real server.

Everything between the artist's wish and the picture on the disk is the program's; only the
window is missing, and between the program and the server every request may meet a fault.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.domain.jobs import FailureKind, Job, JobState
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.services.patience import Patience
from support.algovera_server import TRIAL, running_server
from support.fault_proxy import (
    HEALTH,
    LEAVES_IT_OPEN,
    MODELS,
    PICTURE,
    POST,
    STATUS,
    Fault,
    FaultProxy,
    Rates,
    fault_proxy,
    fault_table,
)
from support.job_stage import JobStage, job_stage

SERVERS = [f"studio-{number}" for number in range(20)]
"""Entries for the one server. Each is asked ten times a second at most."""

FAULTS = {
    Fault.LATE: 0.05,
    Fault.RESET_BEFORE: 0.003,
    Fault.RESET_AFTER: 0.003,
    Fault.CUT: 0.02,
    Fault.BUSY: 0.02,
    Fault.BROKEN: 0.02,
    Fault.PAGE: 0.02,
}
"""Few resets, for after each a server counts as away until it has been probed seconds later."""

BAD_ROAD: Rates = {
    POST: FAULTS | {Fault.RESET_BEFORE: 0.01, Fault.RESET_AFTER: 0.02},
    STATUS: FAULTS | {Fault.FORGOTTEN: 0.01},
    PICTURE: FAULTS,
    MODELS: {Fault.LATE: 0.05, Fault.PAGE: 0.01},
    HEALTH: {Fault.LATE: 0.05, Fault.BROKEN: 0.01},
}
QUICKLY_RESTED = Patience(first_rest_s=0.3, longest_rest_s=2)
LONGEST_MS = 120_000


class Orders:
    """Jobs of one program, none like another, and what becomes of them. By their prompts."""

    def __init__(self, stage: JobStage, proxy: FaultProxy, count: int) -> None:
        self.stage = stage
        self.prompts = {_request(number).prompt for number in range(count)}
        self.completed: Counter[str] = Counter()
        stage.serve_at(proxy.address)
        stage.jobs.job_completed.connect(self._on_jobs_job_completed)
        stage.jobs.hold_changed.connect(self._on_jobs_hold_changed)
        stage.tasks.unexpected_failed.connect(stage.troubles.append)
        stage.jobs.start()
        for place, server_id in enumerate(SERVERS):
            stage.servers.save(ServerConfig(server_id, server_id, proxy.address))
            numbers = range(place, count, len(SERVERS))
            stage.jobs.submit(server_id, [_request(number) for number in numbers])

    def left(self) -> dict[str, Job]:
        """The jobs that stay as they are unless the user does something."""
        jobs = self.stage.jobs.jobs.values()
        return {job.request.prompt: job for job in jobs if _is_left_to_the_user(job)}

    def are_done(self) -> bool:
        return len(self.completed) + len(self.left()) == len(self.prompts)

    def _on_jobs_job_completed(self, job: Job, _image: object) -> None:
        self.completed[job.request.prompt] += 1

    def _on_jobs_hold_changed(self, server_id: str) -> None:
        """After some lost answers in a row nothing is sent until the user says so. He does."""
        hold = self.stage.jobs.hold(server_id)
        if hold is not None and hold.sending_only and hold.until_s is None:
            QTimer.singleShot(0, self.stage.jobs, lambda: self.stage.jobs.release(server_id))


def _request(number: int) -> GenerationRequest:
    """Its prompt and its seed, which its picture's colour is made of, are no other's."""
    return GenerationRequest(f"paint {number}", "trial", 128, 128, steps=1, seed=number)


def _is_left_to_the_user(job: Job) -> bool:
    is_settled_by_itself = job.client_ref is not None
    return job.state is JobState.FAILED or (
        job.state is JobState.UNKNOWN and not is_settled_by_itself
    )


@contextmanager
def bad_road(folder: Path, *, seed: int, hides_refs: bool) -> Iterator[tuple[JobStage, FaultProxy]]:
    """A program, a server, and the road between them."""
    with (
        running_server(folder / "server", *TRIAL) as server,
        fault_proxy(server.address, BAD_ROAD, seed=seed, hides_refs=hides_refs) as proxy,
        job_stage(folder, patience=QUICKLY_RESTED) as stage,
    ):
        server.status(server.post_job("before anything"), wait=30)
        yield stage, proxy


def painted(folder: Path) -> Counter[str]:
    """How often the server has made each job, by its own books."""
    with closing(sqlite3.connect(folder / "server" / "server.db")) as books:
        rows = books.execute("SELECT json_extract(request, '$.prompt') FROM jobs").fetchall()
    return Counter(prompt for (prompt,) in rows if prompt != "before anything")


def assert_whole(stage: JobStage, prompts: set[str]) -> None:
    """Each of these jobs has one record and one file, and in it the picture that was asked for;
    and there is no other."""
    records = stage.library.page(LibraryQuery(), limit=10_000)
    assert sorted(record.request.prompt for record in records) == sorted(prompts)
    assert len({record.path for record in records}) == len(records)
    for record in records:
        with Image.open(stage.files.absolute(record.path)) as picture:
            assert picture.getpixel((0, 0)) == (record.request.seed % 256, 99, 33)


def report(proxy: FaultProxy, orders: Orders, folder: Path) -> None:
    """Print what happened, and leave it with the test's files."""
    words = {prompt: job.state.value for prompt, job in orders.left().items()}
    table = fault_table(proxy.meetings, words | dict.fromkeys(orders.completed, "done"))
    (folder / "faults.txt").write_text(table, "utf-8")
    print(f"\n{table}")


def test_all_pictures_arrive_and_none_is_made_twice(qtbot: QtBot, tmp_path: Path) -> None:
    with bad_road(tmp_path, seed=3, hides_refs=False) as (stage, proxy):
        orders = Orders(stage, proxy, 500)
        qtbot.waitUntil(orders.are_done, timeout=LONGEST_MS)
        report(proxy, orders, tmp_path)
        failures = {prompt: job.failure for prompt, job in orders.left().items()}
        kinds = {prompt: failure and failure.kind for prompt, failure in failures.items()}
        assert kinds == dict.fromkeys(proxy.forgotten, FailureKind.FORGOTTEN)
        assert orders.completed == Counter(orders.prompts - proxy.forgotten)
        assert_whole(stage, orders.prompts - proxy.forgotten)
        assert {meeting.fault for meeting in proxy.meetings} == {None, *Fault}
        assert stage.troubles == []
    assert painted(tmp_path) == Counter(orders.prompts)


def test_without_refs_a_lost_answer_is_left_to_the_user_and_nothing_is_posted_twice(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with bad_road(tmp_path, seed=7, hides_refs=True) as (stage, proxy):
        orders = Orders(stage, proxy, 200)
        qtbot.waitUntil(orders.are_done, timeout=LONGEST_MS)
        report(proxy, orders, tmp_path)
        posts = [meeting for meeting in proxy.meetings if meeting.path == POST]
        lost = {meeting.prompt for meeting in posts if meeting.fault in LEAVES_IT_OPEN}
        left = orders.left()
        unknown = {prompt for prompt, job in left.items() if job.state is JobState.UNKNOWN}
        assert unknown == lost
        assert set(left) - unknown == proxy.forgotten
        assert orders.completed == Counter(orders.prompts - lost - proxy.forgotten)
        assert_whole(stage, orders.prompts - lost - proxy.forgotten)
        # A 429 says that the job was not taken; nothing else is ever sent again.
        accounted = [meeting.prompt for meeting in posts if meeting.fault is not Fault.BUSY]
        assert Counter(accounted) == Counter(orders.prompts)
        assert proxy.hidden_refs == 0
        assert stage.troubles == []
    assert painted(tmp_path) == Counter(meeting.prompt for meeting in posts if meeting.seen)
