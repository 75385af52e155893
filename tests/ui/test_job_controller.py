"""The controller over a real queue, a real runner and a real server in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import FailureKind, Job, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig, ServerState
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.runner import JobRunner
from algovera_desktop.ui.job_controller import JobController, QueueSummary
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.tasks import Tasks
from support.algovera_server import LOCAL_KEY, TRIAL, ServerProcess, running_server
from support.full_disk import fill, make_room, small_disk_at
from support.http_server import reply_json, scripted_server


class Stage:
    """A controller with everything below it real, and what it told."""

    def __init__(self, folder: Path, *, database_folder: Path | None = None) -> None:
        self.endpoint = Endpoint("http://127.0.0.1:9", LOCAL_KEY)
        self.database = Database((database_folder or folder) / "library.sqlite3")
        self.library = Library(self.database)
        self.queue = JobQueue(self.database, self.library)
        self.files = PictureFiles(folder / "pictures")
        self.tasks = Tasks()
        self.engines = EngineDirectory(
            lambda server_id: ServerConfig(server_id, "here"),
            lambda _server: AlgoveraEngine(lambda: self.endpoint),
        )
        self.monitor = ServerMonitor(self.tasks, self.engines)
        runner = JobRunner(self.queue, self.files)
        self.jobs = JobController(
            self.queue,
            lambda job, context: runner.run(
                job,
                self.engines.engine(job.server_id),
                server_name="here",
                model_title="Trial",
                token=context.token,
                on_progress=context.report,
            ),
            self.monitor,
            self.tasks,
        )
        self.states: dict[str, list[JobState]] = {}
        self.completed: list[str] = []
        self.removed: list[str] = []
        self.troubles: list[Exception] = []
        self.most_running = 0
        self.summary = QueueSummary()
        self.jobs.job_changed.connect(self._note_state)
        self.jobs.job_completed.connect(lambda job, _image: self.completed.append(job.id))
        self.jobs.job_removed.connect(self.removed.append)
        self.jobs.failed.connect(self.troubles.append)
        self.jobs.summary_changed.connect(self._note_summary)

    def submit(self, *prompts: str, server_id: str = LOCAL_SERVER_ID) -> None:
        self.jobs.submit(
            server_id,
            [
                GenerationRequest(prompt, "trial", width=128, height=128, steps=4, seed=seed)
                for seed, prompt in enumerate(prompts)
            ],
        )

    def close(self) -> None:
        assert self.tasks.shut_down(10)
        QCoreApplication.processEvents()
        self.engines.close()
        self.database.close()

    def _note_state(self, job: Job) -> None:
        self.states.setdefault(job.id, []).append(job.state)

    def _note_summary(self, summary: QueueSummary) -> None:
        self.summary = summary
        self.most_running = max(self.most_running, summary.running)


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def server(tmp_path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "server", *TRIAL) as server:
        yield server


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


def test_pictures_come_one_after_the_other_from_this_computer(qtbot, stage, server):
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    stage.submit("paint a", "paint b", "paint c")
    wait_until(qtbot, lambda: len(stage.completed) == 3)
    assert stage.most_running == 1
    for job_id in stage.completed:
        assert stage.states[job_id][:2] == [JobState.SUBMITTING, JobState.RUNNING]
        record = stage.library.for_job(job_id)
        assert stage.files.absolute(record.path).is_file()
    wait_until(qtbot, lambda: stage.summary == QueueSummary())


def test_another_server_gets_three_at_a_time(qtbot, stage, server):
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    stage.submit(*["hold"] * 5, server_id="studio")
    wait_until(qtbot, lambda: stage.most_running == 3)
    server.gate.touch()
    wait_until(qtbot, lambda: len(stage.completed) == 5)
    assert stage.most_running == 3


def test_jobs_wait_for_a_server_that_does_not_answer_and_go_on_when_it_does(qtbot, stage, tmp_path):
    stage.submit("paint")
    wait_until(
        qtbot, lambda: stage.monitor.status(LOCAL_SERVER_ID).state is ServerState.UNREACHABLE
    )
    assert stage.queue.open_jobs()[0].state is JobState.WAITING
    with running_server(tmp_path / "server", *TRIAL) as server:
        stage.endpoint = Endpoint(server.address, LOCAL_KEY)
        wait_until(qtbot, lambda: stage.completed)


def test_cancelling_a_running_job_ends_it_here_and_at_the_server(qtbot, stage, server):
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    stage.submit("hold", "paint")
    wait_until(qtbot, lambda: stage.summary.progress)
    running = next(job for job in stage.queue.open_jobs() if job.state is JobState.RUNNING)
    stage.jobs.cancel(running.id)
    wait_until(qtbot, lambda: stage.removed == [running.id] and len(stage.completed) == 1)
    assert stage.queue.get(running.id).state is JobState.CANCELLED
    assert "cancelled" in server.wait_for_end(running.remote_id)["error"].lower()


def test_a_failed_job_says_why_and_runs_again(qtbot, stage, server):
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    stage.submit("raise out of paint")
    wait_until(qtbot, lambda: stage.summary.failed == 1)
    (job,) = stage.queue.open_jobs()
    assert job.failure.kind is FailureKind.ENGINE
    stage.jobs.retry(job.id)
    wait_until(qtbot, lambda: stage.states[job.id].count(JobState.FAILED) == 2)
    stage.jobs.cancel(job.id)
    wait_until(qtbot, lambda: stage.removed == [job.id])
    assert stage.queue.open_jobs() == []


def test_a_key_that_is_refused_fails_the_job_with_that_reason(qtbot, stage, server):
    stage.endpoint = Endpoint(server.address, "0" * 64)
    stage.submit("paint")
    wait_until(qtbot, lambda: stage.summary.failed == 1)
    (job,) = stage.queue.open_jobs()
    assert job.failure.kind is FailureKind.AUTHENTICATION


def test_a_running_job_is_taken_up_again_after_a_restart(qtbot, qapp, tmp_path, server):
    first = Stage(tmp_path)
    first.endpoint = Endpoint(server.address, LOCAL_KEY)
    first.submit("hold", "paint")
    wait_until(qtbot, lambda: first.summary.progress)
    remote_ids = [job.remote_id for job in first.queue.open_jobs()]
    first.close()
    second = Stage(tmp_path)
    second.endpoint = Endpoint(server.address, LOCAL_KEY)
    second.jobs.start()
    server.gate.touch()
    wait_until(qtbot, lambda: len(second.completed) == 2)
    assert remote_ids[0] is not None
    assert second.queue.get(second.completed[0]).remote_id == remote_ids[0]
    second.close()


def test_a_full_disk_stops_the_job_without_turning_in_circles(qtbot, stage, server, monkeypatch):
    """The queue's own disk is full: not even the failure can be written down."""
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    attempts: list[str] = []
    run = stage.jobs.run_job

    def fail(job, context):
        attempts.append(job.id)
        if len(attempts) == 1:
            raise DiskFullError("no space left")
        return run(job, context)

    stage.jobs.run_job = fail
    stage.submit("paint")
    wait_until(qtbot, lambda: stage.summary.failed == 1)
    qtbot.wait(200)
    assert len(attempts) == 1
    # Nothing was posted by that attempt, so the queue still has the job as claimed.
    (job,) = stage.queue.open_jobs()
    stage.jobs.retry(job.id)
    wait_until(qtbot, lambda: stage.completed == [job.id])


