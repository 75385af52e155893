import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import EngineUnreachableError, JobCancelledError
from algovera_desktop.engines.embedded import (
    LocalServer,
    LocalServerState,
    LocalServerStatus,
    RestartRules,
)
from support.waiting import wait_until

CHILD = Path(__file__).with_name("child_server.py")
RULES = RestartRules(
    start_s=10, quick_death_s=60, most_quick_deaths=3, first_pause_s=0.01, polite_s=5, firm_s=5
)
STARTING, READY = LocalServerState.STARTING, LocalServerState.READY
STOPPED, FAILED = LocalServerState.STOPPED, LocalServerState.FAILED

MakeServer = Callable[..., LocalServer]


class Statuses:
    """What a server told of itself, in order."""

    def __init__(self) -> None:
        self.told: list[LocalServerStatus] = []

    @property
    def states(self) -> list[LocalServerState]:
        return [status.state for status in self.told]

    def wait_for(self, count: int, state: LocalServerState) -> None:
        wait_until(lambda: self.states.count(state) >= count, lambda: f"{state}: {self.told}", 20)


@pytest.fixture
def statuses() -> Statuses:
    return Statuses()


@pytest.fixture
def make_server(tmp_path: Path, statuses: Statuses) -> Iterator[MakeServer]:
    made: list[LocalServer] = []

    def make(behaviour: str, **rules: float) -> LocalServer:
        command = [sys.executable, str(CHILD), behaviour, str(tmp_path)]
        server = LocalServer(command, statuses.told.append, rules=replace(RULES, **rules))
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()


def children(folder: Path) -> dict[int, str]:
    """Process id and key of every child that was started."""
    return {int(path.name.removeprefix("key-")): path.read_text() for path in folder.glob("key-*")}


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def has_endpoint(server: LocalServer) -> bool:
    try:
        server.endpoint()
    except EngineUnreachableError:
        return False
    return True


