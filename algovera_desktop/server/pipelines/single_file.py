"""One ``.safetensors`` file of a whole model: which family it is of, and the settings it needs.

A file of weights does not say how they are to be used. What its tensors' names and shapes tell is
read from them (``ldm_layout``), the rest is the same for a whole family and comes with the program
(``resources/models/families``): nobody is asked on the Hub.
"""

import json
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines import ldm_layout as ldm
from algovera_desktop.server.pipelines.base import RenderFailedError
from algovera_desktop.server.pipelines.clip_vocabulary import write_vocabulary
from algovera_desktop.server.pipelines.safetensors import (
    NotSafetensorsError,
    TensorFile,
    read_tensor_file,
)

_LATENT_SCALE = 8
_PLAIN_INPUTS = 4
"""Channels of noise. Models that fill holes or change pictures take more."""

_SPREAD_OF_V = 0.09
_TELLS_SPREAD = ".1.transformer_blocks.0.norm1.bias"
"""Of the last block. By its values ComfyUI (comfy/supported_models.py) tells apart the two kinds
of Stable Diffusion 2, which have the same shapes; for files whose maker left no note."""

_OTHERS = (
    (("lora_", ".lora_", "lora_unet"), "an addition to a model (LoRA), not a whole one"),
    (("control_model.", "controlnet_"), "a ControlNet, not a whole model"),
    (("double_blocks.",), "FLUX without its text encoders; add its folder instead"),
    (("joint_blocks.",), "Stable Diffusion 3, which is read from a folder only"),
    (("down_blocks.", "text_model.encoder."), "one part of a model; add the model's folder"),
    (("encoder.down.", "decoder.up."), "a decoder (VAE) alone"),
)


@dataclass(frozen=True, slots=True)
class SingleFile:
    """A whole model in one file. ``title`` names its family, ``pipeline`` diffusers' class;
    ``side`` in pixels; ``files`` are the settings by their path in diffusers' layout."""

    path: Path
    title: str
    pipeline: str
    side: int
    files: Mapping[str, Mapping[str, Any]]

    def write_settings(self, folder: Path) -> None:
        """Write what diffusers reads beside weights into an empty folder. Raises OSError."""
        for name, settings in self.files.items():
            place = folder / name
            place.parent.mkdir(exist_ok=True)
            place.write_text(json.dumps(settings), "utf-8")
        for name in self.files:
            if name.startswith("tokenizer"):
                write_vocabulary((folder / name).parent)


def settings_beside(file: Path) -> Path | None:
    """The folder with a file's settings where its owner has put one: of the file's name."""
    settings = file.with_suffix("")
    return settings if (settings / "model_index.json").is_file() else None


def read_single_file(path: Path) -> SingleFile:
    """Say what a file is; raises RenderFailedError, in words for its owner, or OSError."""
    try:
        file = read_tensor_file(path)
    except NotSafetensorsError as error:
        words = f"{path.name} is no safetensors file, whatever its name says."
        raise RenderFailedError(words) from error
    shapes = {name: tensor.shape for name, tensor in file.tensors.items()}
    _require_whole(path, shapes)
    try:
        family = json.loads(resource_path(f"models/families/{_family(file)}.json").read_bytes())
        files = _completed(family, file, shapes)
    except (ldm.StrangeLayoutError, ValueError) as error:
        raise RenderFailedError(
            f"{path.name} is built differently from other models of its family: {error}. "
            "Add it as a folder in diffusers' layout."
        ) from error
    pipeline = files["model_index.json"]["_class_name"]
    return SingleFile(path, family["title"], pipeline, family["side"], files)


