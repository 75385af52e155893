"""What stands in the prompt form, and what a model makes of it. No Qt."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from algovera_desktop.domain.generation import (
    MAX_SEED,
    GenerationRequest,
    IntRange,
    ModelInfo,
    Size,
    model_named,
)

MAX_PICTURES = 1000
"""At one press: more than anybody lines up, and few enough for a slip to be undone."""

Plain = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The user's wishes. None where they never touched a control: there the model's default
    holds. ``seed`` None means another random one at each press.

    A wish outlives a model that cannot grant it: with the next model that can, it is back.
    ``from_sha256`` and ``from_prompt`` are of the picture whose settings were taken over, and
    ``parent_sha256`` is of the one that is varied by what stands here.
    """

    prompt: str = ""
    negative_prompt: str = ""
    without_open: bool = False
    model: str = ""
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    guidance_scale: float | None = None
    seed: int | None = None
    pictures: int = 1
    from_sha256: str = ""
    from_prompt: str = ""

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> "Draft":
        """Read what ``to_values`` wrote; whatever is missing or makes no sense is left out."""
        good = {
            name: value
            for name, check in _CHECKS.items()
            if name in values and check(value := values[name])
        }
        return cls(**good)  # type: ignore[arg-type]

    @classmethod
    def of_request(cls, request: GenerationRequest, picture_sha256: str = "") -> "Draft":
        """The wishes that lead to this very request, and to the picture that it made."""
        return cls(
            without_open=bool(request.negative_prompt),
            from_sha256=picture_sha256,
            from_prompt=request.prompt if picture_sha256 else "",
            **asdict(request),
        )

    def to_values(self) -> dict[str, Plain]:
        """Flat and JSON-able; wishes that were never made are missing."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in named if value is not None}

    @property
    def parent_sha256(self) -> str:
        """ "" where half of the words are others by now: that is a new picture, no variation."""
        before, now = (set(text.casefold().split()) for text in (self.from_prompt, self.prompt))
        is_variation = 2 * len(before & now) >= max(len(before), len(now), 1)
        return self.from_sha256 if is_variation else ""

    def size_for(self, model: ModelInfo) -> Size:
        """The size wished for, or the allowed one that is nearest to it."""
        if self.width is None or self.height is None:
            return model.native_size
        wish = Size(self.width, self.height)
        if model.sizes:
            return min(model.sizes, key=lambda size: _distance(size, wish))
        return Size(model.sides.nearest(wish.width), model.sides.nearest(wish.height))

    def steps_for(self, model: ModelInfo) -> int:
        return model.default_steps if self.steps is None else model.steps.nearest(self.steps)

    def guidance_scale_for(self, model: ModelInfo) -> float:
        if self.guidance_scale is None:
            return model.default_guidance_scale
        return model.guidance_scale.nearest(self.guidance_scale)

    def requests(self, model: ModelInfo, draw_seed: Callable[[], int]) -> list[GenerationRequest]:
        """One request for each picture, with seeds that follow one another."""
        size = self.size_for(model)
        first_seed = draw_seed() if self.seed is None else self.seed
        return [
            GenerationRequest(
                prompt=self.prompt.strip(),
                model=model.name,
                width=size.width,
                height=size.height,
                steps=self.steps_for(model),
                guidance_scale=self.guidance_scale_for(model),
                seed=(first_seed + index) % (MAX_SEED + 1),
                negative_prompt=(
                    self.negative_prompt.strip() if model.supports_negative_prompt else ""
                ),
            )
            for index in range(self.pictures)
        ]


def models_for(request: GenerationRequest, models: Sequence[ModelInfo]) -> list[ModelInfo]:
    """A server's models, with the request's own one among them, whether or not the server has
    been heard of it, and ready for everything that the request asks."""
    known = {model.name: model for model in models}
    own = known.get(request.model) or model_named(request.model)
    return list((known | {own.name: _allowing(own, request)}).values())


def _allowing(model: ModelInfo, request: GenerationRequest) -> ModelInfo:
    size = Size(request.width, request.height)
    is_listed = not model.sizes or size in model.sizes
    guidance = model.guidance_scale
    return replace(
        model,
        sizes=model.sizes if is_listed else (*model.sizes, size),
        sides=_with(_with(model.sides, size.width), size.height),
        steps=_with(model.steps, request.steps),
        guidance_scale=replace(
            guidance,
            minimum=min(guidance.minimum, request.guidance_scale),
            maximum=max(guidance.maximum, request.guidance_scale),
        ),
        supports_negative_prompt=model.supports_negative_prompt or bool(request.negative_prompt),
        installed=True,
    )


def _with(limits: IntRange, value: int) -> IntRange:
    """The limits, as little wider as it takes for them to allow a value."""
    minimum, maximum = min(limits.minimum, value), max(limits.maximum, value)
    step = math.gcd(limits.step, limits.minimum - minimum, value - minimum)
    return IntRange(minimum, maximum, step)


def _distance(one: Size, other: Size) -> int:
    return abs(one.width - other.width) + abs(one.height - other.height)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_yes_or_no(value: object) -> bool:
    return isinstance(value, bool)


def _whole_from(minimum: int, maximum: int) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return minimum <= value <= maximum

    return check


def _is_scale(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and abs(value) < 1e6


_MAX_WISH = 2**31 - 1
"""What Qt's controls can hold."""

_CHECKS: dict[str, Callable[[object], bool]] = {
    "prompt": _is_text,
    "negative_prompt": _is_text,
    "without_open": _is_yes_or_no,
    "model": _is_text,
    "width": _whole_from(1, _MAX_WISH),
    "height": _whole_from(1, _MAX_WISH),
    "steps": _whole_from(1, _MAX_WISH),
    "guidance_scale": _is_scale,
    "seed": _whole_from(0, MAX_SEED),
    "pictures": _whole_from(1, MAX_PICTURES),
    "from_sha256": _is_text,
    "from_prompt": _is_text,
}
