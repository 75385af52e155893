"""Who is first over a data folder, and what a later start tells it."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.errors import LibraryBusyError
from algovera_desktop.ui.instance_server import InstanceServer
from algovera_desktop.ui.single_instance import Call, claim, instance_address

FILES = st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1).map(Path))


@given(FILES, st.text())
def test_a_call_arrives_as_it_was_sent(files: list[Path], token: str) -> None:
    call = Call(tuple(files), token)
    assert Call.from_line(call.to_line()) == call


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[]\n", b'{"files": 7, "token": ""}\n', b"\xff"])
def test_what_is_no_call_is_told_as_that(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|no call|decode"):
        Call.from_line(line)


def test_this_starts_files_are_told_by_whole_paths_and_with_the_desktops_leave() -> None:
    call = Call.of_this_start((Path("a.png"),), {"DESKTOP_STARTUP_ID": "x_TIME7"})
    assert call == Call((Path.cwd() / "a.png",), "x_TIME7")


def test_each_folder_has_an_address_of_its_own_on_every_system(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for platform in ("linux", "darwin", "win32"):
        assert instance_address(one, platform) != instance_address(two, platform)
        assert instance_address(one, platform) == instance_address(one / ".", platform)
    assert "/" not in instance_address(one, "win32"), "it is the name of a pipe there"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Everybody's folder, on a system that gives this user none of their own."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    everybodys = tmp_path / "tmp"
    everybodys.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(everybodys))
    return everybodys


def test_in_everybodys_folder_the_socket_is_in_one_of_this_users_own(temporary: Path) -> None:
    folder = Path(instance_address(Path("data"), "linux")).parent
    assert folder.parent == temporary
    assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, os.getuid())
    assert Path(instance_address(Path("data"), "linux")).parent == folder


def test_a_folder_that_somebody_else_may_have_put_there_is_not_used(temporary: Path) -> None:
    taken = Path(instance_address(Path("data"), "linux")).parent
    taken.chmod(0o755)
    assert Path(instance_address(Path("data"), "linux")).parent == Path("data")
    taken.chmod(0o700)
    taken.rename(elsewhere := temporary / "elsewhere")
    taken.symlink_to(elsewhere)
    assert Path(instance_address(Path("data"), "linux")).parent == Path("data")


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="only root can give a folder away"
)
def test_a_folder_of_another_user_is_not_used(temporary: Path) -> None:
    os.chown(Path(instance_address(Path("data"), "linux")).parent, 12_345, -1)
    assert Path(instance_address(Path("data"), "linux")).parent == Path("data")


LATER_START = """
import sys
from pathlib import Path
from algovera_desktop.ui.single_instance import Call, claim
call = Call(tuple(map(Path, sys.argv[2:])), "leave")
print("first" if claim(Path(sys.argv[1]), call) else "heard")
"""


def start_later(data: Path, *files: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", LATER_START, str(data), *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextmanager
def first_one(data: Path) -> Iterator[InstanceServer]:
    lock = claim(data, Call())
    assert lock is not None
    server = InstanceServer(data)
    yield server
    server.close()
    lock.release()


def test_a_later_start_is_heard_by_the_first(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "ä picture.png"
    with first_one(tmp_path) as server, qtbot.waitSignal(server.called, timeout=20_000) as heard:
        later = start_later(tmp_path, file)
    assert later.communicate(timeout=20) == ("heard\n", None)
    assert heard.args == [Call((file,), "leave")]


def test_a_socket_left_by_a_killed_one_is_taken_over(qtbot, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(instance_address(tmp_path))
    test_a_later_start_is_heard_by_the_first(qtbot, tmp_path)


def test_a_first_one_that_does_not_answer_is_told(tmp_path: Path) -> None:
    first = claim(tmp_path, Call())
    assert first is not None
    with pytest.raises(LibraryBusyError):
        claim(tmp_path, Call(), patience_s=0.3)
    first.release()


def test_one_that_is_just_ending_is_waited_for(tmp_path: Path) -> None:
    with first_one(tmp_path) as server:
        server.close()
        later = start_later(tmp_path)
    assert later.communicate(timeout=20) == ("first\n", None)


@pytest.mark.allows_log("makes no sense")
def test_nonsense_does_not_keep_the_next_call_from_being_heard(qtbot, tmp_path: Path) -> None:
    with first_one(tmp_path) as server, socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(instance_address(tmp_path))
        stranger.sendall(b"GET / HTTP/1.1\r\n")
        with qtbot.waitSignal(server.called, timeout=20_000):
            later = start_later(tmp_path)
        assert later.communicate(timeout=20) == ("heard\n", None)