def _require_whole(path: Path, shapes: ldm.Shapes) -> None:
    """Raise RenderFailedError unless there is a painter, a decoder and a text encoder."""
    first = shapes.get(f"{ldm.UNET}input_blocks.0.0.weight")
    if first is None:
        raise RenderFailedError(f"{path.name} is {_other_kind(shapes)}.")
    if first[1:2] != (_PLAIN_INPUTS,):
        raise RenderFailedError(
            f"{path.name} is made for changing a picture or filling a hole in it, not for "
            "painting from words alone."
        )
    if f"{ldm.VAE}decoder.conv_in.weight" not in shapes:
        raise RenderFailedError(f"{path.name} has no decoder (VAE) in it, so it is half a model.")
    if _text_family(shapes) is None:
        raise RenderFailedError(
            f"{path.name} has no text encoder in it that is known here: that of Stable "
            "Diffusion 1, 2 or XL."
        )


def _other_kind(shapes: ldm.Shapes) -> str:
    for marks, words in _OTHERS:
        if any(mark in name for name in shapes for mark in marks):
            return words
    return "no Stable Diffusion 1, 2 or XL, and another kind of file is not known here"


def _text_family(shapes: ldm.Shapes) -> str | None:
    if f"{ldm.XL_OPEN_CLIP_TEXT}positional_embedding" in shapes:
        return "stable-diffusion-xl"
    if f"{ldm.OPEN_CLIP_TEXT}token_embedding.weight" in shapes:
        return "stable-diffusion-2"
    if f"{ldm.CLIP_TEXT}embeddings.token_embedding.weight" in shapes:
        return "stable-diffusion-1"
    return None


def _family(file: TensorFile) -> str:
    found = _text_family({name: tensor.shape for name, tensor in file.tensors.items()})
    return f"{found}-v" if found == "stable-diffusion-2" and _predicts_v(file) else f"{found}"


def _predicts_v(file: TensorFile) -> bool:
    """Whether the model was taught to tell velocity (v) and not the noise (epsilon)."""
    if "v_pred" in file.tensors:
        return True
    if (noted := file.notes.get("modelspec.prediction_type")) is not None:
        return noted.startswith("v")
    blocks = f"{ldm.UNET}output_blocks."
    values = file.values(f"{blocks}{ldm.count(file.tensors, blocks) - 1}{_TELLS_SPREAD}")
    is_told = bool(values) and all(map(math.isfinite, values))
    return is_told and statistics.pstdev(values) > _SPREAD_OF_V


def _completed(
    family: Mapping[str, Any], file: TensorFile, shapes: ldm.Shapes
) -> dict[str, dict[str, Any]]:
    """The family's settings with those that the tensors tell."""
    files: dict[str, dict[str, Any]] = family["files"]
    heads, head_width = family.get("attention_heads", 0), family.get("head_width", 0)
    unet = ldm.unet_settings(shapes, heads=heads, head_width=head_width)
    vae = ldm.vae_settings(shapes)
    files["unet/config.json"] |= unet | {"sample_size": family["side"] // _LATENT_SCALE}
    files["vae/config.json"] |= vae | {"sample_size": family["side"]}
    for part, settings in _text_settings(shapes, family.get("text_layers", 0)).items():
        files[f"{part}/config.json"] |= settings
    if "text_encoder_2/config.json" in files and _predicts_v(file):
        noise = files["scheduler/scheduler_config.json"]
        noise |= {"prediction_type": "v_prediction", "rescale_betas_zero_snr": "ztsnr" in shapes}
    return files


def _text_settings(shapes: ldm.Shapes, most_layers: int) -> dict[str, dict[str, Any]]:
    match _text_family(shapes):
        case "stable-diffusion-xl":
            return {
                "text_encoder": ldm.clip_settings(shapes, ldm.XL_CLIP_TEXT),
                "text_encoder_2": ldm.open_clip_settings(shapes, ldm.XL_OPEN_CLIP_TEXT),
            }
        case "stable-diffusion-2":
            found = ldm.open_clip_settings(shapes, ldm.OPEN_CLIP_TEXT, most_layers)
            return {"text_encoder": found}
        case _:
            return {"text_encoder": ldm.clip_settings(shapes, ldm.CLIP_TEXT)}
