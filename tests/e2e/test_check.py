"""``algovera-desktop --check`` on a machine that lacks something."""

import json
import os
import subprocess
import sys
from pathlib import Path

from algovera_desktop.services.paths import Paths


def report(data: Path) -> str:
    command = [sys.executable, "-m", "algovera_desktop", "--data-dir", str(data), "--check"]
    without_keyring = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    surroundings = os.environ | without_keyring | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        command, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.endswith("All that is needed is there.\n"), done.stdout + done.stderr
    assert done.returncode == 0
    return done.stdout


def test_the_report_names_the_chosen_folder_and_says_how_long_keys_are_kept(
    tmp_path: Path,
) -> None:
    chosen = tmp_path / "art"
    chosen.mkdir()
    settings = {"version": 1, "settings": {"pictures_folder": str(chosen)}}
    Paths.under(tmp_path).settings_file.write_text(json.dumps(settings))
    lines = report(tmp_path).splitlines()
    assert any("pictures" in line and str(chosen) in line for line in lines)
    assert any("keyring" in line and "until the program ends" in line for line in lines)
    (models,) = [line for line in lines if "installed: " in line]
    installed, available, *_ = models.split("; ")
    assert installed.endswith("installed: none but the sketch")
    assert available.startswith("can be downloaded: ")
    assert "stable diffusion v1.5" in available
    assert sorted(path.name for path in tmp_path.iterdir()) == ["art", "settings.json"]
