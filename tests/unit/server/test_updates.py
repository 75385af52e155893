"""A program that is updated while it runs mixes no two versions, and forgets no job."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

import algovera_desktop
from algovera_desktop.domain.errors import EngineUnreachableError
from algovera_desktop.domain.updates import OUTDATED_STATUS, UPDATED
from algovera_desktop.engines import server_process
from algovera_desktop.engines.embedded import LocalServer, LocalServerState, LocalServerStatus
from algovera_desktop.resources import resource_path
from algovera_desktop.server.worker import run_worker
from support.algovera_server import TESTS, TRIAL
from support.cluster import Cluster
from support.redis_server import redis_server
from support.waiting import wait_until

NEXT_VERSION = "99.0.0"
OUTDATED = LocalServerStatus(LocalServerState.FAILED, UPDATED, is_outdated=True)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program where a package manager might put it, from where its server is started."""
    folder = tmp_path / "installed"
    package = Path(algovera_desktop.__file__).parent
    shutil.copytree(package, folder / package.name)
    (folder / "resources").symlink_to(resource_path(""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (folder, TESTS))))
    return folder


def update(installed: Path) -> None:
    """Put the next version in the place of this one."""
    about = installed / "algovera_desktop" / "__init__.py"
    about.unlink()
    about.write_text(f'"""The next version."""\n\n__version__ = "{NEXT_VERSION}"\n')


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[[], LocalServer]]:
    made: list[LocalServer] = []
    arguments = ("--child", "--port", "0", "--data-dir", str(tmp_path / "data"), *TRIAL)

    def make() -> LocalServer:
        command = (sys.executable, "-P", "-m", "algovera_desktop.server", *arguments)
        made.append(LocalServer(command, lambda _: None))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def ask(server: LocalServer, call: str, job: str) -> Any:
    endpoint = server.endpoint()
    query = {"job_uuid": job, "api_key": endpoint.key, "wait": "20"}
    answer = requests.get(f"{endpoint.address}/api/{call}", params=query, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


def post_job(server: LocalServer) -> str:
    endpoint = server.endpoint()
    body = {"base_model": "trial", "width": 128, "height": 128, "inf_steps": 4}
    body |= {"prompt": "paint", "api_key": endpoint.key}
    answer = requests.post(f"{endpoint.address}/api/txt2img", json=body, timeout=30)
    assert answer.ok, answer.text
    return answer.json()["job_uuid"]


def wait_for_end(server: LocalServer, job: str) -> str:
    while (status := ask(server, "status", job)["job_status"]) == "created":
        pass
    return status


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    try:
        yield cluster
    finally:
        cluster.end()


def painters(installed: Path) -> list[int]:
    """Those that were started from there."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if b"server.worker" in arguments and os.fsencode(installed) in environment:
            found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the painter in Linux's /proc")
def test_a_painter_of_the_next_version_ends_the_server_and_the_job_waits_for_the_next_start(
    installed: Path, make_server: Callable[[], LocalServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_server()
    server.start()
    assert wait_for_end(server, post_job(server)) == "done"
    update(installed)
    (painter,) = painters(installed)
    os.kill(painter, signal.SIGKILL)
    job = post_job(server)
    wait_until(lambda: server.status == OUTDATED, lambda: f"its end: {server.status}", 20)
    assert painters(installed) == []

    monkeypatch.setattr(server_process, "__version__", NEXT_VERSION)
    after = make_server()
    after.start()
    assert wait_for_end(after, job) == "done"


def test_a_server_of_the_next_version_is_not_started_by_this_one(
    installed: Path, make_server: Callable[[], LocalServer], tmp_path: Path
) -> None:
    update(installed)
    server = make_server()
    with pytest.raises(EngineUnreachableError, match="was updated"):
        server.start()
    assert server.status == OUTDATED
    assert not (tmp_path / "data").exists(), "the next version must not touch what this one uses"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the painter in Linux's /proc")
def test_a_studios_worker_that_was_updated_leaves_its_job_to_another(
    installed: Path, tmp_path: Path
) -> None:
    with redis_server() as redis, running(Cluster(tmp_path, redis, ())) as cluster:
        worker = cluster.start_worker(installed)
        server = cluster.start_server()
        cluster.wait_for_workers(1)
        update(installed)
        (painter,) = painters(installed)
        os.kill(painter, signal.SIGKILL)
        job = server.post_job()
        assert worker.end() == OUTDATED_STATUS
        cluster.start_worker(installed)
        assert server.wait_for_end(job)["job_status"] == "done"


def test_a_painter_does_not_read_the_options_of_another_version() -> None:
    assert run_worker([f"--server-version={NEXT_VERSION}", "--unheard-of"]) == OUTDATED_STATUS
