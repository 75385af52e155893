"""Installed models through the real server, with each runtime, on tiny models of random weights."""

import io
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from algovera_desktop.server.pipelines.base import Scheduler
from support.algovera_server import (
    LOCAL_KEY,
    TRIAL,
    ServerProcess,
    run_command,
    running_server,
)
from support.little_memory import little_memory
from support.random_models import RandomModels, install, tiny_models

# The server, and what it has open.
pytestmark = pytest.mark.left_to_module

WEIGHTS = {
    "openvino": "unet/openvino_model.bin",
    "diffusers": "unet/diffusion_pytorch_model.safetensors",
}
LONG: dict[str, Any] = {"width": 512, "height": 512, "inf_steps": 50}
"""A picture that nobody waits for here."""


@pytest.fixture(scope="module")
def models() -> RandomModels:
    return tiny_models()


@pytest.fixture(scope="module")
def server(
    models: RandomModels, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    data_dir = tmp_path_factory.mktemp("server") / "data"
    for runtime in WEIGHTS:
        install(models.checkpoint(runtime, runtime), data_dir)
        huge = copy_without_end(models.folder / runtime, data_dir.parent / runtime)
        for scheduler in Scheduler:
            if scheduler is not Scheduler.OWN:
                name = f"{runtime} {scheduler}"
                install(models.checkpoint(runtime, name, scheduler=scheduler), data_dir)
        # Said to need nothing, so that it is loaded.
        install(
            models.checkpoint(runtime, f"huge {runtime}", folder=huge, memory_bytes=1), data_dir
        )
    for place in (*(models.folder / "single").iterdir(), models.folder / "onnx"):
        if place.suffix != ".json":
            name = place.name.replace(".safetensors", " file")
            result = run_command("models", "add", name, str(place), "--data-dir", str(data_dir))
            assert result.returncode == 0, result.stderr
    with pytest.MonkeyPatch.context() as patch:
        # Its threads wait for each other at every operation of so small a network.
        patch.setenv("OMP_NUM_THREADS", "1")
        with running_server(data_dir, *TRIAL) as server:
            yield server


def copy_without_end(folder: Path, copy: Path) -> str:
    """The same model, its weights so long that nobody has memory for them; the disk has room."""
    shutil.copytree(folder, copy)
    os.truncate(copy / WEIGHTS[folder.name], 2**40)
    return str(copy)


def pixels(server: ServerProcess, **fields: Any) -> bytes:
    job = server.post_job(**fields)
    status = server.wait_for_end(job)
    assert status["job_status"] == "done", status
    with Image.open(io.BytesIO(server.picture(job).content)) as picture:
        assert picture.size == (fields.get("width", 128), fields.get("height", 128))
        return picture.convert("RGB").tobytes()


def wait_until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.02)


# One after the other, since loading PyTorch is what takes the time.
@pytest.mark.parametrize("runtime", WEIGHTS)
def test_an_installed_model_paints_what_it_is_asked_for(
    server: ServerProcess, runtime: str, subtests: pytest.Subtests
) -> None:
    first = pixels(server, base_model=runtime, seed=1, width=192)
    with subtests.test("the same request gives the same pixels"):
        assert pixels(server, base_model=runtime, seed=1, width=192) == first
    for change in (
        {"seed": 2**53 - 1},
        {"prompt": "another"},
        {"neg_prompt": "rain"},
        # What it should not show has no use then, and no harm.
        {"guidance_scale": 1.0, "neg_prompt": "rain"},
    ):
        with subtests.test("another request gives others", **change):
            fields = {"base_model": runtime, "seed": 1, "width": 192}
            assert pixels(server, **(fields | change)) != first
    with subtests.test("the device is shown"):
        device = server.http.get(f"{server.address}/api/health").json()["device"]
        assert {"openvino": "OpenVINO", "diffusers": "PyTorch"}[runtime] in device
    with subtests.test("a side that the model cannot do is refused"):
        body = {"base_model": runtime, "prompt": "paint", "api_key": LOCAL_KEY, "width": 200}
        answer = server.http.post(f"{server.address}/api/txt2img", json=body)
        assert answer.status_code == 422
        assert "must be a multiple of 64" in answer.text
    with subtests.test("a long one shows previews, and stops within a step when it is cancelled"):
        shows_previews_and_stops(server, runtime)
    with subtests.test("each scheduler takes the noise away in its own manner"):
        schedulers_differ(server, runtime, first)
    for form in OTHER_FORMS[runtime]:
        with subtests.test("another form of files is the same model", form=form):
            OTHER_FORMS[runtime][form](server, form, first)
    with subtests.test("memory that runs out while another is loaded costs that job alone"):
        memory_runs_out(server, runtime)
        assert pixels(server, base_model=runtime, seed=1, width=192) == first


