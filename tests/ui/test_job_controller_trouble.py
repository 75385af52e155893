"""Trouble that meets all jobs of a server: nothing fails, nothing is lost or sent twice."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from algovera_desktop.domain.jobs import FailureKind, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.server.process import database_path
from algovera_desktop.services.outcomes import StepKind
from support.algovera_server import TRIAL, ServerProcess, running_server
from support.fault_proxy import POST, Fault, fault_proxy
from support.full_disk import fill, make_room, small_disk_at
from support.http_server import Conversation, late, reply_json, resets, scripted_server
from support.job_stage import HURRIED, NOWHERE, STUDIO, JobStage, job_stage, request

UNKNOWN_JOB = reply_json({"detail": "Unknown job"}, 404)


@pytest.fixture(autouse=True)
def _probes_without_pause(monkeypatch):
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 0.05)


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[JobStage]:
    with job_stage(tmp_path, patience=HURRIED) as stage:
        yield stage


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[ServerProcess]:
    """One for all tests, since none of them breaks it."""
    with running_server(tmp_path_factory.mktemp("real") / "server", *TRIAL) as server:
        yield server


@pytest.fixture
def studio():
    """A server that says only what a test scripts; the key is accepted."""
    with scripted_server() as server:
        server.on("/api/models", reply_json({"detail": "Not Found"}, 404))
        server.on("/api/basemodels", reply_json({"base_models": ["trial"]}))
        server.on("/api/status", UNKNOWN_JOB)
        yield server


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


def jobs_of(server: ServerProcess) -> int:
    """How many jobs the server itself counts."""
    with closing(sqlite3.connect(database_path(server.data_dir))) as database:
        return database.execute("SELECT count(*) FROM jobs").fetchone()[0]


def test_a_wrong_key_holds_all_jobs_and_fails_none(qtbot, stage, server):
    stage.serve_at(server.address, key="0" * 64)
    stage.submit(*["paint"] * 200, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.held == 200)
    assert stage.jobs.hold(STUDIO).failure.kind is FailureKind.AUTHENTICATION
    assert stage.all_states() == {JobState.WAITING}
    kept = [job.id for job in stage.queue.open_jobs()][:4]
    stage.cancel(*[job_id for job_id in stage.jobs.jobs if job_id not in kept])
    stage.serve_at(server.address)
    stage.jobs.server_changed(STUDIO)
    wait_until(qtbot, lambda: sorted(stage.completed) == sorted(kept))
    assert JobState.FAILED not in stage.all_states()


def test_a_key_that_is_refused_for_jobs_only_is_not_tried_in_circles(qtbot, stage, studio):
    """The monitor finds nothing wrong with this key, so only the user can end the hold."""
    studio.on(POST, reply_json({"detail": "Invalid API key"}, 403))
    stage.serve_at(studio.address)
    stage.submit("paint", "paint", "paint", server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.held == 3 and stage.monitor.is_ready(STUDIO))
    qtbot.wait(200)
    sent = len(studio.to(POST))
    assert sent <= 3
    stage.jobs.release(STUDIO)
    wait_until(qtbot, lambda: len(studio.to(POST)) > sent)
    wait_until(qtbot, lambda: stage.summary.held == 3)
    assert JobState.FAILED not in stage.all_states()


def test_without_credits_jobs_are_held_until_the_user_says_so(qtbot, stage, studio):
    studio.on(POST, reply_json({"detail": "no credits"}, 402))
    stage.serve_at(studio.address)
    stage.submit(*["paint"] * 20, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.held == 20)
    assert stage.jobs.hold(STUDIO).failure.kind is FailureKind.PAYMENT
    assert len(studio.to(POST)) <= 3
    studio.on(POST, reply_json({"job_uuid": "a"}, 201))
    studio.on("/api/status", reply_json({"job_status": "created"}))
    stage.jobs.release(STUDIO)
    wait_until(qtbot, lambda: stage.summary.running == 3 and stage.summary.waiting == 17)
    assert JobState.FAILED not in stage.all_states()


def test_a_server_that_asks_for_patience_gets_it(qtbot, stage, studio):
    busy = reply_json({"detail": "busy"}, 429, Retry_After="1")
    studio.on(POST, busy, reply_json({"detail": "no credits"}, 402))
    stage.serve_at(studio.address)
    stage.submit("paint", server_id=STUDIO)
    kinds: list[FailureKind | None] = []

    def note(server_id: str) -> None:
        hold = stage.jobs.hold(server_id)
        kinds.append(hold.failure.kind if hold else None)

    stage.jobs.hold_changed.connect(note)
    wait_until(qtbot, lambda: len(studio.to(POST)) == 2 and FailureKind.PAYMENT in kinds)
    assert kinds[:3] == [FailureKind.RATE_LIMITED, None, FailureKind.PAYMENT]
    first, second = (one.at for one in studio.to(POST))
    assert second - first >= 1


def test_a_server_that_goes_away_while_it_is_to_be_left_alone_is_held_for_that(
    qtbot, stage, studio
):
    studio.on(POST, reply_json({"detail": "busy"}, 429, Retry_After="1"))
    stage.serve_at(studio.address)
    stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: stage.jobs.hold(STUDIO))
    stage.serve_at(NOWHERE)
    stage.monitor.ask_again(STUDIO)
    wait_until(qtbot, lambda: stage.monitor.status(STUDIO).error)
    assert stage.jobs.hold(STUDIO).failure.kind is FailureKind.RATE_LIMITED
    wait_until(qtbot, lambda: stage.jobs.hold(STUDIO).failure.kind is FailureKind.UNREACHABLE)
    assert stage.summary.held == 1


def test_a_server_that_is_gone_when_a_job_is_to_be_sent_holds_it(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.monitor.ask_again(STUDIO)
    wait_until(qtbot, lambda: stage.monitor.is_ready(STUDIO))
    stage.serve_at(NOWHERE)
    stage.submit(*["paint"] * 4, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.held == 4)
    wait_until(qtbot, lambda: stage.monitor.status(STUDIO).state is ServerState.UNREACHABLE)
    stage.serve_at(server.address)
    wait_until(qtbot, lambda: len(stage.completed) == 4)
    assert JobState.FAILED not in stage.all_states()


def test_jobs_outlive_a_restart_of_their_server(qtbot, stage, tmp_path):
    with running_server(tmp_path / "server", *TRIAL) as server:
        stage.serve_at(server.address)
        stage.submit("hold", "paint", "paint")
        wait_until(qtbot, lambda: stage.summary.running == 1)
        server.process.kill()
        server.end()
    stage.serve_at(NOWHERE)
    wait_until(qtbot, lambda: stage.jobs.hold(LOCAL_SERVER_ID) is not None)
    with running_server(tmp_path / "server", *TRIAL) as server:
        server.gate.touch()
        stage.serve_at(server.address)
        wait_until(qtbot, lambda: len(stage.completed) == 3)
    assert JobState.FAILED not in stage.all_states()


def test_a_lost_answer_is_settled_by_itself_where_a_post_can_be_repeated(qtbot, stage, server):
    rates = {POST: {Fault.RESET_AFTER: 1.0}}
    jobs_before = jobs_of(server)
    with fault_proxy(server.address, rates, seed=1) as proxy:
        stage.serve_at(proxy.address)
        stage.submit("paint")
        wait_until(qtbot, lambda: JobState.UNKNOWN in stage.all_states())
        rates[POST] = {}
        wait_until(qtbot, lambda: len(stage.completed) == 1)
        refs = [one.json()["client_ref"] for one in proxy.server.to(POST)]
    assert len(refs) > 1
    assert len(set(refs)) == 1
    assert jobs_of(server) == jobs_before + 1


def test_a_lost_answer_waits_for_the_user_where_a_post_cannot_be_repeated(qtbot, stage, studio):
    studio.on(POST, reply_json({"detail": "bad gateway"}, 502))
    stage.serve_at(studio.address)
    stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.unknown == 1)
    qtbot.wait(200)
    assert len(studio.to(POST)) == 1
    (job,) = stage.jobs.jobs.values()
    studio.on(POST, reply_json({"job_uuid": "a"}, 201))
    studio.on("/api/status", reply_json({"job_status": "created"}))
    stage.retry(job.id)
    wait_until(qtbot, lambda: stage.summary.running == 1)
    assert len(studio.to(POST)) == 2


def test_after_a_change_of_the_key_no_lost_answer_is_settled_without_the_user(qtbot, stage, studio):
    studio.on("/api/models", reply_json({"models": [{"name": "trial"}]}))
    studio.on("/api/health", reply_json({"version": "1", "client_ref": True}))
    studio.on(POST, resets)
    stage.serve_at(studio.address)
    stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: len(studio.to(POST)) > 1)
    assert len({one.json()["client_ref"] for one in studio.to(POST)}) == 1
    stage.jobs.forget_refs(STUDIO)
    wait_until(
        qtbot,
        lambda: all(
            job.state is JobState.UNKNOWN and job.client_ref is None
            for job in stage.jobs.jobs.values()
        ),
    )
    sent = len(studio.to(POST))
    studio.on(POST, reply_json({"job_uuid": "a"}, 201))
    stage.jobs.server_changed(STUDIO)
    wait_until(qtbot, lambda: stage.monitor.is_ready(STUDIO))
    qtbot.wait(300)
    assert len(studio.to(POST)) == sent
    assert stage.summary.unknown == 1


def test_a_server_that_crashes_at_each_post_is_sent_no_more_than_a_few(qtbot, stage, studio):
    """It comes back each time, which is not the user's word to go on."""
    posts_at_crash: list[int] = []

    def status(talk: Conversation) -> None:
        posts = len(studio.to(POST))
        if posts and posts not in posts_at_crash:
            posts_at_crash.append(posts)
            resets(talk)
        else:
            UNKNOWN_JOB(talk)

    studio.on("/api/status", status)
    studio.on(POST, resets)
    stage.serve_at(studio.address)
    stage.submit(*["paint"] * 30, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.unknown >= 3 and stage.summary.held > 0)
    stage.monitor.ask_again(STUDIO)  # It is away, and comes back.
    wait_until(qtbot, lambda: stage.monitor.status(STUDIO).error)
    wait_until(qtbot, lambda: stage.monitor.is_ready(STUDIO))
    qtbot.wait(300)
    assert len(studio.to(POST)) <= 5
    assert stage.jobs.hold(STUDIO).needs_word