def test_a_started_server_has_an_address_and_a_key_of_64_hex_digits(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("answers")
    server.start()
    endpoint = server.endpoint()
    ((pid, key),) = children(tmp_path).items()
    assert endpoint.address == f"http://127.0.0.1:{1024 + pid % 60_000}"
    assert endpoint.key == key
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert statuses.states == [STARTING, READY]
    assert server.status == LocalServerStatus(READY)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_the_key_stands_in_no_argument_and_no_environment(
    make_server: MakeServer, tmp_path: Path
) -> None:
    make_server("answers").start()
    ((pid, key),) = children(tmp_path).items()
    for name in ("cmdline", "environ"):
        assert key.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()


def test_stopping_ends_the_process_and_starting_again_takes_a_new_key(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("answers")
    server.start()
    server.stop()
    server.stop()
    with pytest.raises(EngineUnreachableError):
        server.endpoint()
    assert not any(is_alive(pid) for pid in children(tmp_path))
    server.start()
    assert len(set(children(tmp_path).values())) == 2
    assert statuses.states == [STARTING, READY, STOPPED, STARTING, READY]


def test_starting_twice_starts_one_server(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server("answers")
    threads = [threading.Thread(target=server.start) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(children(tmp_path)) == 1


def test_a_server_that_dies_is_said_to_and_started_again(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("answers")
    server.start()
    first = server.endpoint()
    os.kill(next(iter(children(tmp_path))), signal.SIGKILL)
    statuses.wait_for(2, READY)
    assert server.endpoint().key != first.key
    assert statuses.states == [STARTING, READY, STARTING, READY]
    assert "signal 9" in statuses.told[2].reason


def test_a_server_that_dies_quickly_a_few_times_is_started_until_it_lives(
    make_server: MakeServer, statuses: Statuses
) -> None:
    make_server("dies_at_first").start()
    statuses.wait_for(3, READY)
    assert statuses.states == [STARTING, READY] * 3
    assert "exit status 7" in statuses.told[2].reason
    assert "out of paint" in statuses.told[2].reason


def test_a_server_that_cannot_start_is_given_up_with_its_last_words(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("refuses")
    with pytest.raises(EngineUnreachableError, match=r"cannot work with \[key\]"):
        server.start()
    assert len(children(tmp_path)) == 3
    assert statuses.states == [STARTING] * 3 + [FAILED]
    assert "exit status 3" in statuses.told[-1].reason
    with pytest.raises(EngineUnreachableError):
        server.endpoint()


def test_a_server_that_was_given_up_can_be_started_anew(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server("refuses")
    for tries in (3, 6):
        with pytest.raises(EngineUnreachableError):
            server.start()
        assert len(children(tmp_path)) == tries


def test_a_command_that_does_not_exist_is_given_up(statuses: Statuses) -> None:
    server = LocalServer(["/no/such/program"], statuses.told.append, rules=RULES)
    with pytest.raises(EngineUnreachableError, match="No such file"):
        server.start()
    server.stop()
    assert statuses.states[-1] is FAILED


@pytest.mark.parametrize("behaviour", ["babbles", "is_silent"])
def test_a_server_that_never_says_its_port_is_given_up(
    make_server: MakeServer, tmp_path: Path, behaviour: str
) -> None:
    server = make_server(behaviour, start_s=0.5, most_quick_deaths=2)
    with pytest.raises(EngineUnreachableError, match="did not start"):
        server.start()
    assert not any(is_alive(pid) for pid in children(tmp_path))


def test_stopping_ends_a_start_that_waits(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("is_silent", start_s=3600)
    stopper = threading.Thread(
        target=lambda: (wait_until(lambda: children(tmp_path), lambda: "child", 20), server.stop())
    )
    stopper.start()
    with pytest.raises(JobCancelledError):
        server.start()
    stopper.join()
    assert statuses.states == [STARTING, STOPPED]
    assert not any(is_alive(pid) for pid in children(tmp_path))


def test_stopping_does_not_wait_for_a_pause_between_two_starts(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path
) -> None:
    server = make_server("answers", first_pause_s=3600)
    server.start()
    os.kill(next(iter(children(tmp_path))), signal.SIGKILL)
    wait_until(lambda: not has_endpoint(server), lambda: "the death to be seen", 20)
    server.stop()
    assert statuses.states == [STARTING, READY, STOPPED]


def test_a_server_that_does_not_want_to_end_is_killed(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server("is_stubborn", polite_s=0.1, firm_s=0.1)
    server.start()
    server.stop()
    assert not any(is_alive(pid) for pid in children(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_dead_server_started_is_ended_too(
    make_server: MakeServer, statuses: Statuses, tmp_path: Path, number: signal.Signals
) -> None:
    make_server("has_a_worker").start()
    worker = int((tmp_path / "worker").read_text())
    os.kill(next(iter(children(tmp_path))), number)
    statuses.wait_for(2, READY)
    assert not is_alive(worker)


def test_a_server_that_talks_a_lot_is_not_blocked_and_its_key_is_not_logged(
    make_server: MakeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server = make_server("chatters")
    server.start()
    wait_until(lambda: "my key is" in caplog.text, lambda: "the last line", 20)
    server.stop()
    (key,) = children(tmp_path).values()
    assert "line 4999 to stderr" in caplog.text
    assert "my key is [key]" in caplog.text
    assert key not in caplog.text


PARENT = """
import sys, threading
from algovera_desktop.engines.embedded import LocalServer
server = LocalServer(sys.argv[1:], lambda status: None)
server.start()
print("ready", flush=True)
threading.Event().wait()
"""


def test_the_server_goes_with_an_application_that_is_killed(tmp_path: Path) -> None:
    child = [sys.executable, str(CHILD), "answers", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *child], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
    (pid,) = children(tmp_path)
    wait_until(lambda: not is_alive(pid), lambda: "the server's end", 20)
