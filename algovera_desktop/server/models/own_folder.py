"""Looks at a folder, or one file, of the user's own: which model it is, and whether it is safe.

A pickle can run any program when it is read, so only safetensors and OpenVINO files count as
weights: a folder whose weights are pickles is refused, whatever else is in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from algovera_desktop.domain.generation import IntRange, ModelInfo, Size
from algovera_desktop.server.models.catalogue import CatalogueEntry
from algovera_desktop.server.models.errors import FolderRefusedError
from algovera_desktop.server.models.file_names import PICKLE_SUFFIXES
from algovera_desktop.server.pipelines.base import Checkpoint, RenderFailedError
from algovera_desktop.server.pipelines.onnx_folder import (
    holds_onnx,
    plain_class,
    what_is_missing,
)
from algovera_desktop.server.pipelines.safetensors import NotSafetensorsError, read_tensor_file
from algovera_desktop.server.pipelines.single_file import read_single_file, settings_beside

_JSON_BYTES = 1 << 20
_LATENT_SCALE = 8
_WEIGHTED = ("text_encoder", "text_encoder_2", "text_encoder_3", "unet", "transformer", "vae")
_CAN_BE_LEFT_OUT = ("feature_extractor", "image_encoder", "safety_checker")
_OPENVINO_VAE = "vae_decoder"
_QUICK_CLASSES = ("LatentConsistency",)


@dataclass(frozen=True, slots=True)
class OwnFolder:
    """A model of the user's own. ``side`` in pixels, 0 where it does not say; ``family`` where
    the files told it."""

    path: Path
    runtime: str
    pipeline: str
    side: int
    size_bytes: int
    family: str = ""

    def checkpoint(self, name: str, entry: CatalogueEntry | None) -> Checkpoint:
        """It as an installed model; with the catalogue's limits where it is one of its names."""
        memory_bytes = entry.memory_bytes if entry else 0
        model = entry.model if entry else self._guess(name)
        model = replace(model, installed=True, size_bytes=self.size_bytes)
        if self.runtime == "openvino":
            model = replace(model, sides=_in_64s(model.sides))
        return Checkpoint(model, self.runtime, str(self.path), memory_bytes)

    def _guess(self, name: str) -> ModelInfo:
        side = self.side or 512
        model = ModelInfo(
            name,
            name,
            description=f"A model of your own{f': {self.family}' if self.family else ''}.",
            native_size=Size(side, side),
            sides=IntRange(128, max(1024, 2 * side), 8),
        )
        if any(word in self.pipeline for word in _QUICK_CLASSES):
            return replace(model, default_steps=4, supports_negative_prompt=False)
        return model


def read_own_folder(path: Path) -> OwnFolder:
    """Say what lies at an absolute path; raises FolderRefusedError, in words for its owner."""
    if not path.is_absolute():
        raise FolderRefusedError("The folder must be given by its whole path.")
    try:
        if path.is_file():
            return _single_file(path)
        if not path.is_dir():
            raise FolderRefusedError(f"{path} is not there.")
        return _folder(path)
    except OSError as error:
        raise FolderRefusedError(f"{path} cannot be read: {error.strerror}.") from error


def _single_file(path: Path) -> OwnFolder:
    if path.suffix.lower() in PICKLE_SUFFIXES:
        raise FolderRefusedError(_pickle_words(path.name))
    if path.suffix != ".safetensors":
        raise FolderRefusedError("A single file must be a .safetensors file.")
    size_bytes = path.stat().st_size
    if (settings := settings_beside(path)) is not None:
        _require_safetensors(path)
        index = _json(settings / "model_index.json")
        _require_settings(settings, index)
        return OwnFolder(path, "diffusers", _pipeline(index), _side(settings, index), size_bytes)
    try:
        found = read_single_file(path)
    except RenderFailedError as error:
        raise FolderRefusedError(str(error)) from error
    return OwnFolder(path, "diffusers", found.pipeline, found.side, size_bytes, found.title)


def _require_settings(settings: Path, index: Mapping[str, Any]) -> None:
    for name, part in index.items():
        if name in _CAN_BE_LEFT_OUT or not _is_loaded(part):
            continue
        if not any((settings / name).glob("*.json")):
            raise FolderRefusedError(
                f"{settings / name} holds no settings, though {settings.name}/model_index.json "
                "names it. Copy it from a model of the same family."
            )


