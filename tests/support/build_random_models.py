"""Builds a Stable Diffusion pipeline with random weights, in both runtimes' layouts.

    python -m support.build_random_models FOLDER tiny|full

FOLDER gets ``diffusers/`` (safetensors) and ``openvino/``. The names and the order of the tensors
are those of the published models. ``full`` has the size of Stable Diffusion 1.5 too, ``tiny`` a
few megabytes.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openvino
import openvino_tokenizers
import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

BOS, EOS = "<|startoftext|>", "<|endoftext|>"


@dataclass(frozen=True)
class Shape:
    """Widths and depths; ``latent_side`` is an eighth of the native size in pixels."""

    latent_side: int
    text_width: int
    text_layers: int
    text_heads: int
    unet_widths: tuple[int, ...]
    unet_layers: int
    vae_widths: tuple[int, ...]
    vae_layers: int
    groups: int
    is_half: bool


SHAPES = {
    "tiny": Shape(16, 32, 2, 4, (16, 32), 1, (8, 8, 16, 16), 1, 4, is_half=False),
    "full": Shape(
        64, 768, 12, 12, (320, 640, 1280, 1280), 2, (128, 256, 512, 512), 2, 32, is_half=True
    ),
}


def main(folder: Path, shape: Shape) -> None:
    torch.manual_seed(0)
    pipeline = _pipeline(folder, shape)
    pipeline.save_pretrained(folder / "diffusers", safe_serialization=True)
    _convert(pipeline, shape, folder / "diffusers", folder / "openvino")


def _pipeline(folder: Path, shape: Shape) -> StableDiffusionPipeline:
    tokenizer = _tokenizer(folder)
    return StableDiffusionPipeline(
        vae=_vae(shape),
        text_encoder=_text_encoder(tokenizer, shape),
        tokenizer=tokenizer,
        unet=_unet(shape),
        scheduler=PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's, with the bytes alone for a vocabulary: every word is spelled."""
    letters = _byte_letters()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), BOS, EOS]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    merges.write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(
        vocab=str(vocabulary), merges=str(merges), model_max_length=77, pad_token=EOS
    )
    vocabulary.unlink()
    merges.unlink()
    return tokenizer


def _byte_letters() -> list[str]:
    """A printable letter for each byte, as byte-level vocabularies write them."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(b) if b in printable else chr(256 + others.index(b)) for b in range(256)]


def _text_encoder(tokenizer: CLIPTokenizer, shape: Shape) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.text_width,
        intermediate_size=4 * shape.text_width,
        num_hidden_layers=shape.text_layers,
        num_attention_heads=shape.text_heads,
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config).eval()


def _unet(shape: Shape) -> UNet2DConditionModel:
    crossed = len(shape.unet_widths) - 1
    return UNet2DConditionModel(
        sample_size=shape.latent_side,
        block_out_channels=shape.unet_widths,
        layers_per_block=shape.unet_layers,
        down_block_types=("CrossAttnDownBlock2D",) * crossed + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * crossed,
        cross_attention_dim=shape.text_width,
        attention_head_dim=8,
        norm_num_groups=shape.groups,
    ).eval()


def _vae(shape: Shape) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=shape.vae_widths,
        down_block_types=("DownEncoderBlock2D",) * len(shape.vae_widths),
        up_block_types=("UpDecoderBlock2D",) * len(shape.vae_widths),
        layers_per_block=shape.vae_layers,
        norm_num_groups=shape.groups,
        sample_size=shape.latent_side * 8,
        latent_channels=4,
    ).eval()


class _TextEncoder(torch.nn.Module):
    def __init__(self, encoder: CLIPTextModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor) -> Any:
        return self.encoder(input_ids, return_dict=False)


class _Unet(torch.nn.Module):
    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, states: torch.Tensor) -> Any:
        return self.unet(sample, timestep, states, return_dict=False)[0]


class _Decoder(torch.nn.Module):
    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latent: torch.Tensor) -> Any:
        return self.vae.decode(latent, return_dict=False)[0]


def _convert(pipeline: StableDiffusionPipeline, shape: Shape, source: Path, target: Path) -> None:
    side = shape.latent_side
    _save(
        _TextEncoder(pipeline.text_encoder),
        {"input_ids": torch.ones(1, 77, dtype=torch.int64)},
        ["last_hidden_state", "pooler_output"],
        target / "text_encoder",
        shape.is_half,
    )
    _save(
        _Unet(pipeline.unet),
        {
            "sample": torch.zeros(2, 4, side, side),
            "timestep": torch.ones(1, dtype=torch.int64),
            "encoder_hidden_states": torch.zeros(2, 77, shape.text_width),
        },
        ["out_sample"],
        target / "unet",
        shape.is_half,
    )
    latent = {"latent_sample": torch.zeros(1, 4, side, side)}
    _save(_Decoder(pipeline.vae), latent, ["sample"], target / "vae_decoder", shape.is_half)
    tokenizer, detokenizer = openvino_tokenizers.convert_tokenizer(
        pipeline.tokenizer, with_detokenizer=True
    )
    openvino.save_model(tokenizer, target / "tokenizer" / "openvino_tokenizer.xml")
    openvino.save_model(detokenizer, target / "tokenizer" / "openvino_detokenizer.xml")
    _copy_settings(source, target)


def _save(
    module: torch.nn.Module,
    example: dict[str, torch.Tensor],
    outputs: list[str],
    folder: Path,
    is_half: bool,
) -> None:
    """Convert with free sides and batch, and give the tensors the names that OpenVINO looks for."""
    model = openvino.convert_model(module, example_input=tuple(example.values()))
    for port, (name, tensor) in zip(model.inputs, example.items(), strict=True):
        port.get_tensor().set_names({name})
        free = [-1 if name != "input_ids" or axis == 0 else 77 for axis in range(tensor.dim())]
        port.get_node().set_partial_shape(openvino.PartialShape(free))
    for port, name in zip(model.outputs, outputs, strict=True):
        port.get_tensor().set_names({name})
    model.validate_nodes_and_infer_types()
    openvino.save_model(model, folder / "openvino_model.xml", compress_to_fp16=is_half)


def _copy_settings(source: Path, target: Path) -> None:
    for name, copy in {
        "model_index.json": "model_index.json",
        "scheduler/scheduler_config.json": "scheduler/scheduler_config.json",
        "text_encoder/config.json": "text_encoder/config.json",
        "unet/config.json": "unet/config.json",
        "vae/config.json": "vae_decoder/config.json",
        "tokenizer/tokenizer_config.json": "tokenizer/tokenizer_config.json",
    }.items():
        (target / copy).parent.mkdir(parents=True, exist_ok=True)
        (target / copy).write_bytes((source / name).read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), SHAPES[sys.argv[2]])
