"""A commission painted: layout, reference, then pass after pass of strokes."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.pipelines.sketch.canvas import Canvas, Strokes
from algovera_desktop.server.pipelines.sketch.commission import Commission
from algovera_desktop.server.pipelines.sketch.fields import Bytes, Floats
from algovera_desktop.server.pipelines.sketch.grounds import paint_ground
from algovera_desktop.server.pipelines.sketch.palette import Grade, palette_for
from algovera_desktop.server.pipelines.sketch.placing import Shape
from algovera_desktop.server.pipelines.sketch.randomness import Dice
from algovera_desktop.server.pipelines.sketch.reference import Composer, Reference
from algovera_desktop.server.pipelines.sketch.scene import lay_out
from algovera_desktop.server.pipelines.sketch.sprites import is_bust
from algovera_desktop.server.pipelines.sketch.strokes import Brush, Tracer
from algovera_desktop.server.pipelines.sketch.underpainting import Dabs, Underpainting

_BRUSHES = (
    # share of the short side, legs, tolerance, jitter, bristle, share of the passes
    (0.05, 7, 0, 15.0, 9.0, 3),
    (0.026, 7, 9, 12.0, 9.0, 5),
    (0.0135, 8, 13, 9.0, 8.0, 7),
    (0.007, 8, 18, 7.0, 7.0, 7),
    (0.0038, 8, 22, 5.0, 5.0, 5),
    (0.0022, 7, 26, 3.0, 3.0, 3),
    (0.0013, 7, 30, 2.0, 2.0, 2),
)
_FINEST = 0.75


class Painter:
    """Paints one request. ``pictures``: every emoji of the commission, trimmed RGBA."""

    def __init__(
        self,
        commission: Commission,
        pictures: dict[str, Image.Image],
        request: GenerationRequest,
    ) -> None:
        self._commission, self._request = commission, request
        self._dice = Dice(request.seed, request.prompt, "paint")
        self._brushes = _brushes(min(request.width, request.height))
        self._plan = _plan([share for _, share in self._brushes], request.steps)
        self._reference = self._refer(pictures)
        self._canvas = Canvas(self._toned(), request.seed)
        self._tracer: tuple[int, Tracer] | None = None

    def passes(self) -> Iterator[int]:
        """Paint; yields the number of each pass when it is done, from 1 to the steps."""
        for step, (level, turn, turns) in enumerate(self._plan):
            tracer = self._tracer_for(level)
            dice = Dice(self._request.seed, self._request.prompt, "pass", step)
            self._canvas.lay(tracer.strokes(self._canvas.look(), turn, turns, dice))
            self._lay_dabs(step)
            yield step + 1

    def picture(self) -> Image.Image:
        """The picture as it stands."""
        return self._canvas.picture()

    def _tracer_for(self, level: int) -> Tracer:
        if self._tracer is None or self._tracer[0] != level:
            self._tracer = (level, Tracer(self._reference.model, self._brushes[level][0]))
        return self._tracer[1]

    def _refer(self, pictures: dict[str, Image.Image]) -> Reference:
        request, commission = self._request, self._commission
        emphasis = min(max(request.guidance_scale / 7.5, 0.0), 2.2)
        shapes = {
            key: Shape(picture.width / picture.height, is_bust(picture, key))
            for key, picture in pictures.items()
        }
        size = 1.0 + 0.06 * (emphasis - 1.0)
        scene = lay_out(commission, shapes, request.width, request.height, request.seed, size)
        work = Underpainting(scene, commission, palette_for(commission), self._dice)
        paint_ground(work)
        grade = Grade(commission.mood, commission.colours, commission.monochrome)
        return Composer(work, grade, emphasis).compose(pictures)

    def _toned(self) -> Bytes:
        """The first coat: the picture's own colours, very soft, warmed."""
        rgb = Image.fromarray(self._reference.model.rgb)
        small = rgb.resize((6, 6), Image.Resampling.BOX).resize(rgb.size, Image.Resampling.BICUBIC)
        coat = np.asarray(small).astype(np.int32)
        warm = np.array([196, 150, 118], np.int32)
        return ((coat * 3 + warm) // 4).astype(np.uint8)

    def _lay_dabs(self, step: int) -> None:
        """The last passes add what no brush finds, and again what their strokes went over."""
        steps = self._request.steps
        last = max(1, steps // 6)
        turn = step - (steps - last)
        if turn < 0:
            return
        for dabs in self._reference.dabs:
            self._canvas.lay(self._as_strokes(dabs, turn, last))

    def _as_strokes(self, dabs: Dabs, turn: int, turns: int) -> Strokes:
        short = np.float32(min(self._request.width, self._request.height))
        model = self._reference.model
        at, reach = dabs.at * short, dabs.reach * short
        x = np.clip(at[:, 0].astype(np.int32), 0, self._request.width - 1)
        y = np.clip(at[:, 1].astype(np.int32), 0, self._request.height - 1)
        wanted = np.arange(len(at)) % turns <= turn
        if not dabs.before:
            wanted &= model.label[y, x] == 0
        radius = max(_FINEST, dabs.radius * float(short))
        at, reach = at[wanted], _at_least(reach[wanted], radius)
        side = np.stack([-reach[:, 1], reach[:, 0]], axis=1) * np.float32(dabs.bend)
        side[1::2] *= np.float32(-1.0)
        points = np.stack([at - reach, at + side, at + reach], axis=1)
        lengths = np.full(len(at), 3, dtype=np.int32)
        colours = dabs.colours[wanted].astype(np.uint8)
        return Strokes(points, lengths, colours, radius, 6.0)


def _at_least(reach: Floats, radius: float) -> Floats:
    """Vectors no shorter than ``radius``: the shortest touch of a brush is round."""
    length = np.sqrt(reach[:, 0] * reach[:, 0] + reach[:, 1] * reach[:, 1])[:, None]
    flat = np.zeros_like(reach) + np.array([radius, 0.0], np.float32)
    longer = reach * (np.float32(radius) / np.maximum(length, np.float32(1e-4)))
    return np.where(length < np.float32(1e-4), flat, np.where(length < radius, longer, reach))


def _brushes(short: int) -> list[tuple[Brush, int]]:
    brushes: list[tuple[Brush, int]] = []
    for share, legs, tolerance, jitter, bristle, passes in _BRUSHES:
        radius = max(_FINEST, share * short)
        if not brushes or radius < brushes[-1][0].radius * 0.75:
            brushes.append((Brush(radius, legs, tolerance, jitter, bristle), passes))
    return brushes


def _plan(shares: list[int], steps: int) -> list[tuple[int, int, int]]:
    """For each step its brush, which of the brush's turns it is, and of how many."""
    whole = sum(shares)
    edges = [sum(shares[: index + 1]) for index in range(len(shares))]
    levels: list[int] = []
    for step in range(steps):
        place = (2 * step + 1) * whole
        levels.append(next(i for i, edge in enumerate(edges) if place < edge * 2 * steps))
    plan: list[tuple[int, int, int]] = []
    for step, level in enumerate(levels):
        plan.append((level, levels[:step].count(level), levels.count(level)))
    return plan
