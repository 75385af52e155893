"""Models of each family that one file may hold.

For ``sd1``, ``sd2`` and ``sdxl`` a folder gets a tiny one of random weights as ``sd1/`` in
diffusers' layout and as ``sd1.safetensors``, the one file in which such a model is published; and
``sd1.json``, the shapes of the published model's tensors.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import (
    AutoencoderKL,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.schedulers import SchedulerMixin
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.clip_vocabulary import write_vocabulary
from support.ldm_names import published_tensors

WORDS = 49408
NAMES = ("sd1", "sd2", "sdxl")
_FAMILIES = {
    "sd1": "stable-diffusion-1",
    "sd2": "stable-diffusion-2",
    "sdxl": "stable-diffusion-xl",
}
_PLAIN = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


@dataclass(frozen=True)
class Sizes:
    """Widths and depths. ``text`` and ``second_text``: width, layers, width that is projected to;
    ``depths``: of the transformers of each stage, 0 for none."""

    widths: tuple[int, ...]
    layers: int
    depths: tuple[int, ...]
    vae_widths: tuple[int, ...]
    vae_layers: int
    text: tuple[int, int, int]
    second_text: tuple[int, int, int] = (0, 0, 0)


_SMALL_VAE = ((32, 32, 32, 32), 1)
_VAE = ((128, 256, 512, 512), 2)
_BIG = (320, 640, 1280, 1280)
TINY = {
    "sd1": Sizes((32, 64), 1, (1, 0), *_SMALL_VAE, (64, 2, 64)),
    "sd2": Sizes((32, 64), 1, (1, 0), *_SMALL_VAE, (64, 2, 64)),
    "sdxl": Sizes((32, 64), 1, (0, 2), *_SMALL_VAE, (64, 2, 64), (128, 2, 96)),
}
PUBLISHED = {
    "sd1": Sizes(_BIG, 2, (1, 1, 1, 0), *_VAE, (768, 12, 768)),
    "sd2": Sizes(_BIG, 2, (1, 1, 1, 0), *_VAE, (1024, 24, 1024)),
    "sdxl": Sizes(_BIG[:3], 2, (0, 2, 10), *_VAE, (768, 12, 768), (1280, 32, 1280)),
}


def build(folder: Path) -> None:
    """Make them all in a new folder."""
    folder.mkdir()
    for name in NAMES:
        pipeline = _pipeline(name, TINY[name], folder)
        pipeline.save_pretrained(folder / name, safe_serialization=True)
        save_file(published_tensors(pipeline), folder / f"{name}.safetensors", {"format": "pt"})
        published = published_tensors(_pipeline(name, PUBLISHED[name], folder, "meta"))
        shapes = {key: tuple(tensor.shape) for key, tensor in published.items()}
        (folder / f"{name}.json").write_text(json.dumps(shapes))


def _pipeline(name: str, sizes: Sizes, folder: Path, device: str = "cpu") -> Any:
    """On ``meta`` the tensors are shapes without numbers."""
    make = StableDiffusionXLPipeline if name == "sdxl" else StableDiffusionPipeline
    padding = "!" if name == "sd2" else "<|endoftext|>"
    parts = {"scheduler": _scheduler(name), "tokenizer": _tokenizer(folder, padding)}
    with torch.device(device):
        parts |= {"vae": _vae(sizes), "unet": _unet(name, sizes)}
        parts |= {"text_encoder": _text(sizes.text, "gelu" if name == "sd2" else "quick_gelu")}
        if name != "sdxl":
            return make(**parts, **_PLAIN)
        second = _text(sizes.second_text, "gelu", CLIPTextModelWithProjection)
    return make(**parts, text_encoder_2=second, tokenizer_2=_tokenizer(folder, "!"))


def _unet(name: str, sizes: Sizes) -> UNet2DConditionModel:
    kinds = ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in sizes.depths]
    more: dict[str, Any] = {}
    if name == "sdxl":
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": sizes.second_text[2] + 6 * 256,
        }
    return UNet2DConditionModel(
        sample_size=16,
        block_out_channels=sizes.widths,
        layers_per_block=sizes.layers,
        down_block_types=kinds,
        up_block_types=[kind.replace("Down", "Up") for kind in reversed(kinds)],
        transformer_layers_per_block=[depth or 1 for depth in sizes.depths],
        cross_attention_dim=sizes.text[0] + sizes.second_text[0],
        attention_head_dim=8 if name == "sd1" else [max(1, w // 64) for w in sizes.widths],
        use_linear_projection=name != "sd1",
        **more,
    ).eval()


def _vae(sizes: Sizes) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=sizes.vae_widths,
        down_block_types=["DownEncoderBlock2D"] * len(sizes.vae_widths),
        up_block_types=["UpDecoderBlock2D"] * len(sizes.vae_widths),
        layers_per_block=sizes.vae_layers,
        latent_channels=4,
    ).eval()


def _text(sizes: tuple[int, int, int], activation: str, kind: Any = CLIPTextModel) -> Any:
    width, layers, projection = sizes
    config = CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        projection_dim=projection,
        hidden_act=activation,
        bos_token_id=WORDS - 2,
        eos_token_id=WORDS - 1,
    )
    return kind(config).eval()


def _tokenizer(folder: Path, padding: str) -> CLIPTokenizer:
    write_vocabulary(folder)
    tokenizer = CLIPTokenizer(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        model_max_length=77,
        pad_token=padding,
    )
    (folder / "vocab.json").unlink()
    (folder / "merges.txt").unlink()
    return tokenizer


def _scheduler(name: str) -> SchedulerMixin:
    family = json.loads(resource_path(f"models/families/{_FAMILIES[name]}.json").read_bytes())
    settings = family["files"]["scheduler/scheduler_config.json"]
    return getattr(diffusers, settings["_class_name"]).from_config(settings)
