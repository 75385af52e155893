"""Builds a Stable Diffusion pipeline of a few megabytes with random weights, in both layouts.

    python -m support.build_tiny_models FOLDER

FOLDER gets ``diffusers/`` (safetensors), ``openvino/``, and ``single.safetensors``, the same
weights in one file. The sides, the names and the order of the tensors are those of the published
models; only the widths are small.
"""

import json
import sys
from pathlib import Path
from typing import Any

import openvino
import openvino_tokenizers
import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
TEXT_WIDTH = 32
LATENT_SIDE = 16


def main(folder: Path) -> None:
    torch.manual_seed(0)
    pipeline = _pipeline(folder)
    pipeline.save_pretrained(folder / "diffusers", safe_serialization=True)
    _convert(pipeline, folder / "diffusers", folder / "openvino")


def _pipeline(folder: Path) -> StableDiffusionPipeline:
    tokenizer = _tokenizer(folder)
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=_text_encoder(tokenizer),
        tokenizer=tokenizer,
        unet=_unet(),
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


def _text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config).eval()


def _unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=LATENT_SIDE,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
    ).eval()


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=LATENT_SIDE * 8,
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


def _convert(pipeline: StableDiffusionPipeline, source: Path, target: Path) -> None:
    side = LATENT_SIDE
    _save(
        _TextEncoder(pipeline.text_encoder),
        {"input_ids": torch.ones(1, 77, dtype=torch.int64)},
        ["last_hidden_state", "pooler_output"],
        target / "text_encoder",
    )
    _save(
        _Unet(pipeline.unet),
        {
            "sample": torch.zeros(2, 4, side, side),
            "timestep": torch.ones(1, dtype=torch.int64),
            "encoder_hidden_states": torch.zeros(2, 77, TEXT_WIDTH),
        },
        ["out_sample"],
        target / "unet",
    )
    latent = {"latent_sample": torch.zeros(1, 4, side, side)}
    _save(_Decoder(pipeline.vae), latent, ["sample"], target / "vae_decoder")
    tokenizer, detokenizer = openvino_tokenizers.convert_tokenizer(
        pipeline.tokenizer, with_detokenizer=True
    )
    openvino.save_model(tokenizer, target / "tokenizer" / "openvino_tokenizer.xml")
    openvino.save_model(detokenizer, target / "tokenizer" / "openvino_detokenizer.xml")
    _copy_settings(source, target)


def _save(
    module: torch.nn.Module, example: dict[str, torch.Tensor], outputs: list[str], folder: Path
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
    openvino.save_model(model, folder / "openvino_model.xml", compress_to_fp16=False)


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
    main(Path(sys.argv[1]))
