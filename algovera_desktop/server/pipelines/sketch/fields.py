"""Smooth functions over the picture: noise, waves, edges, directions.

Every step is a sum, product, quotient or square root of single numbers, or a table look-up:
IEEE 754 rounds those the same way everywhere. ``sin``, ``exp``, ``pow``, matrix products and
float sums over arrays are rounded differently by different processors, so none is used.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algovera_desktop.server.pipelines.sketch.randomness import units

Floats = NDArray[np.floating[Any]]
"""float32 throughout; numpy's annotations lose the width in sums with a scalar."""
Bytes = NDArray[np.uint8]

_TURN = 4096
_LATTICE = 128


def _sine_of(turn: float) -> float:
    """Taylor's series to the 13th power, on the quarter turn where it is exact to 1e-9."""
    if turn > 0.5:
        return -_sine_of(turn - 0.5)
    if turn > 0.25:
        turn = 0.5 - turn
    angle = turn * 6.283185307179586
    term, total = angle, angle
    for power in (3, 5, 7, 9, 11, 13):
        term = -term * angle * angle / (power * (power - 1))
        total += term
    return total


_SINES = np.array([_sine_of(step / _TURN) for step in range(_TURN)], dtype=np.float32)


def sine(turns: Floats) -> Floats:
    """The sine of an angle in whole turns."""
    steps = np.floor(turns * np.float32(_TURN)).astype(np.int32) & (_TURN - 1)
    return _SINES[steps]


def heading(turn: float) -> tuple[float, float]:
    """The unit vector ``(x, y)`` of an angle in turns, y downwards."""
    step = int(turn * _TURN)
    return float(_SINES[(step + _TURN // 4) % _TURN]), float(_SINES[step % _TURN])


def smooth(low: float, high: float, value: Floats) -> Floats:
    """0.0 up to ``low``, 1.0 from ``high``, an S between; falls if ``high`` is the lower."""
    t = np.clip((value - np.float32(low)) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return t * t * (np.float32(3.0) - np.float32(2.0) * t)


def axis(dx: Floats, dy: Floats) -> tuple[Floats, Floats]:
    """A direction without a sense, as cosine and sine of its doubled angle."""
    xx, yy = dx * dx, dy * dy
    length = xx + yy + np.float32(1e-6)
    return (xx - yy) / length, np.float32(2.0) * dx * dy / length


class Noise:
    """Value noise on a lattice, from 0.0 to 1.0."""

    def __init__(self, seed: int) -> None:
        self._values = units(seed, _LATTICE * _LATTICE)

    def at(self, x: Floats, y: Floats) -> Floats:
        """One octave; ``x`` and ``y`` in lattice cells, broadcast together."""
        column, row = np.floor(x), np.floor(y)
        across, down = x - column, y - row
        across = across * across * (np.float32(3.0) - np.float32(2.0) * across)
        down = down * down * (np.float32(3.0) - np.float32(2.0) * down)
        left = column.astype(np.int32) & (_LATTICE - 1)
        top = row.astype(np.int32) & (_LATTICE - 1)
        right, below = (left + 1) & (_LATTICE - 1), (top + 1) & (_LATTICE - 1)
        values, upper, lower = self._values, top * _LATTICE, below * _LATTICE
        first = values.take(upper + left)
        first = first + (values.take(upper + right) - first) * across
        second = values.take(lower + left)
        second = second + (values.take(lower + right) - second) * across
        return first + (second - first) * down

    def fractal(self, x: Floats, y: Floats, octaves: int = 4) -> Floats:
        """Octaves of halving size and weight, brought back to 0.0 to 1.0."""
        total = self.at(x, y)
        weight, whole = 1.0, 1.0
        for octave in range(1, octaves):
            weight *= 0.5
            whole += weight
            x, y = x * np.float32(2.0), y * np.float32(2.0)
            shift = np.float32(17.37 * octave)
            total = total + self.at(x + shift, y + shift) * np.float32(weight)
        return total * np.float32(1.0 / whole)

    def ridge(self, x: Floats, octaves: int = 4) -> Floats:
        """A line of hills: one value a column."""
        return self.fractal(x, np.float32(0.5) + np.zeros_like(x), octaves)
