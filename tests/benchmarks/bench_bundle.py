"""First paint of the bundle against the same program in its virtual environment."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench_first_paint import first_paint_ms
from measurement import Measurement, alternate

from support.desktop import DesktopSession

ROUNDS = 9
ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "build" / "package" / "dist" / "algovera-desktop" / "algovera-desktop"


def measure() -> Iterator[Measurement]:
    """Both on data folders that have been used before; nothing where no bundle was built."""
    if not BUNDLED.exists():
        print("There is no bundle here to measure: python3 packaging/dev.py package makes one.")
        return
    with tempfile.TemporaryDirectory() as name, DesktopSession(Path(name)) as session:

        def first_paint_of(program: str, data: str) -> float:
            arguments = ["--data-dir", str(Path(name) / data), "--print-first-paint"]
            return first_paint_ms(session, [program, *arguments])

        def bundled() -> float:
            return first_paint_of(str(BUNDLED), "bundled")

        def installed() -> float:
            return first_paint_of("algovera-desktop", "installed")

        for first in (bundled, installed):
            first()
        bundled_ms, installed_ms = alternate(bundled, installed, ROUNDS)
    yield Measurement("first paint of the bundle", bundled_ms, "ms", installed_ms)
