"""Turns a model's ONNX files into OpenVINO's once, into a folder that may be deleted any time."""

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import openvino

from algovera_desktop.server.pipelines.base import RenderFailedError, Weights
from algovera_desktop.server.pipelines.converted_place import UNFINISHED, converted_place
from algovera_desktop.server.pipelines.model_folder import read_index
from algovera_desktop.server.pipelines.onnx_folder import (
    PARTS,
    plain_class,
    read_vocabulary,
    what_is_missing,
)

_KEPT = 2
_ABANDONED_S = 86_400.0

_openvino: Any = openvino


class ConvertedModels:
    """Keeps the models that were used last, each under the name of what it was made from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder_of(self, weights: Weights) -> Path:
        """The same model in OpenVINO's layout, converted unless it is here. Takes long then.

        Raises RenderFailedError where there are words for what went wrong.
        """
        here = converted_place(self._folder, weights)
        try:
            if not here.is_dir():
                self._convert(Path(weights.folder), here)
            here.touch()
            self._drop_others()
        except OSError as error:
            raise RenderFailedError(
                f"The model has to be converted from ONNX, and {self._folder} cannot take it: "
                f"{error.strerror}."
            ) from error
        return here

    def _convert(self, source: Path, target: Path) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._folder))
        try:
            convert_onnx(source, unfinished)
            try:
                unfinished.rename(target)
            except OSError:
                if not target.is_dir():  # another worker was as far a moment ago
                    raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _drop_others(self) -> None:
        """All but those used last, and what a killed worker left."""
        found = [(each.stat().st_mtime, each) for each in self._folder.iterdir()]
        finished = [each for each in found if not each[1].name.startswith(UNFINISHED)]
        old = time.time() - _ABANDONED_S
        abandoned = [each for each in found if each not in finished and each[0] < old]
        for _, folder in [*sorted(finished, reverse=True)[_KEPT:], *abandoned]:
            shutil.rmtree(folder, ignore_errors=True)


def convert_onnx(source: Path, target: Path) -> None:
    """Write a model into an empty folder, in OpenVINO's layout and half precision.

    Raises RenderFailedError, OSError, or what OpenVINO raises of damaged files.
    """
    index = read_index(source)
    if missing := what_is_missing(source, str(index.get("_class_name"))):
        raise RenderFailedError(f"{source} {missing}")
    for part in PARTS:
        model = _openvino.Core().read_model(source / part / "model.onnx")
        _openvino.save_model(model, target / part / "openvino_model.xml")
        shutil.copyfile(source / part / "config.json", target / part / "config.json")
    index["_class_name"] = plain_class(index["_class_name"])
    (target / "model_index.json").write_text(json.dumps(index), "utf-8")
    shutil.copytree(source / "scheduler", target / "scheduler")
    _convert_tokenizer(source / "tokenizer", target / "tokenizer")


def _convert_tokenizer(source: Path, target: Path) -> None:
    # Imported late: it is for this only, and prints when it is imported.
    from algovera_desktop.server.pipelines.clip_tokenizer import END, clip_tokenizer

    vocabulary = read_vocabulary(source)
    assert vocabulary is not None
    padding = END
    if (settings := source / "tokenizer_config.json").is_file():
        said = json.loads(settings.read_bytes()).get("pad_token")
        padding = said if isinstance(said, str) and said in vocabulary[0] else END
    model = clip_tokenizer(*vocabulary, padding)
    _openvino.save_model(model, target / "openvino_tokenizer.xml")
