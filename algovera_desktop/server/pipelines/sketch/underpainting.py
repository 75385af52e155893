"""What the painter sees in mind before the first stroke: colours, directions, small dabs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algovera_desktop.server.pipelines.sketch.commission import Commission
from algovera_desktop.server.pipelines.sketch.fields import Bytes, Floats, Noise, axis, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, Palette
from algovera_desktop.server.pipelines.sketch.randomness import Dice
from algovera_desktop.server.pipelines.sketch.scene import Scene

LONGEST = 512
"""Grounds are soft: a longer side is painted smaller and stretched."""


@dataclass(frozen=True, slots=True)
class Dabs:
    """Single strokes that no brush would find: stars, rain, glints, blossoms.

    ``at`` and ``reach`` (n, 2): centre and half the stroke as a vector; ``colours`` (n, 3) sRGB
    0 to 255; ``radius``: all in units of the short side. ``before`` tells whether they fall in
    front of what stands in the scene (rain) or lie behind it (stars); ``bend`` curves them, one
    to the left and the next to the right."""

    at: Floats
    reach: Floats
    colours: Floats
    radius: float
    before: bool
    bend: float = 0.0


class Underpainting:
    """Colours and directions of a ground, drawn with arrays.

    All places are in units of the picture's short side from the upper left corner: ``x`` (1, w),
    ``y`` (h, 1), up to ``wide`` and ``tall``.
    """

    def __init__(self, scene: Scene, commission: Commission, palette: Palette, dice: Dice) -> None:
        shrink = min(1.0, LONGEST / max(scene.width, scene.height))
        columns = max(8, round(scene.width * shrink))
        rows = max(8, round(scene.height * shrink))
        self.scene, self.commission, self.palette, self.dice = scene, commission, palette, dice
        self.wide, self.tall = scene.width / scene.short, scene.height / scene.short
        self.x = (
            (np.arange(columns, dtype=np.float32) + np.float32(0.5))
            * np.float32(self.wide / columns)
        )[None, :]
        self.y = (
            (np.arange(rows, dtype=np.float32) + np.float32(0.5)) * np.float32(self.tall / rows)
        )[:, None]
        self.horizon = scene.horizon * self.tall
        self.glow = (scene.glow[0] * self.wide, scene.glow[1] * self.tall)
        self.rgb = np.zeros((rows, columns, 3), dtype=np.float32)
        self.cosine = np.zeros((rows, columns), dtype=np.float32)
        self.turned = np.zeros((rows, columns), dtype=np.float32)
        self.dabs: list[Dabs] = []

    def noise(self) -> Noise:
        return Noise(self.dice.next())

    def cover(self, mask: Floats, colour: Colour | Floats) -> None:
        """Lay ``colour`` where ``mask`` (0.0 to 1.0) is."""
        box = self._extent(mask)
        ground = self.rgb[box]
        paint = np.broadcast_to(np.asarray(colour, dtype=np.float32), self.rgb.shape)[box]
        ground += (paint - ground) * np.broadcast_to(mask, self.cosine.shape)[box][..., None]

    def _extent(self, mask: Floats) -> tuple[slice, slice]:
        """The rows and columns that a mask touches: a trunk is a small part of a picture."""
        whole = np.broadcast_to(mask, self.cosine.shape)
        return _span(np.asarray(whole.any(axis=1))), _span(np.asarray(whole.any(axis=0)))

    def glaze(self, mask: Floats, colour: Colour) -> None:
        """Add light of a colour."""
        self.rgb += np.asarray(colour, dtype=np.float32) * mask[..., None]

    def shade(self, mask: Floats, part: float) -> None:
        """Darken towards the scene's shadow."""
        self.cover(mask * np.float32(part), self.palette.shadow)

    def steer(self, mask: Floats, dx: Floats, dy: Floats, strength: float = 1.0) -> None:
        """Point the strokes along (``dx``, ``dy``) where ``mask`` is."""
        cosine, turned = axis(dx, dy)
        self.cosine += (cosine * np.float32(strength) - self.cosine) * mask
        self.turned += (turned * np.float32(strength) - self.turned) * mask

    def level(self, mask: Floats, strength: float = 1.0) -> None:
        """Point the strokes along the horizon."""
        flat = np.zeros_like(self.cosine)
        self.steer(mask, flat + np.float32(1.0), flat, strength)

    def below(self, line: Floats | float, soft: float = 0.006) -> Floats:
        """A mask of what lies below a line (one height a column)."""
        return smooth(-soft, soft, self.y - np.asarray(line, dtype=np.float32)) + np.zeros_like(
            self.cosine
        )

    def around(self, x: float, y: float, reach: float, squash: float = 1.0) -> Floats:
        """A round falling-off mask: 1.0 in the middle, 0.0 at ``reach``."""
        dx, dy = self.x - np.float32(x), (self.y - np.float32(y)) * np.float32(squash)
        away = np.sqrt(dx * dx + dy * dy) * np.float32(1.0 / reach)
        return smooth(1.0, 0.0, away)

    def dab(
        self,
        at: Floats,
        reach: Floats,
        colours: Floats,
        radius: float,
        *,
        before: bool = False,
        bend: float = 0.0,
    ) -> None:
        self.dabs.append(Dabs(at, reach, colours, radius, before, bend))

    def pixels(self) -> Bytes:
        return np.clip(self.rgb, 0.0, 255.0).astype(np.uint8)


def tinted(colours: list[Colour], chosen: Floats) -> Floats:
    """One of ``colours`` for each number from 0.0 to 1.0, as an array (n, 3)."""
    table = np.array(colours, dtype=np.float32)
    return table[np.minimum((chosen * np.float32(len(colours))).astype(np.int32), len(table) - 1)]


def strewn(first: Floats, second: Floats) -> Floats:
    """Two lists of numbers as a list of places or vectors (n, 2)."""
    return np.stack([first, second], axis=1).astype(np.float32)


def _span(touched: NDArray[np.bool_]) -> slice:
    places = np.flatnonzero(touched)
    return slice(int(places[0]), int(places[-1]) + 1) if places.size else slice(0, 0)
