"""What can be learned of a model's folder before a runtime touches it."""

import json
from pathlib import Path
from typing import Any, cast

from algovera_desktop.server.pipelines.base import RenderFailedError, Weights

LATENT_CONSISTENCY = "LatentConsistencyModelPipeline"
STABLE_DIFFUSION = "StableDiffusionPipeline"
STABLE_DIFFUSION_XL = "StableDiffusionXLPipeline"

Stamp = frozenset[tuple[str, int, int, int]]
"""A model's files, each with its size, time and number on the disk."""

_WEIGHTS = {".safetensors", ".bin", ".onnx", ".onnx_data"}


def pipeline_class(folder: Path) -> str:
    """The class of diffusers that ``model_index.json`` names.

    Raises RenderFailedError if there is no such file, or it is not of that form.
    """
    index = read_index(folder)
    if not isinstance(name := index.get("_class_name"), str):
        raise RenderFailedError(f"{folder}/model_index.json names no pipeline of diffusers.")
    return name


def read_index(folder: Path) -> dict[str, Any]:
    """``model_index.json``; raises RenderFailedError."""
    try:
        index = json.loads((folder / "model_index.json").read_bytes())
    except FileNotFoundError:
        raise RenderFailedError(f"There is no model in {folder}: no model_index.json.") from None
    except (OSError, ValueError) as error:
        raise RenderFailedError(f"{folder}/model_index.json cannot be read: {error}") from error
    if not isinstance(index, dict):
        raise RenderFailedError(f"{folder}/model_index.json is not what it should be.")
    return cast("dict[str, Any]", index)


def files_stamp(weights: Weights) -> Stamp:
    """What tells whether the model's files are still those that were loaded; raises OSError."""
    place = Path(weights.folder)
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    states = ((file, file.stat()) for file in files)
    return frozenset((str(file), s.st_size, s.st_mtime_ns, s.st_ino) for file, s in states)


def needed_bytes(weights: Weights) -> int:
    """What rendering takes: as the checkpoint says, else guessed from the size of its files.

    Twice the files, since Stable Diffusion 1.5 of 2.1 GB was seen to take 5 GB, a good part of
    it for the picture, which grows with the picture and not with the files.
    """
    if weights.memory_bytes:
        return weights.memory_bytes
    place = Path(weights.folder)
    files = [place] if place.is_file() else place.rglob("*")
    return 2 * sum(file.stat().st_size for file in files if file.suffix in _WEIGHTS)
