"""Exports a Stable Diffusion pipeline to ONNX, in the layout of Hugging Face's optimum."""

import shutil
import warnings
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from torch.onnx._internal.torchscript_exporter import onnx_proto_utils

from support.build_random_models import _Decoder, _TextEncoder, _Unet

# It looks, with a package that is not here, for functions that such a model does not have.
onnx_proto_utils._add_onnxscript_fn = lambda model, _opsets: model


def export(source: Path, target: Path) -> None:
    """Write the pipeline of a folder in diffusers' layout into a new one."""
    pipe = StableDiffusionPipeline.from_pretrained(source)
    side, width = pipe.unet.config.sample_size, pipe.text_encoder.config.hidden_size
    plane = {0: "batch", 2: "height", 3: "width"}
    _export(
        _TextEncoder(pipe.text_encoder),
        {"input_ids": (torch.ones(1, 77, dtype=torch.int64), {0: "batch", 1: "length"})},
        ["last_hidden_state", "pooler_output"],
        target / "text_encoder",
    )
    _export(
        _Unet(pipe.unet),
        {
            "sample": (torch.zeros(2, 4, side, side), plane),
            "timestep": (torch.ones(1, dtype=torch.int64), {0: "steps"}),
            "encoder_hidden_states": (torch.zeros(2, 77, width), {0: "batch", 1: "length"}),
        },
        ["out_sample"],
        target / "unet",
    )
    latent = {"latent_sample": (torch.zeros(1, 4, side, side), plane)}
    _export(_Decoder(pipe.vae), latent, ["sample"], target / "vae_decoder")
    for name in ("scheduler", "tokenizer"):
        shutil.copytree(source / name, target / name)
    shutil.copyfile(source / "model_index.json", target / "model_index.json")
    for part, copy in {"text_encoder": "", "unet": "", "vae": "vae_decoder"}.items():
        shutil.copyfile(source / part / "config.json", target / (copy or part) / "config.json")


def _export(
    module: torch.nn.Module,
    inputs: dict[str, tuple[torch.Tensor, dict[int, str]]],
    outputs: list[str],
    folder: Path,
) -> None:
    folder.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the newer way of exporting needs packages of its own
        torch.onnx.export(
            module,
            tuple(tensor for tensor, _ in inputs.values()),
            folder / "model.onnx",
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes={name: axes for name, (_, axes) in inputs.items()},
            opset_version=14,
            dynamo=False,
        )
