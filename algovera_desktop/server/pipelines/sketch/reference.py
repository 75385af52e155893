"""The whole picture as it should come out, before it is painted: ground, things, light."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from algovera_desktop.server.pipelines.sketch.commission import Placement
from algovera_desktop.server.pipelines.sketch.fields import Floats, sine, smooth
from algovera_desktop.server.pipelines.sketch.lamps import flames, lit_up
from algovera_desktop.server.pipelines.sketch.palette import Grade, mix
from algovera_desktop.server.pipelines.sketch.placing import Placed
from algovera_desktop.server.pipelines.sketch.scene import INDOORS, SKYLESS, WATER
from algovera_desktop.server.pipelines.sketch.sky import RAINBOW
from algovera_desktop.server.pipelines.sketch.sprites import Sprite, sprite
from algovera_desktop.server.pipelines.sketch.strokes import Model, edge_flow
from algovera_desktop.server.pipelines.sketch.underpainting import Dabs, Underpainting


@dataclass(frozen=True, slots=True)
class Reference:
    """``model`` is what the brushes look at; ``dabs`` are laid last, already graded."""

    model: Model
    dabs: tuple[Dabs, ...]


class Composer:
    """Puts the scene's things on its ground. ``emphasis`` 0.0 to 2.0: how strongly they stand
    out from it, 1.0 is plain."""

    def __init__(self, work: Underpainting, grade: Grade, emphasis: float) -> None:
        self._work, self._grade, self._emphasis = work, grade, emphasis
        scene = work.scene
        size = (scene.width, scene.height)
        ground = Image.fromarray(work.pixels()).resize(size, Image.Resampling.BICUBIC)
        self._rgb = np.asarray(ground).astype(np.float32)
        self._label = np.zeros((scene.height, scene.width), dtype=np.uint8)
        self._importance = np.full((scene.height, scene.width), self._ground_worth(), np.uint8)

    def compose(self, pictures: dict[str, Image.Image]) -> Reference:
        """``pictures``: each emoji of the scene, trimmed."""
        work = self._work
        for number, placed in enumerate(work.scene.things):
            if placed.subject.emoji == RAINBOW and work.commission.setting not in SKYLESS:
                continue
            picture = pictures[placed.subject.emoji]
            ready = sprite(picture, placed, work.palette, work.scene.light_from)
            self._set(placed, ready, number + 1)
        rgb = self._grade.apply(self._rgb).astype(np.uint8)
        flow = edge_flow(rgb, self._ground_flow(), max(2, work.scene.short // 170))
        model = Model(rgb, self._label, self._importance, flow)
        return Reference(model, tuple(self._graded(dabs) for dabs in work.dabs))

    def _ground_worth(self) -> int:
        return min(120, max(24, int(70 / max(self._emphasis, 0.4))))

    def _ground_flow(self) -> tuple[Floats, Floats]:
        """The ground's directions at half the picture's size."""
        rows, columns = self._work.cosine.shape
        scene = self._work.scene
        high, wide = -(-scene.height // 2), -(-scene.width // 2)
        row = (np.arange(high) * rows // high)[:, None]
        column = (np.arange(wide) * columns // wide)[None, :]
        return self._work.cosine[row, column], self._work.turned[row, column]

    def _graded(self, dabs: Dabs) -> Dabs:
        colours = self._grade.apply(dabs.colours[None, :, :])[0]
        return replace(dabs, colours=colours)

    def _set(self, placed: Placed, ready: Sprite, label: int) -> None:
        scene = self._work.scene
        left, top = round(placed.x), round(placed.y)
        height, width = ready.alpha.shape
        left, top = max(0, left), max(0, top)
        width, height = min(width, scene.width - left), min(height, scene.height - top)
        alpha, rgb = ready.alpha[:height, :width], ready.rgb[:height, :width]
        afloat = placed.placement is Placement.AFLOAT and self._work.commission.setting in WATER
        area = (slice(top, top + height), slice(left, left + width))
        if placed.placement in (Placement.STANDING, Placement.SMALL):
            self._cast_shadow(ready.alpha, left, top)
        if afloat:
            alpha = self._sunk(placed, alpha)
            self._mirror(ready, left, top, _draught(placed))
        if placed.placement is Placement.BACKDROP:
            alpha = alpha * self._melting(height)
        shining = flames(placed.subject.emoji, rgb, self._work.palette)
        own_light = rgb
        rgb = self._in_the_air(rgb, placed)
        if shining is not None:
            rgb = rgb + (own_light - rgb) * shining[..., None]
        if placed.placement not in (Placement.CELESTIAL, Placement.BACKDROP):
            self._set_off(rgb, alpha, left, top)
        self._rgb[area] += (rgb - self._rgb[area]) * alpha[..., None]
        solid = alpha > 0.5
        if shining is not None:
            self._glow(shining * alpha, left, top)
        self._label[area][solid] = label
        self._importance[area][solid] = self._worth(placed)

    def _glow(self, shining: Floats, left: int, top: int) -> None:
        height, width = shining.shape
        reach = max(height, width) * 3 // 4
        area, cut = self._overlap(width + 2 * reach, height + 2 * reach, left - reach, top - reach)
        padded = np.zeros((height + 2 * reach, width + 2 * reach), np.float32)
        padded[reach : reach + height, reach : reach + width] = shining
        self._rgb[area] = lit_up(self._rgb[area], padded[cut])

    def _sunk(self, placed: Placed, alpha: Floats) -> Floats:
        """The outline above the water, whose edge a wave or two break."""
        height, width = alpha.shape
        across = np.arange(width, dtype=np.float32)[None, :] / np.float32(self._work.scene.short)
        wave = sine(across * np.float32(9)) * np.float32(0.012)
        y = np.arange(height, dtype=np.float32)[:, None] / np.float32(height) + wave
        line = 1.0 - _draught(placed)
        return alpha * smooth(line + 0.015, line - 0.015, y)

    def _set_off(self, rgb: Floats, alpha: Floats, left: int, top: int) -> None:
        """Where a thing is about as light as what lies behind it, the ground gives way softly
        around it, as painters do: darker behind the light, lighter behind the dark."""
        height, width = alpha.shape
        soft = max(2, min(height, width) // 7)
        wanted = 72.0 * min(max(self._emphasis, 0.3), 1.6)
        area, cut = self._overlap(
            width + 4 * soft, height + 4 * soft, left - 2 * soft, top - 2 * soft
        )
        thing = _mean_light(rgb[alpha > 0.5])
        behind = _mean_light(self._rgb[area].reshape(-1, 3))
        lack = wanted - abs(thing - behind)
        if lack <= 0:
            return
        plate = Image.new("L", (width + 4 * soft, height + 4 * soft))
        plate.paste(
            Image.fromarray((alpha * np.float32(255)).astype(np.uint8)), (2 * soft, 2 * soft)
        )
        blurred = np.asarray(plate.filter(ImageFilter.GaussianBlur(soft * 0.8)))
        part = blurred[cut].astype(np.float32) * np.float32(min(lack / 48.0, 1.0) * 0.9 / 255.0)
        under = self._rgb[area]
        goal = under * np.float32(0.5) + np.asarray(self._work.palette.shadow, np.float32) * 0.2
        if thing < behind or behind < 70.0:
            goal = under * np.float32(0.4) + np.asarray(self._work.palette.sun, np.float32) * 0.6
        self._rgb[area] += (goal - under) * part[..., None]

    @staticmethod
    def _melting(height: int) -> Floats:
        """What is far loses its foot in the ground."""
        y = np.arange(height, dtype=np.float32)[:, None] / np.float32(height)
        return np.clip((np.float32(1.0) - y) * np.float32(7.0), 0.0, 1.0)

    def _worth(self, placed: Placed) -> int:
        if placed.placement is Placement.BACKDROP:
            return 150
        return 255 if placed.main else 225

    def _in_the_air(self, rgb: Floats, placed: Placed) -> Floats:
        """The light's colour, the haze of distance, and how far the thing stands out."""
        palette = self._work.palette
        if placed.placement is Placement.CELESTIAL:
            return rgb
        tint = mix(palette.tint, (0.92, 0.92, 1.0), 0.35) if placed.main else palette.tint
        rgb = rgb * np.asarray(tint if palette.night else palette.tint, np.float32)
        haze = 0.0
        if self._work.commission.setting not in INDOORS:
            haze = max(0.0, 0.24 * (1.0 - placed.depth) - 0.08) + 0.3 * palette.overcast * (
                1.0 - placed.depth
            )
            if placed.placement is Placement.BACKDROP:
                haze = 0.26 + 0.24 * palette.overcast
            if placed.main:
                haze *= 0.4
        rgb = rgb + (np.asarray(palette.haze, np.float32) - rgb) * np.float32(min(haze, 0.6))
        if placed.main:
            grey = (rgb[..., 0] + rgb[..., 1] + rgb[..., 2])[..., None] * np.float32(1 / 3)
            vivid = np.float32(1.0 + 0.16 * (self._emphasis - 0.6))
            rgb = grey + (rgb - grey) * vivid
        return rgb

    def _cast_shadow(self, alpha: Floats, left: int, top: int) -> None:
        """The outline laid flat on the ground, away from the light, soft; darkest at the feet."""
        height, width = alpha.shape
        flat_height = max(3, height // 4)
        reach = height // 2
        soft = max(1, height // 40)
        plate = Image.fromarray((alpha * np.float32(255)).astype(np.uint8))
        flat = np.asarray(plate.resize((width, flat_height), Image.Resampling.BILINEAR))
        board = np.zeros((flat_height + 8 * soft, width + reach + 8 * soft), np.uint8)
        away = -int(self._work.scene.light_from)
        for row in range(flat_height):
            lean = (flat_height - 1 - row) * reach // flat_height
            start = 4 * soft + (lean if away > 0 else reach - lean)
            board[4 * soft + row, start : start + width] = flat[row]
        cast = np.asarray(Image.fromarray(board).filter(ImageFilter.GaussianBlur(soft * 1.5)))
        at_x = left - 4 * soft - (0 if away > 0 else reach)
        at_y = top + height - flat_height - 4 * soft + flat_height // 8
        self._darken(cast.astype(np.float32) * np.float32(0.5 / 255), at_x, at_y)
        contact = np.zeros_like(board)
        line = flat.max(axis=0) * (flat[-max(2, flat_height // 5) :].max(axis=0) > 128)
        thick = max(2, flat_height // 6)
        contact[
            4 * soft + flat_height - thick : 4 * soft + flat_height, 4 * soft : 4 * soft + width
        ] = line
        dark = np.asarray(Image.fromarray(contact).filter(ImageFilter.GaussianBlur(soft)))
        self._darken(dark.astype(np.float32) * np.float32(0.6 / 255), left - 4 * soft, at_y)

    def _darken(self, part: Floats, left: int, top: int) -> None:
        area, cut = self._overlap(part.shape[1], part.shape[0], left, top)
        under = self._rgb[area]
        shadow = np.asarray(self._work.palette.shadow, np.float32)
        dark = under * np.float32(0.42) + shadow * np.float32(0.3)
        self._rgb[area] = under + (dark - under) * part[cut][..., None]

    def _mirror(self, ready: Sprite, left: int, top: int, draught: float) -> None:
        """A reflection below the water line, broken by waves, in the water's own colour."""
        height, width = ready.alpha.shape
        deep = max(2, height * 2 // 3)
        water_line = max(1, int(height * (1.0 - draught)))
        source = (np.arange(deep) * water_line // deep)[::-1]
        alpha, rgb = ready.alpha[source], ready.rgb[source]
        waves = self._work.dice.units(deep) * np.float32(5.0) - np.float32(2.5)
        wide = np.float32(self._work.scene.short / 512.0)
        y = np.arange(deep, dtype=np.float32)[:, None] / np.float32(deep)
        for row in range(deep):
            shift = int(waves[row // 4 * 4] * wide * (1.0 + 2.0 * row / deep))
            alpha[row], rgb[row] = np.roll(alpha[row], shift), np.roll(rgb[row], shift, axis=0)
        area, cut = self._overlap(width, deep, left, top + water_line - 2)
        part = (alpha * (np.float32(0.62) * (np.float32(1.0) - y)))[cut][..., None]
        tint = np.asarray(mix((205, 215, 225), self._work.palette.middle, 0.3), np.float32)
        mirrored = rgb[cut] * tint * np.float32(1 / 255)
        self._rgb[area] += (mirrored - self._rgb[area]) * part

    def _overlap(
        self, width: int, height: int, left: int, top: int
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where a block falls inside the picture, and which part of the block that is."""
        scene = self._work.scene
        x0, x1 = max(0, left), min(scene.width, left + width)
        y0, y1 = max(0, top), min(scene.height, top + height)
        x1, y1 = max(x0, x1), max(y0, y1)
        return (slice(y0, y1), slice(x0, x1)), (
            slice(y0 - top, y1 - top),
            slice(x0 - left, x1 - left),
        )


def _mean_light(colours: Floats) -> float:
    """The mean of all channels, summed in whole numbers so that it is exact."""
    return int(colours.astype(np.int64).sum()) / max(1, colours.size)


def _draught(placed: Placed) -> float:
    """How much of a thing is under water: a ship's keel, a duck's feet, a whale's belly."""
    if placed.subject.placement is Placement.UNDERWATER:
        return 0.17
    return 0.07 if placed.subject.height >= 1.0 else 0.16
