"""What a benchmark hands back. A module ``bench_NAME.py`` holds one function:

def measure() -> Iterator[Measurement]: ...

It measures in a folder, a session and processes of its own, takes the baseline in the same run,
alternating with what it measures, and yields one measurement for each figure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measurement:
    """One figure beside what it is held against; both in ``unit``."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the baseline the value is."""
        return self.value / self.baseline if self.baseline else None

    def as_dict(self) -> dict[str, str | float | None]:
        """The form of the JSON file."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
        }


def alternate(
    value: Callable[[], float], baseline: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """The median of each, taken in turns, so that a busy machine slows down both."""
    pairs = [(value(), baseline()) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
