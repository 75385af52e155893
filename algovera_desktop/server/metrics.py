"""Numbers for Prometheus, in its text format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counter:
    """Counts what happens, apart by the values of its labels. Belongs to one thread.

    Labels must come from a small set that no client can enlarge.
    """

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._counts: Tally[tuple[str, ...]] = Tally()
        if not labels:
            self._counts[()] = 0

    def add(self, *values: str) -> None:
        """One more, with these values of the labels."""
        self._counts[values] += 1

    def lines(self) -> Iterator[str]:
        yield from _heading(self._name, self._meaning, "counter")
        for values, count in self._counts.items():
            yield f"{self._name}{_labelled(self._labels, values)} {count}"


class Histogram:
    """How long something took, in seconds, counted by upper bounds. Belongs to one thread."""

    def __init__(self, name: str, meaning: str, bounds_s: Sequence[float]) -> None:
        self._name, self._meaning, self._bounds_s = name, meaning, tuple(bounds_s)
        self._counts = [0] * (len(self._bounds_s) + 1)
        self._sum_s = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds_s, seconds)] += 1
        self._sum_s += seconds

    def lines(self) -> Iterator[str]:
        yield from _heading(self._name, self._meaning, "histogram")
        below = 0
        bounds = [*(f"{bound:g}" for bound in self._bounds_s), "+Inf"]
        for bound, count in zip(bounds, self._counts, strict=True):
            below += count
            yield f'{self._name}_bucket{{le="{bound}"}} {below}'
        yield f"{self._name}_sum {self._sum_s:.6f}"
        yield f"{self._name}_count {below}"


def gauge_lines(
    name: str, meaning: str, numbers: Mapping[tuple[str, ...], int], *labels: str
) -> Iterator[str]:
    """Numbers as they are now, apart by the values of the labels."""
    yield from _heading(name, meaning, "gauge")
    for values, number in numbers.items():
        yield f"{name}{_labelled(labels, values)} {number}"


def _heading(name: str, meaning: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"


def _labelled(labels: Sequence[str], values: Sequence[str]) -> str:
    if not labels:
        return ""
    pairs = (f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
