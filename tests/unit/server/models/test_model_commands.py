"""``algovera-server models`` as a process of its own: killed, interrupted, beside a server."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from algovera_desktop.server.models.views import ModelState
from support.algovera_server import LOCAL_KEY, PROGRAM, TESTS, TRIAL, run_command, running_server
from support.model_mirror import NAME, ModelMirror, model_mirror
from support.model_room import model_room, prepare
from support.waiting import wait_until

BIN = "unet/openvino_model.bin"
SIZE = 1_000_000
FORTY_PERCENT = 400_000


@pytest.fixture
def mirror() -> Iterator[ModelMirror]:
    with model_mirror() as mirror:
        mirror.files[BIN] = os.urandom(SIZE)
        yield mirror


@pytest.fixture
def data_dir(tmp_path: Path, mirror: ModelMirror) -> Path:
    data_dir = tmp_path / "data"
    prepare(data_dir, mirror)
    return data_dir


def models(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("models", *arguments, "--data-dir", str(data_dir))


@contextmanager
def pulling(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a process, which the block ends."""
    process = subprocess.Popen(
        [*PROGRAM, "models", "pull", NAME, "--accept-licence", "--data-dir", str(data_dir)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_part(room_folder: Path, size_bytes: int) -> None:
    """Until so much of the large file is on disk."""

    def size() -> int:
        parts = list(room_folder.rglob("openvino_model.bin.part"))
        return parts[0].stat().st_size if parts else 0

    wait_until(lambda: size() >= size_bytes, lambda: f"{size_bytes} bytes, there are {size()}", 15)


def assert_whole(data_dir: Path, mirror: ModelMirror) -> None:
    with model_room(data_dir, mirror) as room:
        assert room.view().state is ModelState.INSTALLED
        assert room.file(BIN).read_bytes() == mirror.files[BIN]


def test_a_pull_killed_at_40_percent_goes_on_at_the_byte_where_it_was(
    data_dir: Path, mirror: ModelMirror
) -> None:
    mirror.hold_at[BIN] = FORTY_PERCENT
    with pulling(data_dir) as process:
        assert mirror.held.wait(15)
        wait_for_part(data_dir, FORTY_PERCENT // 2)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    mirror.release.set()
    (part,) = data_dir.rglob("openvino_model.bin.part")
    here = part.stat().st_size
    assert FORTY_PERCENT // 2 <= here < SIZE
    assert "installed" not in models(data_dir, "list").stdout

    done = models(data_dir, "pull", NAME)  # accepted before: nobody is asked again
    assert done.returncode == 0, done.stderr
    first, second = mirror.gets(BIN)
    assert (first.range, second.range) == (None, f"bytes={here}-")
    assert second.headers["if-range"]
    assert_whole(data_dir, mirror)


def test_a_server_goes_on_with_what_a_killed_program_left(
    data_dir: Path, mirror: ModelMirror
) -> None:
    mirror.hold_at[BIN] = FORTY_PERCENT
    with pulling(data_dir) as process:
        assert mirror.held.wait(15)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    mirror.release.set()
    with running_server(data_dir, *TRIAL) as server:
        url = f"{server.address}/api/manage/models"
        key = {"Authorization": f"Bearer {LOCAL_KEY}"}

        def state() -> str:
            told = server.http.get(url, headers=key).json()["models"]
            return next(model["state"] for model in told if model["name"] == NAME)

        wait_until(lambda: state() == "installed", state, 15)
        names = server.http.get(f"{server.address}/api/basemodels").json()["base_models"]
    assert names == ["trial", NAME]
    assert_whole(data_dir, mirror)


def test_ctrl_c_pauses_and_a_second_pull_goes_on(data_dir: Path, mirror: ModelMirror) -> None:
    mirror.hold_at[BIN] = FORTY_PERCENT
    with pulling(data_dir) as process:
        assert mirror.held.wait(15)
        wait_for_part(data_dir, 1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert any(line.startswith(b"Pausing") for line in process.stderr)
        mirror.release.set()
        assert process.wait(15) == 130
        assert b"Paused. To go on" in process.stderr.read()
    assert "paused" in models(data_dir, "list").stdout
    assert models(data_dir, "pull", NAME).returncode == 0
    assert mirror.gets(BIN)[-1].range is not None
    assert_whole(data_dir, mirror)


def test_a_licence_that_nobody_accepted_refuses(data_dir: Path, mirror: ModelMirror) -> None:
    refused = models(data_dir, "pull", NAME)
    assert refused.returncode == 2
    assert "Test licence" in refused.stderr
    assert "https://licences.example/test" in refused.stderr
    assert mirror.requests == []


def test_verify_repairs_and_remove_removes(data_dir: Path, mirror: ModelMirror) -> None:
    with model_room(data_dir, mirror) as room:
        room.pull()
        damaged = bytearray(room.file(BIN).read_bytes())
        damaged[SIZE // 2] ^= 1
        room.file(BIN).write_bytes(damaged)
    verified = models(data_dir, "verify", NAME)
    assert (verified.returncode, BIN in verified.stdout) == (0, True), verified
    assert len(mirror.gets(BIN)) == 2
    assert_whole(data_dir, mirror)
    assert models(data_dir, "remove", NAME).returncode == 0
    assert not list(data_dir.rglob("*.bin"))


def test_the_mirror_is_set_for_everybody(data_dir: Path, mirror: ModelMirror) -> None:
    assert models(data_dir, "mirror", "").stdout.strip() == "https://huggingface.co"
    assert mirror.address not in (data_dir / "models" / "settings.json").read_text()
