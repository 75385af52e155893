"""The server as a process: it starts with clear words, ends cleanly, and loses nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.algovera_server import (
    LOCAL_KEY,
    PROGRAM,
    TRIAL,
    run_command,
    running_server,
)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def wait_until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)


def test_a_killed_server_loses_no_job_and_leaves_no_process(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        finished = server.post_job(seed=1)
        server.wait_for_end(finished)
        picture = server.picture(finished).content
        running, waiting = server.post_job("hold", seed=2), server.post_job(seed=3)
        server.wait_for_progress(running)
        worker = server.worker_pid()
        assert server.send(signal.SIGKILL) == -signal.SIGKILL
    wait_until_gone(worker)

    server.gate.touch()
    with running_server(data_dir, *TRIAL) as server:
        for job in (running, waiting):
            assert server.wait_for_end(job)["job_status"] == "done"
        assert server.picture(finished).content == picture


def test_a_job_that_takes_the_server_down_twice_is_set_aside(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        deadly, following = server.post_job("hold"), server.post_job(seed=2)
        server.wait_for_progress(deadly)
        server.send(signal.SIGKILL)
    with running_server(data_dir, *TRIAL) as server:
        server.wait_for_progress(deadly)
        server.send(signal.SIGKILL)
    with running_server(data_dir, *TRIAL) as server:
        status = server.status(deadly)
        assert status["job_status"] == "failed"
        assert status["error"] == "The server died 2 times while it painted this picture."
        assert server.wait_for_end(following)["job_status"] == "done"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_in_order_and_its_job_runs_later(
    data_dir: Path, number: signal.Signals
) -> None:
    with running_server(data_dir, *TRIAL) as server:
        job = server.post_job("hold")
        server.wait_for_progress(job)
        worker = server.worker_pid()
        assert server.send(number) == 0
        assert server.log.read_text() == ""
    assert not Path(f"/proc/{worker}").exists()

    server.gate.touch()
    with running_server(data_dir, *TRIAL) as server:
        assert server.wait_for_end(job)["job_status"] == "done"


def test_an_end_does_not_wait_for_those_who_wait(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        job = server.post_job("hold")
        server.wait_for_progress(job)
        address = server.address.removeprefix("http://").split(":")
        path = f"/api/status?job_uuid={job}&api_key={LOCAL_KEY}&wait=30"
        with socket.create_connection((address[0], int(address[1]))) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            server.status(job)  # the waiting call came first, and is being answered
            assert server.send(signal.SIGTERM) == 0
            assert connection.recv(12) == b"HTTP/1.1 200"


def test_a_child_ends_with_its_parent_and_its_jobs_wait_for_the_next(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        job = server.post_job("hold")
        server.wait_for_progress(job)
        worker = server.worker_pid()
        assert server.close_stdin() == 0
    assert not Path(f"/proc/{worker}").exists()
    server.gate.touch()
    with running_server(data_dir, *TRIAL) as server:
        assert server.wait_for_end(job)["job_status"] == "done"


def test_a_child_and_its_worker_end_when_the_parent_is_killed(data_dir: Path) -> None:
    start = (
        "import sys; from pathlib import Path; "
        "from support.algovera_server import ServerProcess, TRIAL; "
        "server = ServerProcess(Path(sys.argv[1]), *TRIAL); "
        "server.wait_for_progress(server.post_job('hold')); "
        "print(server.process.pid, server.worker_pid(), flush=True); sys.stdin.read()"
    )
    tests = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", start, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(tests)},
    ) as parent:
        assert parent.stdout is not None
        children = [int(number) for number in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.kill()
    for child in children:
        wait_until_gone(child)


def test_a_successor_waits_for_a_child_that_is_just_ending(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as first:
        assert first.process.stdin is not None
        first.process.stdin.close()
        with running_server(data_dir, *TRIAL) as second:
            assert second.wait_for_end(second.post_job())["job_status"] == "done"


def test_a_second_server_at_the_same_folder_is_refused(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL):
        refused = run_command("--port", "0", "--data-dir", str(data_dir))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"Another server already uses the data folder {data_dir}.\n"


def test_a_port_in_use_is_told_in_one_sentence(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_command("--port", str(port), "--data-dir", str(data_dir))
    assert refused.returncode == 2
    assert refused.stderr == (
        f"The server cannot listen on 127.0.0.1, port {port}: Address already in use.\n"
    )


@pytest.mark.parametrize("place", ["file/data", "file"])
def test_a_data_folder_that_cannot_be_is_told_in_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    refused = run_command("--port", "0", "--data-dir", str(tmp_path / place))
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"The data folder {tmp_path / place} cannot be written: ")
    assert refused.stderr.count("\n") == 1


def test_a_damaged_database_is_told_in_one_sentence(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "server.db").write_bytes(b"no database" * 1000)
    refused = run_command("--port", "0", "--data-dir", str(data_dir))
    assert refused.returncode == 2
    assert "database is damaged" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_beyond_loopback_a_key_is_needed_first(data_dir: Path) -> None:
    refused = run_command("--host", "0.0.0.0", "--port", "0", "--data-dir", str(data_dir))
    assert refused.returncode == 2
    assert "algovera-server keys create NAME" in refused.stderr
    run_command("keys", "create", "phone", "--data-dir", str(data_dir))
    with running_server(data_dir, *TRIAL, "--host", "0.0.0.0", child=False) as server:
        assert server.greeting.startswith("Serving at http://0.0.0.0:")


def test_a_server_without_keys_says_how_to_make_one(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL, child=False) as server:
        hint = server.read_line()
        assert f"{server.address}/" in hint
        assert "algovera-server keys create NAME" in hint


@pytest.mark.parametrize("line", ["", "no json\n", '{"key": "short"}\n'])
def test_a_child_without_a_key_does_not_start(data_dir: Path, line: str) -> None:
    refused = subprocess.run(
        [*PROGRAM, "--child", "--port", "0", "--data-dir", str(data_dir)],
        input=line,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1


def test_a_child_makes_no_keys_for_whoever_else_is_on_this_computer(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        assert server.http.get(f"{server.address}/").status_code == 404
        assert server.http.get(f"{server.address}/keys").status_code == 404
        answer = server.http.post(f"{server.address}/keys", json={"name": "mine"})
        assert answer.status_code == 404
        assert server.http.get(f"{server.address}/docs").status_code == 200


def test_keys_are_made_listed_and_revoked_while_the_server_runs(data_dir: Path) -> None:
    folder = ("--data-dir", str(data_dir))
    with running_server(data_dir, *TRIAL, child=False) as server:
        key = run_command("keys", "create", "Ana's laptop", *folder).stdout.strip()
        job = server.post_job(key=key)
        assert server.wait_for_end(job, key)["job_status"] == "done"
        listed = run_command("keys", "list", *folder).stdout
        assert key[:8] in listed
        assert "Ana's laptop" in listed
        assert key not in listed
        assert run_command("keys", "revoke", key[:8], *folder).returncode == 0
        assert server.picture(job, key).status_code == 403
        assert run_command("keys", "revoke", key[:8], *folder).returncode == 1


def test_old_pictures_are_deleted_when_the_server_starts(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        job = server.post_job()
        server.wait_for_end(job)
        (data_dir / "pictures" / "half.part").touch()
        assert server.picture(job).status_code == 200
    with running_server(data_dir, *TRIAL, "--keep-days", "0.000000001") as server:
        server.wait_for_end(server.post_job())
        assert server.picture(job).status_code == 404
    assert not list((data_dir / "pictures").glob(f"{job}*"))
    assert not list((data_dir / "pictures").glob("*.part"))


def test_the_text_of_a_key_stays_in_memory(data_dir: Path) -> None:
    with running_server(data_dir, *TRIAL) as server:
        key = run_command("keys", "create", "k", "--data-dir", str(data_dir)).stdout.strip()
        for each in (key, LOCAL_KEY):
            job = server.post_job("raise trouble", key=each)
            server.wait_for_end(job, each)
            server.http.get(f"{server.address}/api/status?api_key={each}&wait=soon")
            server.http.get(f"{server.address}/nowhere?api_key={each}")
        for each in (key, LOCAL_KEY):
            for process in (server.process.pid, server.worker_pid()):
                for name in ("cmdline", "environ"):
                    assert each.encode() not in Path(f"/proc/{process}/{name}").read_bytes()
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert len(files) >= 2
    for file in [*files, server.log]:
        for each in (key, LOCAL_KEY):
            assert each.encode() not in file.read_bytes(), file


def test_version_and_help_answer_at_once() -> None:
    assert run_command("--version").stdout.startswith("algovera-server ")
    for option in ("--host", "--port", "--data-dir", "--queue-limit", "--keep-days", "keys"):
        assert option in run_command("--help").stdout
