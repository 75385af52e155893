"""The program ends when it is told to, whatever its workers wait for."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.services.paths import Paths
from support.waiting import wait_until

SUPPORT = Path(__file__).parents[1] / "support"
TIMEOUT_S = 60


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program, with a server chosen whose key no keyring ever tells."""
    server = {"id": "far", "name": "Far", "address": "https://127.0.0.1:9"}
    settings = {"servers": [server], "active_server_id": "far"}
    Paths.under(tmp_path).settings_file.write_text(json.dumps({"version": 1, "settings": settings}))
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(SUPPORT),
        "PYTHON_KEYRING_BACKEND": "silent_keyring.SilentKeyring",
        "ALGOVERA_TEST_ASKED": str(tmp_path / "asked"),
    }
    command = [sys.executable, "-m", "algovera_desktop", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, env=environment) as process:
        yield process
        process.kill()


def test_a_keyring_that_never_answers_does_not_keep_the_program_from_ending(
    program: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    wait_until(lambda: (tmp_path / "asked").exists(), lambda: "the keyring was asked", TIMEOUT_S)
    program.send_signal(signal.SIGTERM)
    assert program.wait(TIMEOUT_S) == 0
    log = (Paths.under(tmp_path).logs / "algovera-desktop.log").read_text()
    assert "is left behind" in log
