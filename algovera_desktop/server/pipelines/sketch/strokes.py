"""Hertzmann's strokes: where the canvas is furthest from the reference, a curved stroke.

A. Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", SIGGRAPH 1998.
All strokes of a pass are traced at once, one step of all of them after another. Unlike there,
strokes follow a smoothed field of directions (edges of the reference, and the ground's own flow
where it has no edges), stop at the outline of what they paint, and errors count by importance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from algovera_desktop.server.pipelines.sketch.canvas import Strokes
from algovera_desktop.server.pipelines.sketch.fields import Bytes, Floats
from algovera_desktop.server.pipelines.sketch.randomness import Dice, units

Whole = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Brush:
    """``radius`` in pixels; ``legs`` is the most radii a stroke is long; ``tolerance`` is the
    error (sum of three channels) that is left alone where importance is full."""

    radius: float
    legs: int
    tolerance: int
    jitter: float
    bristle: float


@dataclass(frozen=True, slots=True)
class Model:
    """What is painted from. ``rgb`` (h, w, 3); ``label`` tells things apart (h, w);
    ``importance`` 0 to 255 (h, w); ``flow`` doubled-angle cosine and sine at half size."""

    rgb: Bytes
    label: Bytes
    importance: Bytes
    flow: tuple[Floats, Floats]


class Tracer:
    """Finds the strokes of one brush; ``blurred`` is the reference as that brush sees it."""

    def __init__(self, model: Model, brush: Brush) -> None:
        self._model, self._brush = model, brush
        soft = Image.fromarray(model.rgb).filter(ImageFilter.GaussianBlur(brush.radius * 0.5))
        self._blurred = np.asarray(soft)
        self._height, self._width = model.label.shape
        self._cell = max(2, int(brush.radius * 1.6 + 0.5))

    def strokes(self, canvas: Bytes, turn: int, turns: int, dice: Dice) -> Strokes:
        """The strokes of pass ``turn`` of ``turns``, which share the brush's cells."""
        error = np.abs(canvas.astype(np.int16) - self._blurred).sum(axis=2, dtype=np.int32)
        x, y = self._starts(error, turn, turns, dice)
        order = np.argsort(dice.units(len(x)), kind="stable")
        x, y = x[order], y[order]
        senses = np.where(dice.units(len(x)) < np.float32(0.5), np.float32(-1.0), np.float32(1.0))
        points, lengths = self._trace(x, y, error, senses)
        return Strokes(
            points, lengths, self._colours(x, y, dice), self._brush.radius, self._brush.bristle
        )

    def _starts(self, error: Whole, turn: int, turns: int, dice: Dice) -> tuple[Whole, Whole]:
        """One start a cell, somewhere in it, in the cells that this pass has and that need it."""
        cell = self._cell
        rows, columns = -(-self._height // cell), -(-self._width // cell)
        chance = dice.units(2 * rows * columns).reshape(2, rows, columns)
        x = np.arange(columns, dtype=np.int32)[None, :] * cell
        x = np.minimum(x + (chance[0] * np.float32(cell)).astype(np.int32), self._width - 1)
        y = np.arange(rows, dtype=np.int32)[:, None] * cell
        y = np.minimum(y + (chance[1] * np.float32(cell)).astype(np.int32), self._height - 1)
        weight = self._model.importance[y, x].astype(np.int32)
        wanted = error[y, x] * weight > self._brush.tolerance * 255
        shares = units(cell, rows * columns).reshape(rows, columns) * np.float32(turns)
        wanted &= shares.astype(np.int32) == turn
        return x[wanted], y[wanted]

    def _colours(self, x: Whole, y: Whole, dice: Dice) -> Bytes:
        """The reference's colour, a little lighter or darker, warmer or cooler each time."""
        colour = self._blurred[y, x].astype(np.float32)
        chance = dice.units(2 * len(x)).reshape(2, -1) * np.float32(2.0) - np.float32(1.0)
        calm = np.float32(1.3) - self._model.importance[y, x] * np.float32(1.0 / 255)
        value = chance[0] * np.float32(self._brush.jitter) * calm
        warm = chance[1] * np.float32(self._brush.jitter * 0.8) * calm
        colour += value[:, None]
        colour[:, 0] += warm
        colour[:, 2] -= warm
        return np.clip(colour, 0, 255).astype(np.uint8)

    def _trace(self, x: Whole, y: Whole, error: Whole, senses: Floats) -> tuple[Floats, Whole]:
        legs, count = self._brush.legs, len(x)
        points = np.zeros((count, legs + 1, 2), dtype=np.float32)
        points[:, 0, 0], points[:, 0, 1] = x, y
        lengths = np.ones(count, dtype=np.int32)
        own = self._blurred[y, x].astype(np.int32)
        label = self._model.label[y, x]
        alive = np.ones(count, dtype=np.bool_)
        last = np.zeros((count, 2), dtype=np.float32)
        for leg in range(1, legs + 1):
            last = self._direction(points[:, leg - 1], last)
            if leg == 1:
                last = last * senses[:, None]
            points[:, leg] = points[:, leg - 1] + last * np.float32(self._brush.radius)
            column = points[:, leg, 0].astype(np.int32)
            row = points[:, leg, 1].astype(np.int32)
            alive &= (column >= 0) & (column < self._width) & (row >= 0) & (row < self._height)
            column = np.clip(column, 0, self._width - 1)
            row = np.clip(row, 0, self._height - 1)
            alive &= self._model.label[row, column] == label
            away = np.abs(self._blurred[row, column] - own).sum(axis=1)
            alive &= (away <= error[row, column]) | (away < 24) | (leg == 1)
            lengths += alive
        return self._centred(points, lengths)

    def _centred(self, points: Floats, lengths: Whole) -> tuple[Floats, Whole]:
        """A stroke that stops at once still leaves a dab two legs long."""
        short = lengths < 3
        step = points[:, 1] - points[:, 0]
        points[short, 0] -= step[short] * np.float32(0.7)
        points[short, 1] = points[short, 0] + step[short]
        points[short, 2] = points[short, 1] + step[short]
        return points, np.maximum(lengths, 3)

    def _direction(self, at: Floats, last: Floats) -> Floats:
        """The flow at a point, in the sense that bends least from the last leg."""
        double_x, double_y = self._model.flow
        row = np.clip(at[:, 1].astype(np.int32) >> 1, 0, double_x.shape[0] - 1)
        column = np.clip(at[:, 0].astype(np.int32) >> 1, 0, double_x.shape[1] - 1)
        cosine, turned = double_x[row, column], double_y[row, column]
        half = np.float32(0.5)
        dx = np.sqrt(np.clip((np.float32(1.0) + cosine) * half, 0.0, 1.0))
        dy = np.sqrt(np.clip((np.float32(1.0) - cosine) * half, 0.0, 1.0))
        step = np.stack([dx, np.where(turned < 0, -dy, dy)], axis=1)
        dot = step[:, 0] * last[:, 0] + step[:, 1] * last[:, 1]
        step = np.where(dot[:, None] < 0, -step, step)
        mixed = step * np.float32(0.7) + last * np.float32(0.3)
        length = np.sqrt(mixed[:, 0] * mixed[:, 0] + mixed[:, 1] * mixed[:, 1])
        return mixed / np.maximum(length, np.float32(1e-4))[:, None]


def _box(values: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """Sums over squares of ``2 * reach + 1``, edges repeated; exact in whole numbers."""
    for line in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[line] = (reach + 1, reach)
        total = np.cumsum(np.pad(values, pad, mode="edge"), axis=line)
        size = 2 * reach + 1
        values = np.take(total, range(size, total.shape[line]), axis=line) - np.take(
            total, range(total.shape[line] - size), axis=line
        )
    return values


def edge_flow(rgb: Bytes, ground: tuple[Floats, Floats], reach: int) -> tuple[Floats, Floats]:
    """Directions along the edges of ``rgb`` (h, w, 3), melting into ``ground``'s own where there
    are none. The structure tensor, summed over a neighbourhood, says how clear an edge is."""
    grey = np.asarray(Image.fromarray(rgb).convert("L").reduce(2)).astype(np.int64)
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    down[1:-1] = grey[2:] - grey[:-2]
    difference = _box(down * down - across * across, reach)
    product = _box(-2 * across * down, reach)
    area = (2 * reach + 1) * (2 * reach + 1)
    scale = np.float32(1.0 / (area * 260.0))
    cosine = difference.astype(np.float32) * scale + ground[0]
    turned = product.astype(np.float32) * scale + ground[1]
    length = np.sqrt(cosine * cosine + turned * turned) + np.float32(1e-5)
    return cosine / length, turned / length
