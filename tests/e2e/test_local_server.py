"""The application's engine and the real server on this computer, from start to kill."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import (
    AuthenticationError,
    InvalidRequestError,
    JobCancelledError,
    JobForgottenError,
)
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.base import RemoteState, RemoteStatus
from algovera_desktop.engines.embedded import (
    LocalServer,
    LocalServerState,
    LocalServerStatus,
    local_server_command,
)
from algovera_desktop.engines.endpoint import Endpoint
from support.processes import marked_processes
from support.trial_pipeline import HOLD_UNTIL
from support.waiting import wait_until

TESTS = Path(__file__).parents[1]
TRIAL = ["--pipeline", "support.trial_pipeline:TrialPipeline"]
MARK = "ALGOVERA_LOCAL_SERVER_TEST"
PARENT = """
import sys, threading
from pathlib import Path
from algovera_desktop.engines.embedded import LocalServer, local_server_command
command = local_server_command(Path(sys.argv[1])) + sys.argv[2:]
server = LocalServer(command, lambda status: None)
server.start()
print(server.endpoint().address, server.endpoint().key, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file whose coming lets the trial model's ``hold`` go on."""
    path = tmp_path / "gate"
    monkeypatch.setenv(HOLD_UNTIL, str(path))
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setenv(MARK, str(tmp_path))
    return path


@pytest.fixture
def processes(tmp_path: Path, gate: Path) -> Callable[[], dict[int, str]]:
    """Process id and command of everything that this test's servers consist of."""
    return lambda: marked_processes(MARK, str(tmp_path))


@pytest.fixture
def told() -> list[LocalServerStatus]:
    return []


@pytest.fixture
def server(tmp_path: Path, gate: Path, told: list[LocalServerStatus]) -> Iterator[LocalServer]:
    server = LocalServer([*local_server_command(tmp_path / "server"), *TRIAL], told.append)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def engine(server: LocalServer, token: CancelToken) -> Iterator[AlgoveraEngine]:
    engine = AlgoveraEngine(server.endpoint)
    engine.models(token)
    yield engine
    engine.close()


@pytest.fixture
def token() -> CancelToken:
    return CancelToken()


def small(prompt: str, seed: int = 7) -> GenerationRequest:
    return GenerationRequest(prompt, "trial", width=128, height=128, steps=4, seed=seed)


def end_of(
    engine: AlgoveraEngine, remote_id: str, token: CancelToken, wait_s: float = 2
) -> RemoteStatus:
    status = engine.status(remote_id, token)
    while status.state is RemoteState.RUNNING:
        status = engine.status(remote_id, token, wait_s=wait_s)
    return status


def wait_until_painting(engine: AlgoveraEngine, remote_id: str, token: CancelToken) -> None:
    while not engine.status(remote_id, token, wait_s=1).progress:
        pass


def server_pid(processes: dict[int, str]) -> int:
    return next(pid for pid, command in processes.items() if "--child" in command)


def test_words_become_a_picture_on_this_computer(
    tmp_path: Path, gate: Path, token: CancelToken
) -> None:
    """With the model that ships, and by the application's own command."""
    server = LocalServer(local_server_command(tmp_path / "server"), lambda status: None)
    server.start()
    engine = AlgoveraEngine(server.endpoint)
    try:
        (model,) = (model for model in engine.models(token) if model.installed)
        assert engine.check(token).version
        request = GenerationRequest("a fox", model.name, width=128, height=128, steps=4)
        model.validate(request)
        remote_id = engine.submit(request, token)
        assert end_of(engine, remote_id, token) == RemoteStatus(RemoteState.DONE, 1.0)
        image = engine.fetch(remote_id, token)
        assert (image.width, image.height, image.media_type) == (128, 128, "image/png")
    finally:
        engine.close()
        server.stop()


def test_a_wrong_key_and_an_unknown_job_and_a_wrong_size_are_told_apart(
    server: LocalServer, engine: AlgoveraEngine, token: CancelToken
) -> None:
    stranger = AlgoveraEngine(lambda: Endpoint(server.endpoint().address, "0" * 64))
    for ask in (lambda: stranger.check(token), lambda: stranger.submit(small("paint"), token)):
        with pytest.raises(AuthenticationError):
            ask()
    stranger.close()
    for call in (engine.status, engine.fetch):
        with pytest.raises(JobForgottenError):
            call("0" * 32, token)
    with pytest.raises(InvalidRequestError) as caught:
        engine.submit(GenerationRequest("paint", "trial", steps=5000), token)
    assert (caught.value.field, caught.value.value) == ("steps", 5000)


def test_a_job_that_runs_can_be_cancelled(
    engine: AlgoveraEngine, token: CancelToken, gate: Path
) -> None:
    remote_id = engine.submit(small("hold"), token)
    wait_until_painting(engine, remote_id, token)
    assert engine.cancel(remote_id, token)
    status = end_of(engine, remote_id, token)
    assert status.state is RemoteState.FAILED
    assert status.error


def test_waiting_for_news_ends_at_once_when_cancelled(
    engine: AlgoveraEngine, token: CancelToken, gate: Path
) -> None:
    remote_id = engine.submit(small("hold"), token)
    wait_until_painting(engine, remote_id, token)
    canceller = threading.Timer(0.1, token.cancel)
    canceller.start()
    with pytest.raises(JobCancelledError):
        end_of(engine, remote_id, token, wait_s=30)
    canceller.join()
    gate.touch()


def test_a_killed_server_comes_back_and_knows_its_jobs(
    server: LocalServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    gate: Path,
    told: list[LocalServerStatus],
    processes: Callable[[], dict[int, str]],
) -> None:
    done = engine.submit(small("paint", seed=11), token)
    end_of(engine, done, token)
    picture = engine.fetch(done, token).data
    running = engine.submit(small("hold"), token)
    waiting = engine.submit(small("paint"), token)
    wait_until_painting(engine, running, token)
    old_key = server.endpoint().key
    before = processes()
    os.kill(server_pid(before), signal.SIGKILL)
    states = [status.state for status in told]
    wait_until(lambda: len(told) == 4, lambda: f"a second life: {states}", 30)
    assert [status.state for status in told[2:]] == [
        LocalServerState.STARTING,
        LocalServerState.READY,
    ]
    assert "signal 9" in told[2].reason
    assert server.endpoint().key != old_key
    assert engine.fetch(done, token).data == picture
    gate.touch()
    assert end_of(engine, running, token).state is RemoteState.DONE
    assert end_of(engine, waiting, token).state is RemoteState.DONE
    assert not before.keys() & processes().keys()


def test_nothing_is_left_of_a_stopped_server(
    server: LocalServer, processes: Callable[[], dict[int, str]]
) -> None:
    assert server_pid(processes())
    server.stop()
    assert processes() == {}


def test_the_key_is_written_nowhere(
    server: LocalServer,
    engine: AlgoveraEngine,
    token: CancelToken,
    tmp_path: Path,
    processes: Callable[[], dict[int, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    remote_id = engine.submit(small("paint"), token)
    end_of(engine, remote_id, token)
    engine.fetch(remote_id, token)
    key = server.endpoint().key
    assert key
    for pid in processes():
        for name in ("cmdline", "environ"):
            assert key.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    server.stop()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path
    assert key not in caplog.text


def test_a_killed_application_takes_its_server_with_it_and_the_next_finds_the_job(
    tmp_path: Path,
    gate: Path,
    token: CancelToken,
    processes: Callable[[], dict[int, str]],
) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "server"), *TRIAL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        address, key = parent.stdout.readline().split()
        engine = AlgoveraEngine(lambda: Endpoint(address, key))
        remote_id = engine.submit(small("hold"), token)
        engine.models(token)
        wait_until_painting(engine, remote_id, token)
        engine.close()
        parent.kill()
    wait_until(lambda: not processes(), lambda: f"the end of {processes()}", 20)
    gate.touch()
    server = LocalServer([*local_server_command(tmp_path / "server"), *TRIAL], lambda status: None)
    server.start()
    engine = AlgoveraEngine(server.endpoint)
    assert end_of(engine, remote_id, token).state is RemoteState.DONE
    engine.close()
    server.stop()
