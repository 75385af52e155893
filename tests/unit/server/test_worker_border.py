"""Whatever happens to the worker happens to one job only, and is told in plain words."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.algovera_server import BROKEN, TRIAL, ServerProcess, running_server

TROUBLES = {
    "exit 3": "ended unexpectedly (exit status 3)",
    "signal SIGKILL": "may have run out of memory",
    "signal SIGSEGV": "crashed while it painted this picture (SIGSEGV)",
    "devour": "ran out of memory while painting",
    "raise the canvas is torn": "ValueError: the canvas is torn",
    "crop": "the picture came out as 8x8",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", *TRIAL) as server:
        yield server


def test_a_failing_job_tells_why_and_the_next_one_runs(
    server: ServerProcess, subtests: pytest.Subtests
) -> None:
    for prompt, words in TROUBLES.items():
        with subtests.test(prompt):
            failing, following = server.post_job(prompt), server.post_job()
            failed = server.wait_for_end(failing)
            assert failed["job_status"] == "failed"
            assert words in failed["error"]
            assert server.wait_for_end(following)["job_status"] == "done"
            refusal = server.picture(failing)
            assert (refusal.status_code, refusal.json()["detail"]) == (409, failed["error"])
    # For whoever is to mend what crashed: which library was called, and from where.
    assert "Fatal Python error: Segmentation fault" in server.log.read_text("utf-8")


def test_a_worker_killed_from_outside_fails_only_the_job_that_it_painted(
    server: ServerProcess,
) -> None:
    painted, waiting = server.post_job("hold"), server.post_job()
    server.wait_for_progress(painted)
    os.kill(server.worker_pid(), signal.SIGKILL)
    assert "was killed" in server.wait_for_end(painted)["error"]
    assert server.wait_for_end(waiting)["job_status"] == "done"


def test_an_idle_worker_that_dies_is_replaced_for_the_next_job(server: ServerProcess) -> None:
    server.wait_for_end(server.post_job())
    victim = server.worker_pid()
    os.kill(victim, signal.SIGKILL)
    while Path(f"/proc/{victim}").exists():
        time.sleep(0.01)
    assert server.wait_for_end(server.post_job())["job_status"] == "done"


def test_what_a_library_prints_does_not_garble_the_pipe(server: ServerProcess) -> None:
    assert server.wait_for_end(server.post_job("print"))["job_status"] == "done"
    assert "a library's chatter" in server.log.read_text()


def test_a_preview_that_fails_costs_no_picture(server: ServerProcess) -> None:
    # Longer than the second that a preview waits for.
    status = server.wait_for_end(server.post_job("sleep 1.1 blindly"))
    assert (status["job_status"], status["previews"]) == ("done", 0)
    assert server.log.read_text().count("ValueError: nothing can be seen") == 1


def test_a_server_without_a_working_model_says_so_and_stays_up(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", *BROKEN) as server:
        for _ in range(2):
            answer = server.http.get(f"{server.address}/api/basemodels")
            assert answer.status_code == 503
            assert "its weights are not here" in answer.json()["detail"]
        health = server.http.get(f"{server.address}/api/health").json()
        assert health["engine"] == "unavailable"
