"""Good sizes to offer for a model. No Qt."""

import math
from dataclasses import dataclass
from enum import Enum

from algovera_desktop.domain.generation import IntRange, ModelInfo, Size

_GRID = 64
"""Diffusion models are trained on sides of whole 64s; smaller steps tend to blur or repeat."""


class Shape(Enum):
    SQUARE = "square"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    TALL = "tall"
    WIDE = "wide"


_RATIOS = {
    Shape.SQUARE: 1.0,
    Shape.PORTRAIT: 2 / 3,
    Shape.LANDSCAPE: 3 / 2,
    Shape.TALL: 9 / 16,
    Shape.WIDE: 16 / 9,
}


@dataclass(frozen=True, slots=True)
class SizePreset:
    shape: Shape
    size: Size


def presets_of(model: ModelInfo) -> tuple[SizePreset, ...]:
    """The sizes to offer: the only ones allowed, or the native size and shapes of its area."""
    if model.sizes:
        return tuple(SizePreset(shape_of(size), size) for size in model.sizes)
    native = model.native_size
    offered = {native: SizePreset(shape_of(native), native)}
    for shape, ratio in _RATIOS.items():
        size = _of_area(native.width * native.height, ratio, model.sides)
        if all(shape is not preset.shape for preset in offered.values()):
            offered.setdefault(size, SizePreset(shape, size))
    return tuple(offered.values())


def shape_of(size: Size) -> Shape:
    """The shape whose proportions are nearest to those of ``size``."""
    ratio = math.log(size.width / size.height)
    return min(_RATIOS, key=lambda shape: abs(math.log(_RATIOS[shape]) - ratio))


def _of_area(area: int, ratio: float, sides: IntRange) -> Size:
    width, height = math.sqrt(area * ratio), math.sqrt(area / ratio)
    shrink = min(1.0, sides.maximum / max(width, height))
    return Size(_round_side(width * shrink, sides), _round_side(height * shrink, sides))


def _round_side(side: float, sides: IntRange) -> int:
    return sides.nearest(round(side / _GRID) * _GRID)
