"""A model's folder whose weights are ONNX, in the layout of Hugging Face's optimum: a
``model.onnx`` for each part, with its ``config.json`` beside."""

import json
from pathlib import Path
from typing import TypeGuard, cast

from algovera_desktop.server.pipelines.model_folder import LATENT_CONSISTENCY, STABLE_DIFFUSION

PARTS = ("text_encoder", "unet", "vae_decoder")
_CLASSES = (LATENT_CONSISTENCY, STABLE_DIFFUSION)
_PREFIXES = ("Onnx", "ORT")


def holds_onnx(folder: Path) -> bool:
    """Whether ONNX is all that there is of the part that paints."""
    painter = folder / "unet"
    others = [*painter.glob("*.safetensors"), *painter.glob("openvino_model.xml")]
    return (painter / "model.onnx").is_file() and not others


def plain_class(name: str) -> str:
    """diffusers' class for one that the exports call ``OnnxX`` or ``ORTX``."""
    return next((name.removeprefix(each) for each in _PREFIXES if name.startswith(each)), name)


def what_is_missing(folder: Path, pipeline: str) -> str:
    """Why it cannot be read, in words; "" if it can."""
    if plain_class(pipeline) not in _CLASSES:
        return f"holds ONNX of a {pipeline}, which is read of Stable Diffusion 1 and 2 only."
    for part in PARTS:
        for name in ("model.onnx", "config.json"):
            if not (folder / part / name).is_file():
                return f"has no {part}/{name}, as a folder exported to ONNX has."
    if not (folder / "scheduler" / "scheduler_config.json").is_file():
        return "has no scheduler/scheduler_config.json."
    if read_vocabulary(folder / "tokenizer") is None:
        return "has no tokenizer that can be read: tokenizer.json, or vocab.json with merges.txt."
    return ""


def read_vocabulary(tokenizer: Path) -> tuple[dict[str, int], list[str]] | None:
    """Each token's number, and which of them are joined, in order; None if nothing tells."""
    try:
        if (whole := tokenizer / "tokenizer.json").is_file():
            model = json.loads(whole.read_bytes())["model"]
            pairs = [each if isinstance(each, str) else " ".join(each) for each in model["merges"]]
            numbers: object = model["vocab"]
        else:
            numbers = json.loads((tokenizer / "vocab.json").read_bytes())
            lines = (tokenizer / "merges.txt").read_text("utf-8").splitlines()
            pairs = [line for line in lines if line and not line.startswith("#version")]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return (numbers, pairs) if _is_vocabulary(numbers) else None


def _is_vocabulary(value: object) -> TypeGuard[dict[str, int]]:
    """JSON's keys are texts; its true and false are no numbers, though Python's are."""
    if not isinstance(value, dict):
        return False
    numbers = cast("dict[str, object]", value).values()
    return all(type(number) is int for number in numbers)
