"""``--reset-settings``, and data that is not for this version, with the real program."""

import json
import os
import subprocess
import sys
from pathlib import Path

from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.services.paths import Paths
from support.desktop import DesktopSession

PROGRAM = [sys.executable, "-m", "algovera_desktop", "--data-dir"]
SETTINGS = json.dumps({"version": 1, "settings": {"theme": "dark"}})


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def reset(data: Path) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, str(data), "--reset-settings"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_who_starts_by_double_click_reads_it_in_a_window(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    paths = Paths.under(tmp_path)
    paths.make()
    paths.settings_file.write_text('{"version": 2, "settings": {}}', "utf-8")
    app = desktop.start_app([*PROGRAM, str(tmp_path)])
    app.wait_for(
        lambda: any("later version" in label.name for label in app.find_all("label")), "the words"
    )
    app.find("push button", "OK").act()
    assert app.wait_for_exit() == 2, app.output


def test_the_settings_are_put_aside_and_nothing_else_is_touched(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    assert "default already" in reset(tmp_path).stdout
    for file in (paths.library_file, paths.pictures / "2026-11" / "a fox.png"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"precious")
    before = contents(tmp_path)
    for _ in range(2):
        paths.settings_file.write_text(SETTINGS, "utf-8")
        done = reset(tmp_path)
        assert done.returncode == 0, done.stderr
        assert "default again" in done.stdout
    after = contents(tmp_path)
    kept = [after.pop(name) for name in list(after) if name.startswith("settings.json.bak-")]
    assert kept == [SETTINGS.encode()] * 2
    assert after.pop("instance.lock") == b""
    assert after == before


def test_it_is_refused_while_the_program_runs(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    paths.settings_file.write_text(SETTINGS, "utf-8")
    running = ProcessLock(tmp_path / "instance.lock")
    done = reset(tmp_path)
    running.release()
    assert done.returncode == 2
    assert "close it first" in done.stderr
    assert paths.settings_file.read_text("utf-8") == SETTINGS


def test_data_of_a_later_version_is_refused_with_words_and_left_alone(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    paths.make()
    paths.settings_file.write_text('{"version": 2, "settings": {"theme": 7}}', "utf-8")
    before = contents(tmp_path)
    done = subprocess.run(
        [*PROGRAM, str(tmp_path)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "a later version of Algovera Desktop" in done.stderr
    after = contents(tmp_path)
    after.pop("instance.lock")
    assert after == before
