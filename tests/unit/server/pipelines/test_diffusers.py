"""What diffusers is kept from: code of a model's own, pickles, and the Hub."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.random_models import tiny_models

LOAD = """
import socket, sys
def refuse(*_): raise AssertionError("it went on line")
socket.socket.connect = refuse
from algovera_desktop.server.pipelines.base import RenderFailedError, Weights
from algovera_desktop.server.pipelines.diffusers import DiffusersPipeline
for place in sys.argv[1:]:
    try:
        DiffusersPipeline(Weights("diffusers", place), "auto").load()
    except RenderFailedError as error:
        print(error)
    except Exception as error:
        print("other", str(error).splitlines())
    else:
        print("loaded")
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What loading each of these said, in one process of its own: PyTorch takes long to import."""
    tiny = tiny_models().folder / "diffusers"
    here = tmp_path_factory.mktemp("models")
    for name in ("whole", "own class", "own part", "pickle"):
        shutil.copytree(tiny, here / name)
    _change_index(here / "own class", {"_class_name": ["pipeline", "Own"]})
    _change_index(here / "own part", {"unet": ["own_code", "Unet"]})
    weights = here / "pickle" / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    (here / "own class" / "pipeline.py").write_text("raise SystemExit('code was run')")
    (here / "alone.safetensors").write_bytes(b"\0" * 16)
    (here / "pickle.ckpt").write_bytes(b"\0" * 16)
    places = sorted(here.iterdir())
    result = subprocess.run(
        [sys.executable, "-c", LOAD, *map(str, places)], capture_output=True, text=True, check=True
    )
    return dict(zip([place.name for place in places], result.stdout.splitlines(), strict=True))


def _change_index(folder: Path, fields: dict[str, list[str]]) -> None:
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | fields))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("whole", "loaded"),
        ("own class", "names no pipeline of diffusers"),
        ("own part", "asks for code that is not known here: own_code"),
        ("pickle", "safetensors"),
        ("alone.safetensors", "no safetensors file, whatever its name says"),
        ("pickle.ckpt", "a folder, or a .safetensors file"),
    ],
)
def test_only_safetensors_and_known_classes_are_loaded_without_a_network(
    answers: dict[str, str], name: str, words: str
) -> None:
    assert words in answers[name]
