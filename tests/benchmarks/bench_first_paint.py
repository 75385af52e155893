"""Time from starting the program until its window is painted, against a bare QMainWindow."""

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measurement import Measurement, alternate

from support.app import App
from support.desktop import DesktopSession

ROUNDS = 9
BARE_WINDOW = [sys.executable, str(Path(__file__).with_name("bare_window.py"))]


def measure() -> Iterator[Measurement]:
    """On a data folder that has been used before, as on every day but the first."""
    with tempfile.TemporaryDirectory() as name, DesktopSession(Path(name)) as session:
        data = Path(name) / "data"
        program = ["algovera-desktop", "--data-dir", str(data), "--print-first-paint"]
        new_ms = first_paint_ms(session, program)
        used_ms, bare_ms = alternate(
            lambda: first_paint_ms(session, program),
            lambda: first_paint_ms(session, BARE_WINDOW),
            ROUNDS,
        )
    yield Measurement("first paint", used_ms, "ms", bare_ms)
    yield Measurement("first paint on a new data folder", new_ms, "ms", bare_ms)


def first_paint_ms(session: DesktopSession, command: list[str]) -> float:
    """From starting a program of ours, or the bare window, to what it prints at its paint."""
    started_s = time.monotonic()
    app = session.start_app(command, {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0"})
    try:
        app.wait_for(lambda: _painted_s(app), "the first paint")
        painted_s = _painted_s(app)
        assert painted_s is not None
        return (painted_s - started_s) * 1000
    finally:
        session.stop_apps()


def _painted_s(app: App) -> float | None:
    found = re.search(r"^\d+\.\d+$", app.output, re.MULTILINE)
    return float(found[0]) if found else None
