"""Real processes that end by Qt, or by an exception that nobody caught."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from algovera_desktop.services.crash_trace import CrashTrace, last_crash

_RUN = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from algovera_desktop.services.crash_trace import CrashTrace
from algovera_desktop.ui.crash_watch import CrashWatch

watch = CrashWatch(CrashTrace(Path(sys.argv[1])))
def open_the_studio():
    return QGuiApplication([])
app = open_the_studio()
def paint_the_fox():
    {deed}
QTimer.singleShot(0, paint_the_fox)
QTimer.singleShot(50, app.quit)
app.exec()
watch.end()
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="looks at the signal of the end")


def run(folder: Path, deed: str, screen: str = "offscreen") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _RUN.format(deed=deed), str(folder)],
        env=os.environ | {"QT_QPA_PLATFORM": screen},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def next_start_finds(folder: Path) -> str:
    trace = CrashTrace(folder)
    trace.end()
    return last_crash(folder) if trace.found else ""


def test_when_qt_gives_up_its_last_words_and_the_stack_are_kept(tmp_path: Path) -> None:
    assert run(tmp_path, "pass", screen="none").returncode == -signal.SIGABRT
    text = next_start_finds(tmp_path)
    assert "Qt: This application failed to start" in text
    assert "Fatal Python error: Aborted" in text
    assert "in open_the_studio" in text


def test_an_exception_in_a_slot_ends_nothing_and_is_left_to_tell(tmp_path: Path) -> None:
    done = run(tmp_path, "raise LookupError('over the fox')")
    assert done.returncode == 0
    assert "LookupError" in done.stderr
    text = next_start_finds(tmp_path)
    assert "LookupError" in text
    assert "over the fox" not in text


def test_ctrl_c_is_no_mistake_of_ours(tmp_path: Path) -> None:
    run(tmp_path, "raise KeyboardInterrupt")
    assert next_start_finds(tmp_path) == ""
