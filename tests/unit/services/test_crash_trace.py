"""The traces of real processes that end in every way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from algovera_desktop.services.crash_trace import CrashTrace, last_crash

_RUN = """
import ctypes, os, signal, sys
from pathlib import Path
from algovera_desktop.services.crash_trace import CrashTrace

trace = CrashTrace(Path(sys.argv[1]))
trace.watch()
def paint_the_fox():
    {end}
paint_the_fox()
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")


def run(folder: Path, end: str) -> int:
    command = [sys.executable, "-c", _RUN.format(end=end), str(folder)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode


def next_start_finds(folder: Path) -> bool:
    trace = CrashTrace(folder)
    trace.end()
    return trace.found


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("ctypes.string_at(0)", "Segmentation fault"),
        ("os.abort()", "Aborted"),
        ("signal.raise_signal(signal.SIGBUS)", "Bus error"),
    ],
)
def test_a_crash_is_found_with_its_stack_by_the_next_start_and_by_that_alone(tmp_path, end, why):
    assert run(tmp_path, end) < 0
    assert next_start_finds(tmp_path)
    text = last_crash(tmp_path)
    assert why in text
    assert "in paint_the_fox" in text
    assert text.startswith("Algovera Desktop ")
    assert not next_start_finds(tmp_path)
    assert last_crash(tmp_path) == text


@pytest.mark.parametrize(
    "end", ["trace.end()", f"os.kill(os.getpid(), {int(signal.SIGKILL)})", "os._exit(0)"]
)
def test_an_end_in_order_and_a_kill_are_no_crash(tmp_path, end):
    run(tmp_path, end)
    assert not next_start_finds(tmp_path)
    assert last_crash(tmp_path) == ""


def test_a_reason_that_was_written_is_kept_unless_the_run_ended_in_order(tmp_path):
    trace = CrashTrace(tmp_path)
    trace.write("Qt: no platform plugin\n")
    trace.end(in_order=False)
    assert next_start_finds(tmp_path)
    assert last_crash(tmp_path).endswith("\nQt: no platform plugin\n")
    trace = CrashTrace(tmp_path)
    trace.write("a thing that was got over\n")
    trace.end()
    assert not next_start_finds(tmp_path)


def test_without_a_folder_nothing_is_watched_and_nothing_fails(tmp_path):
    (tmp_path / "file").write_text("")
    trace = CrashTrace(tmp_path / "file" / "logs")
    trace.write("nobody hears this")
    trace.end()
    assert not trace.found


def test_an_endless_trace_is_cut(tmp_path):
    trace = CrashTrace(tmp_path)
    trace.write("deep\n" * 100_000)
    trace.end(in_order=False)
    assert next_start_finds(tmp_path)
    assert len(last_crash(tmp_path)) <= 200_000
