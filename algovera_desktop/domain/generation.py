"""What is asked of a model, and what a model can do."""

import math
from dataclasses import dataclass, field

from algovera_desktop.domain.errors import InvalidRequestError

MAX_PROMPT_CHARS = 8000
MAX_SEED = 2**53 - 1
"""Exact in JSON and in every runtime that we know; openvino-genai refuses more."""


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """All that decides how a picture looks. Sides in pixels; same request, same picture."""

    prompt: str
    model: str
    width: int = 512
    height: int = 512
    steps: int = 30
    guidance_scale: float = 7.5
    seed: int = 0
    negative_prompt: str = ""


@dataclass(frozen=True, slots=True)
class IntRange:
    """Inclusive limits of a whole number that moves in ``step`` from ``minimum``."""

    minimum: int
    maximum: int
    step: int = 1

    def check(self, field_name: str, value: int) -> None:
        """Raise InvalidRequestError unless ``value`` is inside and on a step."""
        if not self.minimum <= value <= self.maximum:
            limit = f"must be from {self.minimum} to {self.maximum}"
            raise InvalidRequestError(field_name, limit, value)
        if (value - self.minimum) % self.step:
            raise InvalidRequestError(field_name, f"must be a multiple of {self.step}", value)

    def nearest(self, value: int) -> int:
        """The allowed value closest to ``value``."""
        clamped = min(max(value, self.minimum), self.maximum)
        steps = round((clamped - self.minimum) / self.step)
        return min(self.minimum + steps * self.step, self.maximum)


@dataclass(frozen=True, slots=True)
class FloatRange:
    """Inclusive limits of a number; ``step`` is what a control moves by, not a rule."""

    minimum: float
    maximum: float
    step: float = 0.5

    def check(self, field_name: str, value: float) -> None:
        """Raise InvalidRequestError unless ``value`` is a number inside."""
        if not math.isfinite(value) or not self.minimum <= value <= self.maximum:
            limit = f"must be from {self.minimum:g} to {self.maximum:g}"
            raise InvalidRequestError(field_name, limit, value)

    def nearest(self, value: float) -> float:
        return min(max(value, self.minimum), self.maximum)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One base model: what people call it, and the limits of what it can be asked.

    ``name`` is what the protocol sends. ``sizes`` holds the only sizes allowed, empty where
    any side within ``sides`` will do. ``size_bytes`` is what its weights take on disk.
    """

    name: str
    title: str
    description: str = ""
    native_size: Size = Size(512, 512)
    sides: IntRange = field(default=IntRange(128, 1024, 8))
    sizes: tuple[Size, ...] = ()
    steps: IntRange = field(default=IntRange(1, 50))
    guidance_scale: FloatRange = field(default=FloatRange(0.0, 50.0, 0.5))
    default_steps: int = 25
    default_guidance_scale: float = 7.5
    supports_negative_prompt: bool = True
    supports_seed: bool = True
    installed: bool = True
    size_bytes: int = 0

    def validate(self, request: GenerationRequest) -> None:
        """Raise InvalidRequestError for the first parameter that this model cannot do."""
        self._validate_prompts(request)
        self._validate_size(request)
        self.steps.check("steps", request.steps)
        self.guidance_scale.check("guidance_scale", request.guidance_scale)
        if not 0 <= request.seed <= MAX_SEED:
            raise InvalidRequestError("seed", f"must be from 0 to {MAX_SEED}", request.seed)

    def _validate_prompts(self, request: GenerationRequest) -> None:
        if not request.prompt.strip():
            raise InvalidRequestError("prompt", "must not be empty", request.prompt)
        for name, text in (
            ("prompt", request.prompt),
            ("negative_prompt", request.negative_prompt),
        ):
            if len(text) > MAX_PROMPT_CHARS:
                limit = f"must have at most {MAX_PROMPT_CHARS} characters"
                raise InvalidRequestError(name, limit, len(text))

    def _validate_size(self, request: GenerationRequest) -> None:
        if self.sizes:
            if Size(request.width, request.height) not in self.sizes:
                allowed = ", ".join(f"{size.width}x{size.height}" for size in self.sizes)
                asked = f"{request.width}x{request.height}"
                raise InvalidRequestError("width", f"size must be one of {allowed}", asked)
            return
        self.sides.check("width", request.width)
        self.sides.check("height", request.height)


def _documented() -> dict[str, ModelInfo]:
    models = [
        ModelInfo(
            "dalle",
            "DALL·E 2",
            native_size=Size(512, 512),
            sizes=(Size(256, 256), Size(512, 512), Size(1024, 1024)),
            supports_negative_prompt=False,
            supports_seed=False,
        ),
        ModelInfo("stable", "Stable Diffusion (latest)", native_size=Size(512, 512)),
    ]
    for version, side in (
        ("v1.5", 512),
        ("v2-512x512", 512),
        ("v2-768x768", 768),
        ("v2.1-512x512", 512),
        ("v2.1-768x768", 768),
    ):
        title = f"Stable Diffusion {version.split('-')[0].removeprefix('v')}"
        name = f"stable diffusion {version}"
        models.append(ModelInfo(name, title, native_size=Size(side, side)))
    return {model.name: model for model in models}


DOCUMENTED_MODELS = _documented()
"""The base models that Algovera's documentation names, in its order, with the limits of its
web form: sides 128-1024 in steps of 8, steps up to 50 (25), guidance 0-50 in steps of 0.5 (7.5)."""


def model_named(name: str) -> ModelInfo:
    """What is known of a base model of which only the name was heard."""
    return DOCUMENTED_MODELS.get(name) or ModelInfo(name=name, title=name)