def onnx_is_what_openvinos_files_are(server: ServerProcess, _form: str, first: bytes) -> None:
    onnx = pixels(server, base_model="onnx", seed=1, width=192)
    assert max(abs(a - b) for a, b in zip(onnx, first, strict=True)) <= 8  # but for rounding
    assert len(list((server.data_dir / "cache" / "converted").iterdir())) == 1


def one_file_is_what_its_folder_is(server: ServerProcess, family: str, _first: bytes) -> None:
    folder = pixels(server, base_model=family, inf_steps=2)
    assert pixels(server, base_model=f"{family} file", inf_steps=2) == folder


OTHER_FORMS: dict[str, dict[str, Callable[[ServerProcess, str, bytes], None]]] = {
    "openvino": {"onnx": onnx_is_what_openvinos_files_are},
    "diffusers": dict.fromkeys(("sd1", "sd2", "sdxl"), one_file_is_what_its_folder_is),
}


def schedulers_differ(server: ServerProcess, runtime: str, first: bytes) -> None:
    painted = {
        scheduler: pixels(server, base_model=f"{runtime} {scheduler}".strip(), seed=1, width=192)
        for scheduler in Scheduler
    }
    assert painted[Scheduler.PNDM] == painted[Scheduler.OWN] == first  # the folder names it
    assert len(set(painted.values())) == len(Scheduler) - 1


def memory_runs_out(server: ServerProcess, runtime: str) -> None:
    worker = server.worker_pid()
    with little_memory(worker):
        error = server.wait_for_end(server.post_job(base_model=f"huge {runtime}"))["error"]
    assert "ran out of memory while it loaded the model. Close other programs" in error
    assert server.worker_pid() == worker


def shows_previews_and_stops(server: ServerProcess, runtime: str) -> None:
    worker = server.worker_pid()
    job = server.post_job(base_model=runtime, **LONG)
    wait_until(lambda: server.status(job)["previews"] > 0)
    query = {"job_uuid": job, "api_key": LOCAL_KEY}
    preview = server.http.get(f"{server.address}/api/preview", params=query)
    with Image.open(io.BytesIO(preview.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (256, 256))
    assert 0 < server.status(job)["progress"] < 1
    server.cancel(job)
    assert "cancelled" in server.wait_for_end(job)["error"]
    assert server.worker_pid() == worker


def test_a_worker_killed_under_a_model_costs_that_picture_only(server: ServerProcess) -> None:
    job = server.post_job(base_model="openvino", **LONG)
    server.wait_for_progress(job)
    os.kill(server.worker_pid(), signal.SIGKILL)
    assert "may have run out of memory" in server.wait_for_end(job)["error"]
    assert pixels(server, base_model="openvino")


def test_what_cannot_be_loaded_costs_that_picture_only_and_says_why(
    models: RandomModels, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    data_dir = tmp_path / "data"
    tiny = models.checkpoint("openvino")
    install(tiny, data_dir)
    huge = replace(tiny, model=replace(tiny.model, name="huge"), memory_bytes=10**15)
    install(huge, data_dir)
    unknown = replace(tiny, model=replace(tiny.model, name="unknown"), runtime="crayons")
    install(unknown, data_dir)
    damaged = tmp_path / "damaged"
    copy_damaged(Path(tiny.folder), damaged)
    install(models.checkpoint("openvino", "damaged", folder=str(damaged)), data_dir)
    with running_server(data_dir, *TRIAL) as server:
        for name, words in {
            "huge": "needs about 1000000.0 GB of memory",
            "unknown": "no runtime 'crayons'",
            "damaged": "could not be loaded. Its files may be damaged",
        }.items():
            with subtests.test(name):
                assert words in server.wait_for_end(server.post_job(base_model=name))["error"]
        assert pixels(server, base_model="tiny")


def copy_damaged(folder: Path, copy: Path) -> None:
    """The same model, its weights cut off in the middle."""
    for file in folder.rglob("*.*"):
        target = copy / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = file.read_bytes()
        is_cut = file.name == "openvino_model.bin" and file.parent.name == "unet"
        target.write_bytes(data[: len(data) // 2] if is_cut else data)


def test_a_model_that_nobody_needs_is_let_go_and_comes_back(
    models: RandomModels, tmp_path: Path
) -> None:
    install(models.checkpoint("openvino"), tmp_path / "data")
    with running_server(tmp_path / "data", *TRIAL, "--unload-after", "0.005") as server:
        before = pixels(server, base_model="tiny")
        holder = server.worker_pid()
        wait_until(lambda: not Path(f"/proc/{holder}").exists())
        assert pixels(server, base_model="tiny") == before
        assert server.http.get(f"{server.address}/api/health").json()["engine"] == "ready"


def test_a_device_that_is_not_here_is_named(models: RandomModels, tmp_path: Path) -> None:
    install(models.checkpoint("openvino"), tmp_path / "data")
    with running_server(tmp_path / "data", *TRIAL, "--device", "npu") as server:
        error = server.wait_for_end(server.post_job(base_model="tiny"))["error"]
    assert "no device 'npu' here. It finds: CPU" in error
