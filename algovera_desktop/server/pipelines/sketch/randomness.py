"""Chance that falls the same way on every machine.

All of it is SplitMix64 (Steele, Lea, Flood 2014) in whole numbers. numpy's own distributions
may change with its version, so none of them is used.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def _mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * _FIRST) & _MASK
    value = ((value ^ (value >> 27)) * _SECOND) & _MASK
    return value ^ (value >> 31)


def units(seed: int, count: int) -> NDArray[np.float32]:
    """``count`` numbers from 0.0 up to 1.0 (left out), decided by ``seed`` alone."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    value = steps + np.uint64(_mix(seed & _MASK))
    value = (value ^ (value >> np.uint64(30))) * np.uint64(_FIRST)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(_SECOND)
    value ^= value >> np.uint64(31)
    return (value >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


class Dice:
    """One stream of chance, named by what it decides, so that streams never disturb another."""

    def __init__(self, *names: int | str) -> None:
        text = "\x00".join(str(name) for name in names)
        self._state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")

    def next(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + _GOLDEN) & _MASK
        return _mix(self._state)

    def unit(self) -> float:
        return (self.next() >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def whole(self, below: int) -> int:
        return self.next() % below

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.whole(len(choices))]

    def units(self, count: int) -> NDArray[np.float32]:
        return units(self.next(), count)

    def spread(self, count: int, low: float, high: float) -> NDArray[np.float32]:
        """``count`` numbers from ``low`` to ``high``."""
        return self.units(count) * np.float32(high - low) + np.float32(low)
