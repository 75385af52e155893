"""``algovera-desktop --rebuild-library``: the real command, and the real program after it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from algovera_desktop.services.paths import Paths
from support.kept_library import KeptLibrary, fill

TIMEOUT_S = 60
WITHOUT_A_SCREEN = {name: value for name, value in os.environ.items() if name != "DISPLAY"}


def command(data: Path) -> list[str]:
    return [sys.executable, "-m", "algovera_desktop", "--data-dir", str(data), "--rebuild-library"]


def rebuild(data: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(data),
        env=WITHOUT_A_SCREEN,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def remove_library(data: Path) -> None:
    for file in data.glob("library.sqlite3*"):
        file.unlink()


def test_it_brings_the_library_back_and_says_what_is_in_it(tmp_path: Path) -> None:
    before = fill(tmp_path)
    remove_library(tmp_path)
    done = rebuild(tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["Pictures", "8"] in lines
    assert ["in", "the", "trash", "1"] in lines
    assert "8 of 8 files read" in done.stderr
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def test_it_is_refused_with_words_while_the_library_is_in_use(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path):
        done = rebuild(tmp_path)
    assert done.returncode == 2
    assert "close the program first" in done.stderr


def test_it_is_refused_with_words_while_the_chosen_folder_is_away(tmp_path: Path) -> None:
    settings = {"version": 1, "settings": {"pictures_folder": str(tmp_path / "unplugged")}}
    Paths.under(tmp_path).settings_file.write_text(json.dumps(settings))
    done = rebuild(tmp_path)
    assert done.returncode == 2
    assert "unplugged is not there" in done.stderr
    assert not Paths.under(tmp_path).library_file.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_everything_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    before = fill(tmp_path, 5)
    pictures = Paths.under(tmp_path).pictures
    for copy in range(1000):
        shutil.copy(pictures / before[0].path, pictures / f"{copy}.png")
    with subprocess.Popen(
        command(tmp_path), env=WITHOUT_A_SCREEN, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while " of " not in process.stderr.readline():
            pass
        process.send_signal(number)
        assert "cancelled" in process.stderr.read()
    assert process.returncode == 130
    assert not list(tmp_path.glob("*.rebuil*"))
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before


def test_killed_again_and_again_it_leaves_a_whole_library(tmp_path: Path) -> None:
    before = fill(tmp_path, 30)
    chance = random.Random(4)
    for _ in range(6):
        with subprocess.Popen(
            command(tmp_path), env=WITHOUT_A_SCREEN, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            process.stderr.readline()
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
        with KeptLibrary(tmp_path) as kept:
            assert kept.records() == before
    assert rebuild(tmp_path).returncode == 0
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == before
