"""A library that is damaged, or made anew, seen from the window."""

import subprocess
import sys
from pathlib import Path

from algovera_desktop.services.paths import Paths
from support.desktop import DesktopSession
from support.kept_library import KeptLibrary, fill

PROGRAM = [sys.executable, "-m", "algovera_desktop", "--data-dir"]


def test_a_damaged_library_is_mended_at_start_and_the_window_says_so(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    before = fill(tmp_path)
    Paths.under(tmp_path).library_file.write_bytes(b"\xa5" * 9000)
    app = desktop.start_app([*PROGRAM, str(tmp_path)])
    app.wait_for(
        lambda: any("made anew" in label.name for label in app.find_all("label")),
        "word of the damage",
    )
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    assert list(tmp_path.glob("library.sqlite3.damaged-*"))
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def test_it_is_refused_with_words_while_the_window_is_open(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    app = desktop.start_app([*PROGRAM, str(tmp_path)])
    app.wait_for(lambda: Paths.under(tmp_path).library_file.exists(), "the library")
    command = [*PROGRAM, str(tmp_path), "--rebuild-library"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "close the program first" in done.stderr