def test_jobs_that_cannot_be_claimed_on_a_full_disk_wait_without_turning_in_circles(
    qtbot, qapp, tmp_path, server, monkeypatch
):
    monkeypatch.setattr("algovera_desktop.ui.job_controller._REST_S", 0.5)
    with small_disk_at(tmp_path / "small") as disk:
        stage = Stage(tmp_path, database_folder=disk)
        stage.submit("paint a", "paint b")
        wait_until(qtbot, lambda: len(stage.queue.open_jobs()) == 2)
        fill(disk)
        stage.endpoint = Endpoint(server.address, LOCAL_KEY)
        stage.monitor.ask_again(LOCAL_SERVER_ID)
        wait_until(qtbot, lambda: stage.troubles)
        qtbot.wait(200)
        assert [type(trouble) for trouble in stage.troubles] == [DiskFullError]
        make_room(disk)
        wait_until(qtbot, lambda: len(stage.completed) == 2)
        stage.close()


def test_a_job_that_was_certainly_not_sent_waits_for_its_server(qtbot, stage, server, monkeypatch):
    """The server answers until the job is claimed, and is gone when the job is to be sent."""
    monkeypatch.setattr("algovera_desktop.ui.job_controller._REST_S", 0.05)
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    stage.monitor.ask_again("studio")
    wait_until(qtbot, lambda: stage.monitor.is_ready("studio"))
    stage.endpoint = Endpoint("http://127.0.0.1:9", LOCAL_KEY)
    stage.submit(*["paint"] * 4, server_id="studio")
    wait_until(qtbot, lambda: stage.monitor.status("studio").state is ServerState.UNREACHABLE)
    wait_until(qtbot, lambda: stage.summary == QueueSummary(waiting=4))
    stage.endpoint = Endpoint(server.address, LOCAL_KEY)
    wait_until(qtbot, lambda: len(stage.completed) == 4)
    assert JobState.FAILED not in {state for states in stage.states.values() for state in states}


def test_a_server_that_asks_for_patience_gets_it(qtbot, stage, monkeypatch):
    monkeypatch.setattr("algovera_desktop.ui.job_controller._REST_S", 0.05)
    with scripted_server() as server:
        server.on("/api/basemodels", reply_json({"base_models": ["trial"]}))
        server.on("/api/models", reply_json({"detail": "Not Found"}, 404))
        busy = reply_json({"detail": "busy"}, 429, Retry_After="1")
        server.on("/api/status", reply_json({"detail": "no"}, 500))
        server.on("/api/txt2img", busy, reply_json({"detail": "no credits"}, 402))
        stage.endpoint = Endpoint(server.address, LOCAL_KEY)
        stage.submit("paint", server_id="studio")
        with qtbot.waitSignal(stage.jobs.job_progressed, timeout=20_000) as told:
            pass
        assert told.args[0].held_up_by is FailureKind.RATE_LIMITED
        wait_until(qtbot, lambda: stage.summary.failed == 1)
        first, second = (request.at for request in server.to("/api/txt2img"))
    assert second - first >= 1


def test_retrying_a_job_that_a_worker_holds_sends_nothing(qtbot, stage):
    """As when Retry is pressed twice: by the second press, the job may be claimed already."""
    with scripted_server() as server:
        server.on("/api/models", reply_json({"models": [{"name": "trial"}]}))
        server.on("/api/health", reply_json({}))
        server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
        server.on("/api/txt2img", reply_json({"detail": "no credits"}, 402))
        stage.endpoint = Endpoint(server.address, LOCAL_KEY)
        stage.monitor.ask_again("studio")
        wait_until(qtbot, lambda: stage.monitor.is_ready("studio"))
        stage.queue.add("studio", [GenerationRequest("held", "trial")])
        held = stage.queue.claim("studio")
        stage.jobs.retry(held.id)
        stage.submit("free", server_id="studio")
        wait_until(qtbot, lambda: stage.summary.failed == 1)
        assert [request.json()["prompt"] for request in server.to("/api/txt2img")] == ["free"]
    assert stage.queue.get(held.id).state is JobState.SUBMITTING
