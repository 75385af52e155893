"""What a reader makes of a picture's texts."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from algovera_desktop.domain.generation import GenerationRequest

MAX_PROMPT_CHARS = 1 << 15
"""Of a prompt in the library. What is longer stays whole in the raw texts and in the file."""

_MAX_WHOLE = 2**63 - 1
"""What SQLite can hold. ComfyUI's seeds go up to 2**64 - 1; such a one stays in the raw texts."""

_MAX_SIDE = 1 << 20
_MAX_STEPS = 1 << 20
_DEFAULTS = GenerationRequest("", "")
_SIDES = re.compile(r"(\d{1,6})'?\s*[x×*,]\s*'?(\d{1,6})")
_PATH = re.compile(r"[/\\]")
_EXTENSIONS = (".safetensors", ".ckpt", ".gguf", ".sft", ".pt", ".pth", ".bin")

Texts = Mapping[str, str]
"""A picture's texts by keyword, as ``picture_texts`` gathers them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``tool`` is the program's name, "" for our own. ``request`` has GenerationRequest's
    defaults where the texts do not say, and sides of 0 where they name no size. ``raw`` is all
    texts, as they stand in the file."""

    tool: str
    request: GenerationRequest
    raw: Texts


def request_of(
    prompt: str | None = None,
    negative_prompt: str | None = None,
    *,
    model: str | None = None,
    width: int | None = None,
    height: int | None = None,
    steps: int | None = None,
    guidance_scale: float | None = None,
    seed: int | None = None,
) -> GenerationRequest:
    """A request that the library can keep, whatever a file claims; None for what is not known."""
    return GenerationRequest(
        prompt=_kept(prompt),
        model=_kept(model),
        width=_within(width, 1, _MAX_SIDE, 0),
        height=_within(height, 1, _MAX_SIDE, 0),
        steps=_within(steps, 1, _MAX_STEPS, _DEFAULTS.steps),
        guidance_scale=_finite(guidance_scale),
        seed=_within(seed, 0, _MAX_WHOLE, _DEFAULTS.seed),
        negative_prompt=_kept(negative_prompt),
    )


def sides_in(text: str | None) -> tuple[int | None, int | None]:
    """Width and height in ``512x768``, ``(512, 768)`` or the like."""
    match = _SIDES.search(text or "")
    return (int(match[1]), int(match[2])) if match else (None, None)


def model_name(path: str | None) -> str | None:
    """A model's name as people say it: without its folder and its file's extension."""
    if not path:
        return None
    name = _PATH.split(path)[-1]
    for extension in _EXTENSIONS:
        if name.lower().endswith(extension):
            return name[: -len(extension)]
    return name


def _kept(text: str | None) -> str:
    """Without NUL, and without the halves of characters that JSON can spell and UTF-8 cannot."""
    cleaned = (text or "")[:MAX_PROMPT_CHARS].replace("\0", "")
    return cleaned.encode("utf-8", "replace").decode("utf-8")


def _within(value: int | None, least: int, most: int, default: int) -> int:
    return value if value is not None and least <= value <= most else default


def _finite(value: float | None) -> float:
    if value is None or not math.isfinite(value) or value < 0:
        return _DEFAULTS.guidance_scale
    return float(value)
