"""Which model one file holds, told from its head alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from algovera_desktop.server.pipelines import ldm_layout as ldm
from algovera_desktop.server.pipelines.base import RenderFailedError
from algovera_desktop.server.pipelines.single_file import read_single_file
from support.random_models import tiny_models
from support.tensor_files import CLIP, OPEN_CLIP, UNET, VAE, small_model, write_tensors

SPREAD = f"{UNET}output_blocks.3.1.transformer_blocks.0.norm1.bias"


def test_a_file_of_the_first_version_is_told_by_its_text_encoder(tmp_path: Path) -> None:
    found = read_single_file(write_tensors(tmp_path / "x.safetensors", small_model()))
    assert (found.title, found.side) == ("Stable Diffusion 1", 512)
    found.write_settings(tmp_path)
    unet = json.loads((tmp_path / "unet" / "config.json").read_bytes())
    assert unet["block_out_channels"] == [8, 16]
    assert unet["sample_size"] == 64
    assert (tmp_path / "scheduler" / "scheduler_config.json").exists()
    words = json.loads((tmp_path / "tokenizer" / "vocab.json").read_bytes())
    # As CLIP is known to number them: a photo of a cat.
    known = {"a</w>": 320, "photo</w>": 1125, "of</w>": 539, "cat</w>": 2368}
    assert {word: words[word] for word in known} == known
    assert len(words) == 49408


@pytest.mark.parametrize(
    ("notes", "spread", "side"),
    [
        ({}, 0.0, 512),
        ({}, 0.2, 768),
        ({"modelspec.prediction_type": "v"}, 0.0, 768),
        ({"modelspec.prediction_type": "epsilon"}, 0.2, 512),
    ],
)
def test_the_two_kinds_of_the_second_version_are_told_apart(
    tmp_path: Path, notes: dict[str, str], spread: float, side: int
) -> None:
    shapes = small_model(OPEN_CLIP) | {SPREAD: (4,)}
    values = {SPREAD: [spread, -spread, spread, -spread]}
    found = read_single_file(write_tensors(tmp_path / "x.safetensors", shapes, notes, values))
    assert found.side == side
    kind = found.files["scheduler/scheduler_config.json"]["prediction_type"]
    assert kind == ("v_prediction" if side == 768 else "epsilon")


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"lora_unet_down_blocks_0.lora_up.weight": (4, 4)}, "LoRA"),
        ({"double_blocks.0.img_attn.qkv.weight": (4, 4)}, "FLUX"),
        (
            {"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight": (4, 4)},
            "Stable Diffusion 3",
        ),
        ({"joint_blocks.0.x_block.attn.qkv.weight": (4, 4)}, "Stable Diffusion 3"),
        ({"down_blocks.0.resnets.0.norm1.weight": (4,)}, "one part of a model"),
        ({"encoder.down.0.block.0.norm1.weight": (4,)}, "VAE"),
        ({"weight": (4,)}, "no Stable Diffusion 1, 2 or XL"),
        (small_model() | {f"{UNET}input_blocks.0.0.weight": (8, 9, 3, 3)}, "filling a hole"),
        (small_model(""), "no text encoder"),
    ],
)
def test_what_is_no_whole_model_is_refused_and_named(
    tmp_path: Path, shapes: dict[str, tuple[int, ...]], words: str
) -> None:
    with pytest.raises(RenderFailedError, match=words):
        read_single_file(write_tensors(tmp_path / "x.safetensors", shapes))


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (f"{VAE}decoder.conv_in.weight", "no decoder"),
        (f"{UNET}out.2.weight", "built differently .*: it has no .*out.2.weight"),
        (SPREAD, "different depths"),
        (f"{CLIP}encoder.layers.0.mlp.fc1.weight", "built differently"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, missing: str, words: str) -> None:
    shapes = small_model()
    del shapes[missing]
    with pytest.raises(RenderFailedError, match=words):
        read_single_file(write_tensors(tmp_path / "x.safetensors", shapes))


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_a_number_that_is_none_tells_no_kind(tmp_path: Path, number: float) -> None:
    values = {SPREAD: [number] * 8}
    path = write_tensors(tmp_path / "x.safetensors", small_model(OPEN_CLIP), values=values)
    found = read_single_file(path)
    assert found.files["scheduler/scheduler_config.json"]["prediction_type"] == "epsilon"


def test_thousands_of_blocks_are_not_looked_through(tmp_path: Path) -> None:
    blocks = {f"{UNET}input_blocks.{n}.0.out_layers.3.weight": (1,) for n in range(5000)}
    path = write_tensors(tmp_path / "x.safetensors", small_model() | blocks)
    with pytest.raises(RenderFailedError, match="5000 input_blocks"):
        read_single_file(path)


@pytest.mark.parametrize(
    ("name", "unet", "text"),
    [
        (
            "sd1",
            {
                "block_out_channels": [320, 640, 1280, 1280],
                "attention_head_dim": 8,
                "cross_attention_dim": 768,
                "transformer_layers_per_block": [1, 1, 1, 1],
                "use_linear_projection": False,
            },
            ldm.clip_settings,
        ),
        (
            "sd2",
            {
                "attention_head_dim": [5, 10, 20, 20],
                "cross_attention_dim": 1024,
                "use_linear_projection": True,
            },
            ldm.open_clip_settings,
        ),
        (
            "sdxl",
            {
                "block_out_channels": [320, 640, 1280],
                "attention_head_dim": [5, 10, 20],
                "cross_attention_dim": 2048,
                "transformer_layers_per_block": [1, 2, 10],
                "projection_class_embeddings_input_dim": 2816,
                "down_block_types": [
                    "DownBlock2D",
                    "CrossAttnDownBlock2D",
                    "CrossAttnDownBlock2D",
                ],
            },
            ldm.open_clip_settings,
        ),
    ],
)
def test_the_published_models_shapes_tell_their_published_settings(
    name: str, unet: dict[str, Any], text: Any
) -> None:
    named = json.loads((tiny_models().folder / "single" / f"{name}.json").read_bytes())
    shapes = {key: tuple(shape) for key, shape in named.items()}
    heads = {"heads": 8} if name == "sd1" else {"head_width": 64}
    found = ldm.unet_settings(shapes, **heads)
    assert {key: found[key] for key in unet} == unet
    assert (found["layers_per_block"], found["in_channels"], found["out_channels"]) == (2, 4, 4)
    vae = ldm.vae_settings(shapes)
    assert vae["block_out_channels"] == [128, 256, 512, 512]
    assert (vae["layers_per_block"], vae["latent_channels"]) == (2, 4)
    prefix = {"sd1": ldm.CLIP_TEXT, "sd2": ldm.OPEN_CLIP_TEXT, "sdxl": ldm.XL_OPEN_CLIP_TEXT}[name]
    encoder = text(shapes, prefix)
    numbers = ("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size")
    assert [encoder[key] for key in numbers] == {
        "sd1": [768, 12, 12, 3072],
        "sd2": [1024, 16, 24, 4096],
        "sdxl": [1280, 20, 32, 5120],
    }[name]
    assert (encoder["vocab_size"], encoder["max_position_embeddings"]) == (49408, 77)
