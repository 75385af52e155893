"""A folder of the user's own becomes a model by pointing at it, unless it holds pickles."""

import json
import struct
import sys
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import Size
from algovera_desktop.server.models.catalogue import load_catalogue
from algovera_desktop.server.models.errors import FolderRefusedError, WrongStateError
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.models.views import ModelState
from algovera_desktop.server.pipelines.onnx_folder import read_vocabulary
from algovera_desktop.server.pipelines.runtimes import missing_runtime
from support.tensor_files import small_model, write_tensors

MISSING_MIRROR = "stable diffusion v2-768x768"


def safetensors(path: Path) -> None:
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def write_index(folder: Path, **parts: list[str | None]) -> None:
    index = {"_class_name": "StableDiffusionPipeline", **parts}
    (folder / "model_index.json").write_text(json.dumps(index))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", load_catalogue())


@pytest.fixture
def diffusers(tmp_path: Path) -> Path:
    folder = tmp_path / "diffusers"
    for part, file in (
        ("unet", "diffusion_pytorch_model"),
        ("vae", "diffusion_pytorch_model"),
        ("text_encoder", "model"),
    ):
        (folder / part).mkdir(parents=True)
        safetensors(folder / part / f"{file}.safetensors")
        (folder / part / "config.json").write_text("{}")
    (folder / "unet" / "config.json").write_text('{"sample_size": 96}')
    write_index(
        folder,
        unet=["diffusers", "UNet2DConditionModel"],
        vae=["diffusers", "AutoencoderKL"],
        text_encoder=["transformers", "CLIPTextModel"],
        safety_checker=[None, None],
    )
    return folder


@pytest.fixture
def openvino(tmp_path: Path) -> Path:
    folder = tmp_path / "openvino"
    for part in ("unet", "vae_decoder", "text_encoder"):
        (folder / part).mkdir(parents=True)
        (folder / part / "openvino_model.xml").write_text("<net/>")
        (folder / part / "openvino_model.bin").write_bytes(b"weights")
    (folder / "unet" / "config.json").write_text('{"sample_size": 64}')
    write_index(
        folder,
        unet=["diffusers", "UNet2DConditionModel"],
        vae=["diffusers", "AutoencoderKL"],
        text_encoder=["transformers", "CLIPTextModel"],
    )
    return folder


def installed_names(store: ModelStore) -> list[str]:
    return [checkpoint.model.name for checkpoint in store.shelf.installed_now()]


def test_a_folder_in_the_layout_of_diffusers_is_a_model(store: ModelStore, diffusers: Path) -> None:
    store.add(diffusers, " mine ")
    (checkpoint,) = store.shelf.installed_now()
    assert (checkpoint.model.name, checkpoint.runtime) == ("mine", "diffusers")
    assert Path(checkpoint.folder) == diffusers
    assert checkpoint.model.native_size == Size(768, 768)
    assert store.view("mine").folder == str(diffusers)


def test_an_openvino_folder_takes_multiples_of_64(store: ModelStore, openvino: Path) -> None:
    store.add(openvino, "mine")
    (checkpoint,) = store.shelf.installed_now()
    assert checkpoint.runtime == "openvino"
    assert checkpoint.model.sides.step == 64


def test_one_safetensors_file_with_its_settings_beside_is_a_model(
    store: ModelStore, tmp_path: Path, diffusers: Path
) -> None:
    file = tmp_path / "style.safetensors"
    safetensors(file)
    with pytest.raises(FolderRefusedError, match="no Stable Diffusion 1, 2 or XL"):
        store.add(file, "style")
    diffusers.rename(tmp_path / "style")  # its settings; the weights there are not looked at
    store.add(file, "style")
    (checkpoint,) = store.shelf.installed_now()
    assert (checkpoint.runtime, checkpoint.folder) == ("diffusers", str(file))
    assert checkpoint.model.native_size == Size(768, 768)


def test_one_safetensors_file_of_a_known_family_is_a_model(
    store: ModelStore, tmp_path: Path
) -> None:
    file = write_tensors(tmp_path / "style.safetensors", small_model())
    store.add(file, "style")
    (checkpoint,) = store.shelf.installed_now()
    assert (checkpoint.runtime, checkpoint.folder) == ("diffusers", str(file))
    assert checkpoint.model.description == "A model of your own: Stable Diffusion 1."
    assert checkpoint.model.native_size == Size(512, 512)
    store.verify("style")


def test_one_file_whose_settings_are_not_all_there_is_refused(
    store: ModelStore, tmp_path: Path, diffusers: Path
) -> None:
    file = tmp_path / "style.safetensors"
    safetensors(file)
    settings = diffusers.rename(tmp_path / "style")
    (settings / "text_encoder" / "config.json").unlink()
    with pytest.raises(FolderRefusedError, match="text_encoder holds no settings"):
        store.add(file, "style")
    assert installed_names(store) == []


@pytest.mark.parametrize("vocabulary", ["[]", "7", '{"a": "1"}', '{"a": 1.5}', '{"a": true}'])
@pytest.mark.parametrize("file", ["tokenizer.json", "vocab.json"])
def test_a_vocabulary_that_gives_no_numbers_is_refused(
    tmp_path: Path, file: str, vocabulary: str
) -> None:
    whole = f'{{"model": {{"vocab": {vocabulary}, "merges": []}}}}'
    (tmp_path / file).write_text(whole if file == "tokenizer.json" else vocabulary)
    (tmp_path / "merges.txt").write_text("")
    assert read_vocabulary(tmp_path) is None


