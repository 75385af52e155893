"""What a child leaves behind is ended on each system. Windows here notes what it is asked."""

import subprocess
import sys
from ctypes import POINTER, cast, sizeof
from typing import Any

import pytest

from algovera_desktop.engines import windows_job
from algovera_desktop.engines.child_family import family_of, family_options
from algovera_desktop.engines.windows_job import ExtendedLimits

PID, JOB, PROCESS = 4321, 70, 71


class Kernel32:
    """Windows' library, as far as it is asked; ``refused`` names the call that fails."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.calls: list[tuple[Any, ...]] = []
        self.flags = 0
        self.last_error = 0

    def CreateJobObjectW(self, security: None, name: None) -> int:
        assert security is name is None
        return self._note(JOB, "CreateJobObjectW")

    def SetInformationJobObject(self, job: int, kind: int, limits: Any, size: int) -> int:
        assert (kind, size) == (9, sizeof(ExtendedLimits))
        self.flags = cast(limits, POINTER(ExtendedLimits)).contents.basic.limit_flags
        return self._note(1, "SetInformationJobObject", job)

    def OpenProcess(self, access: int, inherit: bool, pid: int) -> int:
        assert (access, inherit) == (0x0101, False)
        return self._note(PROCESS, "OpenProcess", pid)

    def AssignProcessToJobObject(self, job: int, process: int) -> int:
        return self._note(1, "AssignProcessToJobObject", job, process)

    def TerminateJobObject(self, job: int, status: int) -> int:
        return self._note(status, "TerminateJobObject", job)

    def CloseHandle(self, handle: int) -> int:
        return self._note(1, "CloseHandle", handle)

    def _note(self, answer: int, name: str, *arguments: int) -> int:
        self.calls.append((name, *arguments))
        self.last_error = 5 if name == self.refused else 0
        return 0 if name == self.refused else answer


def test_on_windows_a_child_is_put_into_a_job_that_dies_with_us() -> None:
    kernel32 = Kernel32()
    family = family_of(PID, "win32", kernel32)
    assert kernel32.flags == 0x2000
    assert kernel32.calls[2:] == [
        ("OpenProcess", PID),
        ("AssignProcessToJobObject", JOB, PROCESS),
        ("CloseHandle", PROCESS),
    ]
    kernel32.calls.clear()
    family.end()
    family.end()
    assert kernel32.calls == [("TerminateJobObject", JOB), ("CloseHandle", JOB)]


@pytest.mark.allows_log("gave no job for process 4321")
@pytest.mark.parametrize(
    "refused",
    ["CreateJobObjectW", "SetInformationJobObject", "OpenProcess", "AssignProcessToJobObject"],
)
def test_where_windows_refuses_the_log_says_why_and_no_handle_stays_open(
    refused: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kernel32 = Kernel32(refused)
    monkeypatch.setattr(windows_job, "_last_error", lambda: kernel32.last_error)
    family = family_of(PID, "win32", kernel32)
    assert [record.message for record in caplog.records] == [
        "Windows gave no job for process 4321: error 5"
    ]
    opened = {JOB} if refused != "CreateJobObjectW" else set()
    if refused == "AssignProcessToJobObject":
        opened.add(PROCESS)
    assert {call[1] for call in kernel32.calls if call[0] == "CloseHandle"} == opened
    kernel32.calls.clear()
    family.end()
    assert kernel32.calls == []


@pytest.mark.skipif(sys.maxsize < 2**32, reason="the sizes of a 64-bit system")
def test_the_limits_have_the_size_that_windows_gives_them() -> None:
    assert sizeof(ExtendedLimits) == 144


def test_a_child_gets_no_console_on_windows_and_a_session_elsewhere() -> None:
    assert family_options("win32") == {"creationflags": 0x08000200}
    for platform in ("linux", "darwin"):
        assert family_options(platform) == {"start_new_session": True}


@pytest.mark.skipif(sys.platform == "win32", reason="the other systems' way")
def test_what_a_dead_child_has_started_is_killed_with_its_group() -> None:
    grandchild = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'])"
    child = subprocess.Popen(
        [sys.executable, "-c", grandchild],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **family_options(),
    )
    family = family_of(child.pid)
    assert child.wait(20) == 0
    family.end()
    family.end()
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        assert child.stdout.read() == b"", "the end of its pipe: nobody holds it any more"
