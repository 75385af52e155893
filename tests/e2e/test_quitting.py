"""The program ends when it is told to, whatever its workers wait for."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.services.paths import Paths
from support.desktop import DesktopSession
from support.prepared_data import add_waiting, library_rows
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


def test_a_session_that_ends_while_the_server_hangs_takes_nothing_with_it(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    add_waiting(data, "local", [GenerationRequest("a fox", "sketch", 1024, 1024, steps=50)] * 3)
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
    app.wait_for(lambda: "running" in states(data), "a picture under way")
    app.activate()
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text("two boats")
    app.wait_for(lambda: app.find_all("text", "Prompt")[0].text == "two boats", "what was typed")
    for process in app.processes().keys() - {app.process.pid}:
        os.kill(process, signal.SIGSTOP)
    app.process.send_signal(signal.SIGTERM)
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()
    assert states(data) == ["running", "waiting", "waiting"]
    settings = json.loads(Paths.under(data).settings_file.read_text("utf-8"))["settings"]
    assert settings["form_draft"]["prompt"] == "two boats"


def test_a_log_out_that_asks_every_process_to_end_fails_no_picture(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    add_waiting(data, "local", [GenerationRequest("a fox", "sketch", 1024, 1024, steps=50)] * 2)
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
    app.wait_for(lambda: "running" in states(data), "a picture under way")
    # The painter first, and the program when it may have heard of that.
    for process in sorted(app.processes(), reverse=True):
        os.kill(process, signal.SIGTERM)
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()
    assert states(data) == ["running", "waiting"]


def states(data: Path) -> list[str]:
    return [row["state"] for row in library_rows(data, "SELECT state FROM jobs ORDER BY rowid")]


@pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs a screen of its own")
def test_a_screen_that_goes_away_takes_nothing_with_it(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    screen = ["Xvfb", "-nolisten", "tcp", "-displayfd", str(writing)]
    with subprocess.Popen(screen, pass_fds=[writing], stderr=subprocess.DEVNULL) as xvfb:
        os.close(writing)
        with os.fdopen(reading) as answer:
            display = f":{answer.readline().strip()}"
        environment = os.environ | {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        command = [sys.executable, "-m", "algovera_desktop", "--data-dir", str(tmp_path)]
        with subprocess.Popen(command, env=environment) as process:
            paths = Paths.under(tmp_path)
            wait_until(paths.server_data.exists, lambda: "the server", TIMEOUT_S)
            xvfb.kill()
            try:
                process.wait(TIMEOUT_S)
            finally:
                process.kill()
    settings = json.loads(paths.settings_file.read_text("utf-8"))["settings"]
    assert settings["window_geometry"], "what is written when the program ends"
