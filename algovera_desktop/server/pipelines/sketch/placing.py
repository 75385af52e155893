"""A thing in its place, and the outline it has."""

from dataclasses import dataclass

from algovera_desktop.server.pipelines.sketch.commission import Placement, Subject

HEAD = 0.62
"""The share of its height that a head takes above painted shoulders."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing in its place. ``x``, ``y``, ``width``, ``height``: its box in pixels, the
    picture's trimmed outline exactly inside. ``depth`` 0.0 at the horizon to 1.0 in front.
    ``head`` is the share of the height that the emoji itself takes; below it a body is
    painted."""

    subject: Subject
    placement: Placement
    x: float
    y: float
    width: float
    height: float
    depth: float
    mirrored: bool
    main: bool
    head: float = 1.0

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Shape:
    """An emoji's outline: width over height, and whether it is a bust cut off below."""

    ratio: float
    is_bust: bool = False