def _folder(path: Path) -> OwnFolder:
    if not (path / "model_index.json").is_file():
        raise FolderRefusedError(_no_index_words(path))
    index = _json(path / "model_index.json")
    parts = [name for name in _WEIGHTED if _is_loaded(index.get(name))]
    if not parts:
        raise FolderRefusedError(f"{path / 'model_index.json'} names no part that paints.")
    is_openvino = any(path.glob("*/openvino_model.xml"))
    if holds_onnx(path):
        return _onnx_folder(path, index)
    for part in parts:
        _require_openvino(path, part) if is_openvino else _require_safe_weights(path / part)
    return OwnFolder(
        path,
        "openvino" if is_openvino else "diffusers",
        _pipeline(index),
        _side(path, index),
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
    )


def _onnx_folder(path: Path, index: Mapping[str, Any]) -> OwnFolder:
    """One that OpenVINO paints with, once it has converted it."""
    if missing := what_is_missing(path, _pipeline(index)):
        raise FolderRefusedError(f"{path} {missing}")
    size_bytes = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    pipeline = plain_class(_pipeline(index))
    return OwnFolder(path, "openvino", pipeline, _side(path, index), size_bytes, "ONNX")


def _pipeline(index: Mapping[str, Any]) -> str:
    return str(index.get("_class_name", ""))


def _side(path: Path, index: Mapping[str, Any]) -> int:
    """The side that the model was made for, 0 where its settings do not say."""
    core = path / ("transformer" if _is_loaded(index.get("transformer")) else "unet")
    settings = core / "config.json"
    sample = _json(settings).get("sample_size") if settings.is_file() else None
    return _LATENT_SCALE * sample if isinstance(sample, int) and 8 <= sample <= 256 else 0


def _is_loaded(component: object) -> bool:
    """A model_index.json names each part's library and class; both null where it has none."""
    return isinstance(component, list) and None not in cast("list[object]", component)


def _require_openvino(path: Path, part: str) -> None:
    names = (_OPENVINO_VAE,) if part == "vae" else (part,)
    for name in names:
        model = path / name / "openvino_model.xml"
        if not model.is_file() or not model.with_suffix(".bin").is_file():
            raise FolderRefusedError(f"{path / name} has no openvino_model.xml with its .bin.")


def _require_safe_weights(part: Path) -> None:
    if not part.is_dir():
        raise FolderRefusedError(f"{part} is not there, though model_index.json names it.")
    weights = [file for file in part.iterdir() if file.suffix == ".safetensors"]
    if weights:
        for file in weights:
            _require_safetensors(file)
        return
    if pickle := next((f for f in part.iterdir() if f.suffix.lower() in PICKLE_SUFFIXES), None):
        raise FolderRefusedError(_pickle_words(f"{part.name}/{pickle.name}"))
    raise FolderRefusedError(f"{part} holds no weights.")


def _require_safetensors(path: Path) -> None:
    """Look at the beginning, so that a pickle under another name is found."""
    try:
        read_tensor_file(path)
    except NotSafetensorsError as error:
        words = f"{path.name} is no safetensors file, whatever its name says."
        raise FolderRefusedError(words) from error


def _json(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _JSON_BYTES:
            raise FolderRefusedError(f"{path} is too large to be read.")
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FolderRefusedError(f"{path} is no JSON.") from error
    if not isinstance(value, dict):
        raise FolderRefusedError(f"{path} is not what it should be.")
    return cast("Mapping[str, Any]", value)


def _in_64s(sides: IntRange) -> IntRange:
    """OpenVINO's runtime takes multiples of 64 only."""
    return IntRange(-(-sides.minimum // 64) * 64, sides.maximum // 64 * 64, 64)


def _no_index_words(path: Path) -> str:
    if any(file.suffix.lower() in PICKLE_SUFFIXES for file in path.iterdir()):
        return _pickle_words(path.name)
    return (
        f"{path} is no model: it has no model_index.json, as a folder in the layout of diffusers "
        "or OpenVINO has. One .safetensors file is chosen itself, not its folder."
    )


def _pickle_words(name: str) -> str:
    return (
        f"{name} is a pickle, which can run any program when it is read, so it is not read here. "
        "Look for the same model as .safetensors."
    )
