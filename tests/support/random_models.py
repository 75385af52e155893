"""Models of random weights, built once on a machine, and placed where a server finds them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from algovera_desktop.domain.generation import IntRange, ModelInfo, Size
from algovera_desktop.server.lock import FolderLock
from algovera_desktop.server.pipelines.base import Checkpoint

TESTS = Path(__file__).parents[1]
SCRIPTS = {
    "full": ("build_random_models",),
    "tiny": (
        "build_tiny_models",
        "build_random_models",
        "single_files",
        "ldm_names",
        "onnx_export",
    ),
}
"""For each shape the program that builds it, and what that builds with."""

_BUILD_TIMEOUT_S = 300.0
_DECIDING = ("torch", "diffusers", "transformers", "openvino")


@dataclass(frozen=True)
class RandomModels:
    """A folder with the same random weights for each runtime: ``diffusers`` and ``openvino``.

    With the tiny ones come those of ``single_files`` in ``single/``, and ``onnx/``.
    """

    folder: Path

    def checkpoint(self, runtime: str, name: str = "tiny", **fields: Any) -> Checkpoint:
        """One of them under a name."""
        sides = IntRange(64, 512, 64)
        model = ModelInfo(name, name.title(), native_size=Size(128, 128), sides=sides)
        values = {"folder": str(self.folder / runtime)} | fields
        return Checkpoint(model, runtime, **values)


def tiny_models() -> RandomModels:
    """Those that paint in a moment; skips the test where PyTorch is not installed."""
    if find_spec("torch") is None:
        reason = "PyTorch is not installed; packaging/requirements-torch.lock says which is needed"
        pytest.skip(reason)
    return random_models("tiny")


def random_models(shape: str) -> RandomModels:
    """Those of a shape of ``SCRIPTS``, built unless this machine has them."""
    versions = "".join(version(name) for name in _DECIDING)
    sources = [Path(__file__).with_name(f"{name}.py") for name in SCRIPTS[shape]]
    scripts = b"".join(source.read_bytes() for source in sources)
    key = hashlib.sha256(scripts + versions.encode()).hexdigest()[:16]
    shelf = Path(tempfile.gettempdir()) / "algovera-random-models"
    lock = FolderLock(shelf, _BUILD_TIMEOUT_S, f"{shape}-{key}.lock")
    try:
        if not (folder := shelf / f"{shape}-{key}").exists():
            _build(shape, folder)
    finally:
        lock.release()
    return RandomModels(folder)


def install(checkpoint: Checkpoint, data_dir: Path) -> None:
    """Place a model in a server's data folder."""
    place = data_dir / "models" / checkpoint.model.name.replace(" ", "-")
    place.mkdir(parents=True)
    (place / "checkpoint.json").write_text(json.dumps(asdict(checkpoint)))


def _build(shape: str, folder: Path) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    home = unfinished / "home"  # where a consent to OpenVINO's telemetry would lie
    home.mkdir()
    try:
        subprocess.run(
            [sys.executable, "-m", f"support.{SCRIPTS[shape][0]}", str(unfinished), shape],
            check=True,
            cwd=TESTS,
            env=os.environ | {"HOME": str(home), "CI": "true", "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        shutil.rmtree(home)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
