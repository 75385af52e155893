"""The main job: start to first picture, what the path costs beyond painting, window stalls."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from measurement import Measurement

from support.desktop import DesktopSession

HERE = Path(__file__).parent
ROUNDS = 3


def measure() -> Iterator[Measurement]:
    """Each figure from a program of its own, on a real screen, with its real server."""
    with tempfile.TemporaryDirectory() as name, DesktopSession(Path(name)) as session:
        runs = [_run(session, "first-picture") for _ in range(ROUNDS)]
        painting_ms = median(_bare(session, 8))
        first_ms = median(run["painted_ms"] for run in runs)
        ready_ms = median(run["ready_ms"] for run in runs)
        yield Measurement("start to Generate offered", ready_ms, "ms")
        yield Measurement("start to first picture", first_ms, "ms", painting_ms)
        whole_ms, bare_ms = _overhead(session)
        yield Measurement("Generate to picture painted", whole_ms, "ms", bare_ms)
        yield Measurement("of that, beyond painting", whole_ms - bare_ms, "ms")
        longest_ms = median(_run(session, "stalls")["longest_ms"] for _ in range(ROUNDS))
        bare_longest_ms = median(_run(session, "bare-stalls")["longest_ms"] for _ in range(ROUNDS))
        yield Measurement("longest gap in a 5 ms timer, 20 jobs", longest_ms, "ms", bare_longest_ms)


def _overhead(session: DesktopSession) -> tuple[float, float]:
    """The medians of the whole path and of painting alone, taken in turns."""
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        whole += _run(session, "overhead")["rounds_ms"]
        bare += _bare(session, 8)
    return median(whole), median(bare)


def _run(session: DesktopSession, what: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as data:
        return json.loads(_output(session, "driven_program.py", data, what))


def _bare(session: DesktopSession, count: int) -> list[float]:
    return json.loads(_output(session, "bare_pipeline.py", str(count)))


def _output(session: DesktopSession, script: str, *arguments: str) -> str:
    """The last line that a script of this folder prints, run in the session."""
    result = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env={**session.environment, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1]
