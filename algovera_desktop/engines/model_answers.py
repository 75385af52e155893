"""What a server says of its models, taken only as far as it makes sense."""

import math
from typing import Any, cast

from algovera_desktop.domain.errors import ProtocolError
from algovera_desktop.domain.generation import FloatRange, IntRange, ModelInfo, Size, model_named
from algovera_desktop.engines.answers import whole_number, words

MODEL_LIMIT = 1000
LONGEST_NAME = 200
LARGEST_SIDE = 16_384
MOST_STEPS = 10_000
_LARGEST_GUIDANCE = 1000.0
_MOST_SIZES = 100


def named_models(body: dict[str, Any], *, url: str) -> list[ModelInfo]:
    """The models of ``GET /api/basemodels``, of which only the names are told."""
    names: object = body.get("base_models")
    if not isinstance(names, list):
        raise ProtocolError("the answer does not name any base models", url=url)
    usable = filter(_is_name, cast("list[object]", names)[:MODEL_LIMIT])
    return [model_named(name) for name in dict.fromkeys(cast("list[str]", list(usable)))]


def described_models(body: dict[str, Any]) -> list[ModelInfo] | None:
    """The models of ``GET /api/models``, our server's addition; None if this is not that."""
    entries: object = body.get("models")
    if not isinstance(entries, list):
        return None
    found: dict[str, ModelInfo] = {}
    for entry in cast("list[object]", entries)[:MODEL_LIMIT]:
        if isinstance(entry, dict):
            facts = cast("dict[str, Any]", entry)
            if _is_name(facts.get("name")):
                found.setdefault(facts["name"], _model(facts))
    return list(found.values())


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _model(facts: dict[str, Any]) -> ModelInfo:
    """One model; what is missing or makes no sense is what we know of a model of that name."""
    known = model_named(facts["name"])
    steps = _int_range(facts.get("steps"), MOST_STEPS) or known.steps
    guidance = _float_range(facts.get("guidance_scale")) or known.guidance_scale
    sizes = _sizes(facts.get("sizes"))
    default_steps = whole_number(facts.get("default_steps"))
    default_guidance = _number(facts.get("default_guidance_scale"))
    return ModelInfo(
        name=known.name,
        title=words(facts.get("title"))[:LONGEST_NAME] or known.title,
        description=words(facts.get("description")) or known.description,
        native_size=_size(facts.get("native_size")) or known.native_size,
        sides=_int_range(facts.get("sides"), LARGEST_SIDE) or known.sides,
        sizes=known.sizes if sizes is None else sizes,
        steps=steps,
        guidance_scale=guidance,
        default_steps=steps.nearest(default_steps or known.default_steps),
        default_guidance_scale=guidance.nearest(
            known.default_guidance_scale if default_guidance is None else default_guidance
        ),
        supports_negative_prompt=_flag(
            facts.get("supports_negative_prompt"), known.supports_negative_prompt
        ),
        supports_seed=_flag(facts.get("supports_seed"), known.supports_seed),
        installed=_flag(facts.get("installed"), known.installed),
        size_bytes=whole_number(facts.get("size_bytes")) or 0,
    )


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _flag(value: object, otherwise: bool) -> bool:
    return value if isinstance(value, bool) else otherwise


def _sizes(value: object) -> tuple[Size, ...] | None:
    """The only sizes allowed; an empty list means any, and one without a usable size nothing."""
    entries = _list(value)[:_MOST_SIZES]
    sizes = tuple(size for size in map(_size, entries) if size)
    return sizes if sizes or value == [] else None


def _size(value: object) -> Size | None:
    """A size given as ``{"width", "height"}`` or as ``[width, height]``."""
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        value = [named.get("width"), named.get("height")]
    sides = [whole_number(side) for side in _list(value)]
    if len(sides) != 2:
        return None
    width, height = sides
    if not width or not height or max(width, height) > LARGEST_SIDE:
        return None
    return Size(width, height)


def _int_range(value: object, ceiling: int) -> IntRange | None:
    if not isinstance(value, dict):
        return None
    named = cast("dict[str, object]", value)
    minimum, maximum = whole_number(named.get("minimum")), whole_number(named.get("maximum"))
    step = whole_number(named.get("step", 1))
    if minimum is None or maximum is None or not step or not minimum <= maximum <= ceiling:
        return None
    return IntRange(minimum, maximum - (maximum - minimum) % step, step)


def _float_range(value: object) -> FloatRange | None:
    if not isinstance(value, dict):
        return None
    named = cast("dict[str, object]", value)
    minimum, maximum = _number(named.get("minimum")), _number(named.get("maximum"))
    step = _number(named.get("step", 0.5))
    if minimum is None or maximum is None or not step or step < 0:
        return None
    if not -_LARGEST_GUIDANCE <= minimum <= maximum <= _LARGEST_GUIDANCE:
        return None
    return FloatRange(minimum, maximum, step)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