def test_what_is_paused_is_not_sent_and_what_runs_is_fetched(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("hold", "paint")
    wait_until(qtbot, lambda: stage.summary.running == 1)
    stage.jobs.set_paused(True)
    server.gate.touch()
    wait_until(qtbot, lambda: len(stage.completed) == 1)
    wait_until(qtbot, lambda: stage.summary.paused == 1)
    qtbot.wait(200)
    assert stage.taken.count(StepKind.SUBMIT) == 1
    stage.jobs.set_paused(False)
    wait_until(qtbot, lambda: len(stage.completed) == 2)


def test_one_server_can_be_paused_and_stays_so_after_a_restart(qtbot, qapp, tmp_path, server):
    with job_stage(tmp_path, patience=HURRIED) as first:
        first.jobs.set_paused(True, STUDIO)
        assert first.jobs.is_paused(STUDIO)
        assert not first.jobs.is_paused()
    with job_stage(tmp_path, patience=HURRIED) as second:
        second.serve_at(server.address)
        second.submit("paint", server_id=STUDIO)
        second.submit("paint")
        wait_until(qtbot, lambda: len(second.completed) == 1)
        wait_until(qtbot, lambda: second.summary.paused == 1)
        second.jobs.set_paused(False, STUDIO)
        wait_until(qtbot, lambda: len(second.completed) == 2)


def test_jobs_of_a_removed_server_are_held_and_not_asked_about(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.jobs.set_paused(True)
    stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.paused == 1)
    stage.servers.remove(STUDIO)
    stage.jobs.server_changed(STUDIO)
    stage.jobs.set_paused(False)
    wait_until(qtbot, lambda: stage.summary.held == 1)
    stage.jobs.release(STUDIO)
    qtbot.wait(100)
    assert stage.jobs.hold(STUDIO).failure.kind is FailureKind.REMOVED
    assert stage.taken == []


def test_a_full_disk_holds_jobs_until_there_is_room(qtbot, qapp, tmp_path, server):
    with (
        small_disk_at(tmp_path / "small") as disk,
        job_stage(tmp_path, database_folder=disk, patience=HURRIED) as stage,
    ):
        stage.submit("paint a", "paint b")
        wait_until(qtbot, lambda: len(stage.queue.open_jobs()) == 2)
        fill(disk)
        stage.serve_at(server.address)
        stage.monitor.ask_again(LOCAL_SERVER_ID)
        wait_until(
            qtbot, lambda: (hold := stage.jobs.hold(LOCAL_SERVER_ID)) and _is_disk_full(hold)
        )
        make_room(disk)
        wait_until(qtbot, lambda: len(stage.completed) == 2)
        assert JobState.FAILED not in stage.all_states()


def _is_disk_full(hold) -> bool:
    return hold.failure.kind is FailureKind.DISK_FULL


def test_a_post_that_is_under_way_at_the_programs_end_is_not_sent_again(
    qtbot, qapp, tmp_path, studio
):
    studio.on(POST, late(1, reply_json({"job_uuid": "a"}, 201)))
    studio.on("/api/status", UNKNOWN_JOB, reply_json({"job_status": "created"}))
    with job_stage(tmp_path, patience=HURRIED) as first:
        first.serve_at(studio.address)
        first.submit("paint", server_id=STUDIO)
        wait_until(qtbot, lambda: studio.to(POST))
    with job_stage(tmp_path, patience=HURRIED) as second:
        second.serve_at(studio.address)
        second.jobs.start()
        wait_until(qtbot, lambda: second.jobs.jobs)
        wait_until(qtbot, lambda: second.monitor.is_ready(STUDIO))
        (job,) = second.jobs.jobs.values()
        assert job.state in (JobState.UNKNOWN, JobState.RUNNING)
        qtbot.wait(200)
        assert len(studio.to(POST)) == 1


@pytest.mark.allows_log("A task failed unexpectedly")
def test_a_mistake_of_ours_fails_its_job_and_is_told(qtbot, stage, server, monkeypatch):
    def stumble(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(AlgoveraEngine, "fetch", stumble)
    mistakes: list[Exception] = []
    stage.tasks.unexpected_failed.connect(mistakes.append)
    stage.serve_at(server.address)
    stage.submit("paint")
    wait_until(qtbot, lambda: stage.summary.failed == 1)
    (job,) = stage.jobs.jobs.values()
    assert job.failure.kind is FailureKind.INTERNAL
    assert "secret" not in job.failure.detail
    assert [type(mistake) for mistake in mistakes] == [ZeroDivisionError]
    monkeypatch.undo()
    stage.retry(job.id)
    wait_until(qtbot, lambda: stage.completed == [job.id])


def test_a_wake_up_asks_at_once_a_server_that_was_away(qtbot, stage, server, monkeypatch):
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 600)
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._LAST_RETRY_S", 600)
    stage.submit("paint")
    wait_until(qtbot, lambda: stage.jobs.hold(LOCAL_SERVER_ID))
    stage.serve_at(server.address)
    stage.jobs.wake()
    wait_until(qtbot, lambda: len(stage.completed) == 1)


def test_ten_thousand_jobs_arrive_in_parts(qtbot, stage):
    requests = [request("paint", seed) for seed in range(10_000)]
    parts: list[int] = []
    stage.jobs.jobs_added.connect(lambda jobs: parts.append(len(jobs)))
    stage.jobs.set_paused(True)
    stage.jobs.submit(STUDIO, requests)
    wait_until(qtbot, lambda: sum(parts) == 10_000)
    assert max(parts) <= 250
    jobs = list(stage.jobs.jobs.values())
    cancelled = stage.cancel(*[job.id for job in jobs[:9_000]])
    wait_until(qtbot, lambda: len(stage.removed) == 9_000)
    assert list(stage.jobs.jobs) == [job.id for job in jobs[9_000:]]
    stage.jobs.take(stage.queue.restore(jobs[:9_000]))
    wait_until(qtbot, lambda: len(stage.jobs.jobs) == 10_000)
    # A snapshot from before is no news.
    stage.jobs.take(cancelled)
    wait_until(qtbot, lambda: stage.summary.held + stage.summary.paused == 10_000)
    assert len(stage.jobs.jobs) == 10_000


def test_ten_thousand_waiting_jobs_are_read_back_in_parts(qtbot, qapp, tmp_path):
    with job_stage(tmp_path) as first:
        first.queue.add(STUDIO, [request("paint", seed) for seed in range(10_000)])
    with job_stage(tmp_path) as second:
        parts: list[int] = []
        second.jobs.jobs_added.connect(lambda jobs: parts.append(len(jobs)))
        with qtbot.waitSignal(second.jobs.loaded, timeout=20_000):
            second.jobs.start()
        assert sum(parts) == 10_000
        assert max(parts) <= 250
        positions = [job.position for job in second.jobs.jobs.values()]
        assert positions == sorted(positions)
