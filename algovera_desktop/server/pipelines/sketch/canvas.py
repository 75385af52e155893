"""The canvas: strokes of many bristles, laid one over another, and the paint's relief.

It is twice as fine as the picture in both directions, so that edges come out smooth. Each of
its points is one 32-bit word (red, green, blue, height of the paint), so that a bristle sets
colour and relief in one write, and a later bristle covers an earlier one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from algovera_desktop.server.pipelines.sketch.fields import Bytes, Floats
from algovera_desktop.server.pipelines.sketch.randomness import units

FINER = 2
_BATCH_POINTS = 200_000
_PROFILES = 61
_RELIEF = 0.32
_WORDS = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class Strokes:
    """Curved strokes of one brush; a later one covers an earlier.

    ``points`` (strokes, points, 2) in picture pixels, ``lengths`` how many of a stroke's points
    are painted, ``colours`` (strokes, 3) sRGB, ``radius`` in picture pixels, ``bristle`` how far
    single bristles stray from the colour (0 to 60).
    """

    points: Floats
    lengths: NDArray[np.int32]
    colours: Bytes
    radius: float
    bristle: float

    def part(self, first: int, last: int) -> "Strokes":
        return Strokes(
            self.points[first:last],
            self.lengths[first:last],
            self.colours[first:last],
            self.radius,
            self.bristle,
        )


class Canvas:
    """``width`` and ``height`` of the picture in pixels; ``tone`` is the first coat (h, w, 3)."""

    def __init__(self, tone: Bytes, seed: int) -> None:
        self._height, self._width = tone.shape[0] * FINER, tone.shape[1] * FINER
        coat = tone.astype(_WORDS)
        words = coat[..., 0] | (coat[..., 1] << 8) | (coat[..., 2] << 16) | np.uint32(100 << 24)
        fine = np.repeat(np.repeat(words, FINER, axis=0), FINER, axis=1)
        self._points = np.append(fine.reshape(-1), np.uint32(0)).astype(_WORDS)
        self._seed = seed

    def look(self) -> Bytes:
        """What is painted now, one point a picture pixel (h, w, 3): quick, not smoothed."""
        words = self._words()[::FINER, ::FINER]
        return np.ascontiguousarray(words).view(np.uint8).reshape(*words.shape, 4)[..., :3]

    def picture(self) -> Image.Image:
        """The picture so far, smoothed, with light raking over the paint from the upper left."""
        fine = self._words().view(np.uint8).reshape(self._height, self._width, 4)
        total = fine[0::2, 0::2].astype(np.int16)
        total += fine[0::2, 1::2]
        total += fine[1::2, 0::2]
        total += fine[1::2, 1::2]
        height = total[..., 3]
        slope = np.zeros_like(height)
        slope[1:, 1:] = height[1:, 1:] - height[:-1, :-1]
        rake = (np.clip(slope, -160, 160).astype(np.float32) * np.float32(_RELIEF / 4)).astype(
            np.int16
        )
        colour = ((total[..., :3] + 2) >> 2) + rake[..., None]
        return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))

    def lay(self, strokes: Strokes) -> None:
        """Paint ``strokes`` in their order."""
        if not len(strokes.lengths):
            return
        per_stroke = self._samples(strokes) * self._bristles(strokes)
        batch = max(1, _BATCH_POINTS // per_stroke)
        for first in range(0, len(strokes.lengths), batch):
            self._lay_batch(strokes.part(first, first + batch), first)

    def _words(self) -> NDArray[np.uint32]:
        return self._points[:-1].reshape(self._height, self._width)

    @staticmethod
    def _bristles(strokes: Strokes) -> int:
        return max(2, int(strokes.radius * 2 * FINER * 1.25 + 0.999))

    @staticmethod
    def _samples(strokes: Strokes) -> int:
        """Points along a stroke: close enough that no pixel of the canvas is missed."""
        return max(1, strokes.points.shape[1] - 1) * Canvas._between(strokes)

    @staticmethod
    def _between(strokes: Strokes) -> int:
        leg = strokes.points[:, 1] - strokes.points[:, 0]
        longest = np.sqrt((leg[:, 0] * leg[:, 0] + leg[:, 1] * leg[:, 1]).max(initial=0.0))
        return max(2, int(max(strokes.radius, float(longest)) * FINER * 1.3 + 0.999))

    def _lay_batch(self, strokes: Strokes, number: int) -> None:
        where = self._where(strokes, number)
        words = self._bristle_words(strokes, number)
        self._points[where] = np.broadcast_to(words[:, None, :], where.shape)

    def _where(self, strokes: Strokes, number: int) -> NDArray[np.int32]:
        """The canvas points that each bristle touches (strokes, samples, bristles); what is
        not painted goes to one spare word at the end."""
        between, bristles = self._between(strokes), self._bristles(strokes)
        points = strokes.points * np.float32(FINER)
        leg = points[:, 1:] - points[:, :-1]
        part = (np.arange(between, dtype=np.float32) / np.float32(between))[None, None, :, None]
        along = (points[:, :-1, None] + leg[:, :, None] * part).reshape(len(points), -1, 2)
        side = np.repeat(self._sides(leg), between, axis=1)
        across = np.linspace(-1.0, 1.0, bristles, dtype=np.float32)
        reach = (across * np.float32(strokes.radius * FINER))[None, None, :]
        x = (along[..., 0, None] - side[..., 1, None] * reach).astype(np.int32)
        y = (along[..., 1, None] + side[..., 0, None] * reach).astype(np.int32)
        inside = (x >= 0) & (x < self._width) & (y >= 0) & (y < self._height)
        inside &= self._painted(strokes, across, between, number)
        return np.where(inside, y * np.int32(self._width) + x, np.int32(len(self._points) - 1))

    @staticmethod
    def _sides(leg: Floats) -> Floats:
        """Unit vectors along each leg; a stroke that stands still points to the right."""
        length = np.sqrt(leg[..., 0] * leg[..., 0] + leg[..., 1] * leg[..., 1])
        still = length < np.float32(1e-4)
        unit = leg / np.where(still, np.float32(1.0), length)[..., None]
        unit[..., 0] = np.where(still, np.float32(1.0), unit[..., 0])
        return unit

    def _painted(
        self, strokes: Strokes, across: Floats, between: int, number: int
    ) -> NDArray[np.bool_]:
        """Which samples carry paint: round ragged ends, bristle by bristle."""
        count, bristles = len(strokes.lengths), len(across)
        samples = (strokes.points.shape[1] - 1) * between
        ragged = units(self._seed ^ (number * 7919 + bristles), 2 * count * bristles)
        ragged = ragged.reshape(2, count, bristles) * np.float32(0.5)
        tip = np.float32(1.0) - np.sqrt(np.float32(1.0) - across * across * np.float32(0.96))
        leg = strokes.points[:, 1] - strokes.points[:, 0]
        long = np.sqrt(leg[:, 0] * leg[:, 0] + leg[:, 1] * leg[:, 1])
        share = np.float32(strokes.radius) / np.maximum(long, np.float32(strokes.radius))
        ends = (tip[None, None, :] + ragged) * (share * np.float32(between))[None, :, None]
        total = ((strokes.lengths - 1) * between).astype(np.float32)[:, None]
        sample = np.arange(samples, dtype=np.float32)[None, :, None]
        return (sample >= ends[0][:, None, :]) & (sample <= (total - ends[1])[:, None, :])

    def _bristle_words(self, strokes: Strokes, number: int) -> NDArray[np.uint32]:
        """Each bristle's colour and relief as one word (strokes, bristles)."""
        count, bristles = len(strokes.lengths), self._bristles(strokes)
        rough = units(self._seed + bristles, _PROFILES * bristles).reshape(_PROFILES, bristles)
        soft = (rough + np.roll(rough, 1, axis=1) + np.roll(rough, 2, axis=1)) / np.float32(3.0)
        profile = soft[(np.arange(count) + number) % _PROFILES] * np.float32(2.0) - np.float32(1.0)
        stray = (profile * np.float32(strokes.bristle)).astype(np.int32)
        colour = np.clip(strokes.colours[:, None, :].astype(np.int32) + stray[..., None], 0, 255)
        rim = np.linspace(-1.0, 1.0, bristles, dtype=np.float32)
        relief = np.float32(120.0) + np.float32(40.0) * rim * rim + profile * np.float32(60.0)
        colour = colour.astype(_WORDS)
        words = colour[..., 0] | (colour[..., 1] << 8) | (colour[..., 2] << 16)
        return (words | (relief.astype(_WORDS) << 24)).astype(_WORDS)
