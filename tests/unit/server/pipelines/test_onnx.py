"""A model of ONNX becomes one of OpenVINO's, once."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import openvino_genai
import pytest

from algovera_desktop.server.models.catalogue import load_catalogue
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.pipelines.base import RenderFailedError, Weights
from algovera_desktop.server.pipelines.clip_vocabulary import write_vocabulary
from algovera_desktop.server.pipelines.converted_place import converted_folder
from algovera_desktop.server.pipelines.onnx_conversion import ConvertedModels, convert_onnx
from support.random_models import tiny_models

WEEK_S = 7 * 86_400


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(tiny_models().folder / "onnx", folder)
    return folder


def weights(model: Path) -> Weights:
    return Weights("openvino", str(model))


def test_it_is_converted_once_and_again_when_it_was_replaced(model: Path, tmp_path: Path) -> None:
    models = ConvertedModels(tmp_path / "cache")
    first = models.folder_of(weights(model))
    before = (first / "unet" / "openvino_model.xml").stat()
    assert models.folder_of(weights(model)) == first
    assert (first / "unet" / "openvino_model.xml").stat().st_ino == before.st_ino
    os.utime(model / "unet" / "model.onnx", (1, 1))
    assert models.folder_of(weights(model)) != first


def test_only_the_last_two_are_kept_and_nothing_that_was_left_half_done(
    model: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    abandoned, under_way = cache / ".unfinished-1", cache / ".unfinished-2"
    abandoned.mkdir(parents=True)
    under_way.mkdir()
    old = abandoned.stat().st_mtime - WEEK_S
    os.utime(abandoned, (old, old))
    models = ConvertedModels(cache)
    made: list[Path] = []
    for age_s in (1, 2, 3):
        os.utime(model / "unet" / "model.onnx", (age_s, age_s))
        made.append(models.folder_of(weights(model)))
        os.utime(made[-1], (old + age_s, old + age_s))
    assert sorted(cache.iterdir()) == sorted([under_way, *made[1:]])


def test_two_workers_may_convert_the_same_model_at_once(model: Path, tmp_path: Path) -> None:
    both = Barrier(2)

    def convert() -> Path:
        models = ConvertedModels(tmp_path / "cache")
        both.wait()
        return models.folder_of(weights(model))

    with ThreadPoolExecutor() as workers:
        made = [each.result() for each in [workers.submit(convert) for _ in range(2)]]
    assert made[0] == made[1]
    assert list((tmp_path / "cache").iterdir()) == [made[0]]


def test_what_was_converted_goes_with_the_model_and_leaves_the_others(
    model: Path, tmp_path: Path
) -> None:
    other, cache = tmp_path / "other", tmp_path / "cache"
    shutil.copytree(model, other)
    store = ModelStore(tmp_path / "models", load_catalogue(), cache=cache)
    store.add(model, "mine")
    store.add(other, "another")
    models = ConvertedModels(converted_folder(cache))
    gone, kept = models.folder_of(weights(model)), models.folder_of(weights(other))
    store.remove("mine")
    assert [*converted_folder(cache).iterdir()] == [kept]
    assert gone != kept
    assert model.is_dir()


def test_a_full_disk_is_told_in_words(model: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(RenderFailedError, match="has to be converted from ONNX"):
        ConvertedModels(tmp_path / "cache").folder_of(weights(model))


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("vae_decoder/model.onnx", "has no vae_decoder/model.onnx"),
        ("unet/config.json", "has no unet/config.json"),
        ("tokenizer/tokenizer.json", "no tokenizer that can be read"),
        ("scheduler/scheduler_config.json", "has no scheduler/scheduler_config.json"),
    ],
)
def test_what_is_missing_is_said(model: Path, tmp_path: Path, missing: str, words: str) -> None:
    (model / missing).unlink()
    with pytest.raises(RenderFailedError, match=words):
        convert_onnx(model, tmp_path)


def test_words_become_the_numbers_that_clip_gives_them(model: Path, tmp_path: Path) -> None:
    (model / "tokenizer" / "tokenizer.json").unlink()
    write_vocabulary(model / "tokenizer")  # CLIP's own, in its older form
    (tmp_path / "converted").mkdir()
    convert_onnx(model, tmp_path / "converted")
    tokenizer = openvino_genai.Tokenizer(str(tmp_path / "converted" / "tokenizer"))
    numbers = tokenizer.encode(" A  photo of\ta CAT").input_ids.data.tolist()
    assert numbers == [[49406, 320, 1125, 539, 320, 2368, 49407]]
    assert tokenizer.get_pad_token_id() == 49407