def test_a_folder_of_onnx_is_painted_by_openvino(store: ModelStore, openvino: Path) -> None:
    for weights in openvino.glob("*/openvino_model.xml"):
        weights.rename(weights.with_name("model.onnx"))
        (weights.parent / "config.json").write_text("{}")
    with pytest.raises(FolderRefusedError, match="has no scheduler"):
        store.add(openvino, "mine")
    for name, text in {
        "scheduler/scheduler_config.json": "{}",
        "tokenizer/tokenizer.json": '{"model": {"vocab": {}, "merges": []}}',
    }.items():
        (openvino / name).parent.mkdir()
        (openvino / name).write_text(text)
    store.add(openvino, "mine")
    (checkpoint,) = store.shelf.installed_now()
    assert (checkpoint.runtime, checkpoint.folder) == ("openvino", str(openvino))
    index = (openvino / "model_index.json").read_text().replace("StableDiffusion", "Flux")
    (openvino / "model_index.json").write_text(index)
    with pytest.raises(FolderRefusedError, match="Stable Diffusion 1 and 2 only"):
        store.add(openvino, "another")


def test_a_published_name_without_a_mirror_works_from_a_folder_and_is_the_newest(
    store: ModelStore, diffusers: Path
) -> None:
    store.add(diffusers, MISSING_MIRROR)
    assert installed_names(store) == [MISSING_MIRROR, "stable"]
    _, newest = store.shelf.installed_now()
    assert newest.folder == str(diffusers)
    assert newest.model.native_size == Size(768, 768)


def test_a_folder_that_is_gone_is_not_installed_and_comes_back(
    store: ModelStore, diffusers: Path, tmp_path: Path
) -> None:
    store.add(diffusers, "mine")
    diffusers.rename(tmp_path / "elsewhere")
    assert installed_names(store) == []
    view = store.view("mine")
    assert view.state is ModelState.MISSING
    assert "is gone" in view.reason
    (tmp_path / "elsewhere").rename(diffusers)
    assert installed_names(store) == ["mine"]


def test_removing_leaves_the_users_files_alone(store: ModelStore, diffusers: Path) -> None:
    before = sorted(diffusers.rglob("*"))
    store.add(diffusers, "mine")
    store.remove("mine")
    assert sorted(diffusers.rglob("*")) == before
    assert installed_names(store) == []


@pytest.mark.parametrize("name", ["stable", "dalle", "sketch", "taken"])
def test_a_name_that_is_taken_is_refused(store: ModelStore, diffusers: Path, name: str) -> None:
    store.add(diffusers, "taken")
    with pytest.raises(WrongStateError, match="already"):
        store.add(diffusers, name)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_a_name_must_be_one(store: ModelStore, diffusers: Path, name: str) -> None:
    with pytest.raises(FolderRefusedError, match="1 to 100"):
        store.add(diffusers, name)


@pytest.mark.parametrize("suffix", [".bin", ".ckpt", ".pt", ".pth", ".PKL"])
def test_a_pickle_alone_is_refused_in_words(store: ModelStore, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"model{suffix}"
    file.write_bytes(b"\x80\x04.")
    with pytest.raises(FolderRefusedError, match="pickle"):
        store.add(file, "mine")


def test_a_part_whose_weights_are_a_pickle_is_refused(store: ModelStore, diffusers: Path) -> None:
    (diffusers / "vae" / "diffusion_pytorch_model.safetensors").rename(
        diffusers / "vae" / "diffusion_pytorch_model.bin"
    )
    with pytest.raises(FolderRefusedError, match=r"vae/diffusion_pytorch_model\.bin is a pickle"):
        store.add(diffusers, "mine")
    assert installed_names(store) == []


def test_a_pickle_under_another_name_is_found(store: ModelStore, diffusers: Path) -> None:
    (diffusers / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"PK\x03\x04" * 9)
    with pytest.raises(FolderRefusedError, match="no safetensors file"):
        store.add(diffusers, "mine")


def test_an_openvino_part_without_its_weights_is_refused(store: ModelStore, openvino: Path) -> None:
    (openvino / "unet" / "openvino_model.bin").unlink()
    with pytest.raises(FolderRefusedError, match="unet"):
        store.add(openvino, "mine")


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"unet": [null, null]}'])
def test_an_index_that_makes_no_sense_is_refused(
    store: ModelStore, diffusers: Path, text: str
) -> None:
    (diffusers / "model_index.json").write_text(text)
    with pytest.raises(FolderRefusedError):
        store.add(diffusers, "mine")


def test_a_place_that_is_not_there_or_relative_is_refused(
    store: ModelStore, tmp_path: Path
) -> None:
    for place in (tmp_path / "nowhere", Path("relative")):
        with pytest.raises(FolderRefusedError):
            store.add(place, "mine")


def test_checking_ones_own_folder_looks_at_its_layout(store: ModelStore, diffusers: Path) -> None:
    store.add(diffusers, "mine")
    store.verify("mine")
    (diffusers / "model_index.json").unlink()
    with pytest.raises(FolderRefusedError):
        store.verify("mine")


def test_a_bundle_refuses_weights_that_it_could_never_paint_with(
    store: ModelStore, diffusers: Path, openvino: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(diffusers, "from a checkout")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    missing_runtime.cache_clear()
    with pytest.raises(FolderRefusedError, match=r"cannot paint with it: .* take PyTorch"):
        store.add(diffusers, "mine")
    store.add(openvino, "mine")
    reasons = {view.name: view.reason for view in store.views()}
    missing_runtime.cache_clear()
    assert reasons["mine"] == ""
    assert "take PyTorch" in reasons["from a checkout"]
    with pytest.raises(WrongStateError, match=r"cannot be downloaded\. The installed program"):
        store.pull("stable diffusion v2.1-512x512", licence_accepted=True)
