"""The controller over a real queue, real steps and a real server in a process of its own."""

from collections.abc import Iterator

import pytest

from algovera_desktop.domain.jobs import FailureKind, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig, ServerState
from algovera_desktop.services.outcomes import StepKind
from algovera_desktop.ui.job_mirror import QueueSummary
from support.algovera_server import TRIAL, ServerProcess, running_server
from support.job_stage import NOWHERE, STUDIO, JobStage, job_stage


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[JobStage]:
    with job_stage(tmp_path) as stage:
        yield stage


@pytest.fixture(scope="module")
def one_server(tmp_path_factory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("real") / "server", *TRIAL) as server:
        yield server


@pytest.fixture
def server(one_server) -> Iterator[ServerProcess]:
    """With its gate shut, and without jobs, for each test sees its own to their end."""
    one_server.gate.unlink(missing_ok=True)
    yield one_server
    one_server.http.close()


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


def test_pictures_come_one_after_the_other_from_this_computer(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("paint a", "paint b", "paint c")
    wait_until(qtbot, lambda: len(stage.completed) == 3)
    assert stage.most_running <= 1
    for job_id in stage.completed:
        assert stage.states[job_id] == [
            JobState.WAITING,
            JobState.SUBMITTING,
            JobState.RUNNING,
            JobState.FETCHING,
        ]
        record = stage.library.for_job(job_id)
        assert stage.files.absolute(record.path).is_file()
    wait_until(qtbot, lambda: stage.summary == QueueSummary())
    assert not stage.jobs.jobs


def test_another_server_gets_three_at_a_time(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit(*["hold"] * 5, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.running == 3)
    server.gate.touch()
    wait_until(qtbot, lambda: len(stage.completed) == 5)
    assert stage.most_running == 3


def test_how_many_at_once_is_the_users_choice(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit(*["hold"] * 5, server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.running == 3)
    stage.servers.save(ServerConfig(STUDIO, "Studio", NOWHERE, at_once=5))
    stage.jobs.server_changed(STUDIO)
    wait_until(qtbot, lambda: stage.summary.running == 5)
    server.gate.touch()
    wait_until(qtbot, lambda: len(stage.completed) == 5)


def test_jobs_are_held_while_their_server_is_away_and_go_on_by_themselves(qtbot, stage, tmp_path):
    stage.submit("paint", "paint")
    wait_until(qtbot, lambda: stage.summary.held == 2)
    assert stage.monitor.status(LOCAL_SERVER_ID).state is ServerState.UNREACHABLE
    assert stage.jobs.hold(LOCAL_SERVER_ID).failure.kind is FailureKind.UNREACHABLE
    assert {job.state for job in stage.queue.open_jobs()} == {JobState.WAITING}
    with running_server(tmp_path / "server", *TRIAL) as server:
        stage.serve_at(server.address)
        wait_until(qtbot, lambda: len(stage.completed) == 2)
    assert stage.jobs.hold(LOCAL_SERVER_ID) is None


def test_groups_get_in_line_in_the_order_in_which_they_were_asked_for(qtbot, stage):
    prompts = [f"{number}" for number in range(40)]
    for number, prompt in enumerate(prompts):
        # The first of two takes longer to be stored.
        stage.submit(*[prompt] * (1 if number % 2 else 200), server_id=STUDIO)
    wait_until(qtbot, lambda: len(stage.jobs.jobs) == 20 * 201)
    stored = [job.request.prompt for job in stage.queue.open_jobs(limit=10_000)]
    told = [job.request.prompt for job in stage.jobs.jobs.values()]
    assert list(dict.fromkeys(stored)) == prompts
    assert stored == sorted(stored, key=int)
    assert told == stored


def test_an_answer_to_a_job_ends_the_doubt_that_makes_probes_rarer(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.monitor.watch(LOCAL_SERVER_ID)
    confirmed: list[str] = []
    confirm = stage.monitor.confirm
    stage.monitor.confirm = lambda server_id: (confirmed.append(server_id), confirm(server_id))
    stage.submit("paint")
    wait_until(qtbot, lambda: len(stage.completed) == 1)
    questions = [kind for kind in stage.taken if kind in (StepKind.POLL, StepKind.FETCH)]
    assert len(confirmed) == 1 + len(questions)  # And the POST.


def test_cancelling_a_running_job_ends_it_here_and_at_the_server(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("hold", "paint")
    wait_until(qtbot, lambda: stage.summary.progress)
    running = next(job for job in stage.queue.open_jobs() if job.state is JobState.RUNNING)
    stage.cancel(running.id)
    wait_until(qtbot, lambda: stage.removed == [running.id] and len(stage.completed) == 1)
    assert stage.queue.get(running.id).state is JobState.CANCELLED
    assert "cancelled" in server.wait_for_end(running.remote_id)["error"].lower()


def test_a_failed_job_says_why_and_runs_again(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("raise out of paint")
    wait_until(qtbot, lambda: stage.summary.failed == 1)
    (job,) = stage.jobs.jobs.values()
    assert job.failure.kind is FailureKind.ENGINE
    stage.retry(job.id)
    wait_until(qtbot, lambda: stage.states[job.id].count(JobState.FAILED) == 2)
    stage.cancel(job.id)
    wait_until(qtbot, lambda: stage.removed == [job.id])
    assert stage.queue.open_jobs() == []


def test_a_running_job_is_taken_up_again_after_a_restart(qtbot, qapp, tmp_path, server):
    with job_stage(tmp_path) as first:
        first.serve_at(server.address)
        first.submit("hold", "paint")
        wait_until(qtbot, lambda: first.summary.progress)
        remote_ids = [job.remote_id for job in first.queue.open_jobs()]
    with job_stage(tmp_path) as second:
        second.serve_at(server.address)
        with qtbot.waitSignal(second.jobs.loaded, timeout=20_000):
            second.jobs.start()
        server.gate.touch()
        wait_until(qtbot, lambda: len(second.completed) == 2)
        assert remote_ids[0] is not None
        assert second.queue.get(second.completed[0]).remote_id == remote_ids[0]


def test_how_long_pictures_took_is_known_for_the_next_ones(qtbot, qapp, tmp_path, server):
    with job_stage(tmp_path) as first:
        first.serve_at(server.address)
        first.submit("paint")
        wait_until(qtbot, lambda: first.completed)
        wait_until(qtbot, lambda: first.summary == QueueSummary())
    with job_stage(tmp_path) as second:
        with qtbot.waitSignal(second.jobs.loaded, timeout=20_000):
            second.jobs.start()
        second.serve_at(server.address)
        second.submit("hold", "paint")
        wait_until(qtbot, lambda: second.summary.seconds_left)
        assert all(second.jobs.estimates.seconds(job) for job in second.jobs.jobs.values())
        server.gate.touch()
        wait_until(qtbot, lambda: len(second.completed) == 2)


def test_progress_is_kept_while_a_job_runs(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("hold")
    with qtbot.waitSignal(
        stage.jobs.job_progressed, timeout=20_000, check_params_cb=lambda told: told.progress
    ) as heard:
        pass
    (told,) = heard.args
    assert stage.jobs.progress(told.job_id) == told
    assert stage.jobs.elapsed_s(told.job_id) >= 0
    server.gate.touch()
    wait_until(qtbot, lambda: stage.completed == [told.job_id])
    assert stage.jobs.progress(told.job_id) is None


def test_a_cancelled_job_that_was_brought_back_is_made(qtbot, stage, server):
    stage.serve_at(server.address)
    stage.submit("hold", "paint")
    wait_until(qtbot, lambda: stage.summary.progress)
    before = list(stage.jobs.jobs.values())
    stage.cancel(*[job.id for job in before])
    wait_until(qtbot, lambda: len(stage.removed) == 2)
    server.gate.touch()
    stage.jobs.take(stage.queue.restore(before))
    wait_until(qtbot, lambda: sorted(stage.completed) == sorted(job.id for job in before))
