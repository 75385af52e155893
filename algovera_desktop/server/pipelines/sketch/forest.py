"""A wood: pale trunks in the light behind, dark ones in front, leaves above, sun on the path."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Season
from algovera_desktop.server.pipelines.sketch.fields import smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky
from algovera_desktop.server.pipelines.sketch.turf import (
    fallen_leaves,
    flowers,
    grass_blades,
    turf,
)
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted


def paint_forest(work: Underpainting) -> None:
    """Trunks and leaves in layers, each nearer one darker."""
    paint_sky(work)
    palette = work.palette
    _clearing(work)
    bark = palette.lit((92, 70, 58))
    glow = mix(mix(palette.leaves[1], palette.sun, 0.5), palette.haze, 0.25)
    _canopy(work, 1.05, mix(palette.leaves[0], glow, 0.6), 3.4)
    _trunks(work, 11, 0.016, mix(bark, glow, 0.5), 0.02)
    _canopy(work, 0.8, mix(palette.leaves[1], glow, 0.3), 3.0)
    _trunks(work, 7, 0.028, mix(bark, glow, 0.22), 0.1)
    _canopy(work, 0.6, mix(palette.leaves[0], glow, 0.08), 2.3)
    soil = mix(palette.grass, palette.lit((112, 86, 56)), 0.45)
    turf(work, soil)
    _trunks(work, 4, 0.055, mix(bark, palette.shadow, 0.35), 0.24, edges=True)
    _canopy(work, 0.4, mix(palette.leaves[2], palette.shadow, 0.3), 1.7)
    _sunny_patches(work, soil)
    _leaf_touches(work)
    grass_blades(work, 160)
    if work.commission.season is Season.AUTUMN:
        fallen_leaves(work, 170)
    elif work.commission.season is not Season.WINTER:
        flowers(work, 60)


def _clearing(work: Underpainting) -> None:
    """Light between the trees, where the eye goes."""
    palette = work.palette
    glow = mix(mix(palette.leaves[1], palette.haze, 0.5), palette.sun, 0.55)
    mist = mix(mix(palette.leaves[2], palette.haze, 0.3), palette.shadow, 0.12)
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere * np.float32(0.92), mist)
    x = (0.5 + 0.16 * work.scene.light_from) * work.wide
    work.cover(work.around(x, work.horizon * 0.72, 0.62) * np.float32(0.9), glow)
    flat = np.zeros_like(work.cosine)
    work.steer(everywhere, flat + np.float32(0.2), flat + np.float32(1), 0.4)


def _trunks(
    work: Underpainting,
    count: int,
    width: float,
    colour: Colour,
    foot: float,
    *,
    edges: bool = False,
) -> None:
    """Trunks with a lit side; ``edges`` keeps the middle of the picture open."""
    palette, dice = work.palette, work.dice
    number = max(2, int(count * work.wide))
    for index in range(number):
        x = (index + dice.between(0.2, 0.8)) / number * work.wide
        if edges:
            x = dice.between(-0.02, 0.15) * work.wide
            x = work.wide - x if index % 2 else x
        half = width * dice.between(0.55, 1.1) * 0.5
        lean = dice.between(-0.08, 0.08)
        bottom = work.horizon + (foot + dice.between(0.0, 0.06)) * (work.tall - work.horizon)
        up = np.clip(np.float32(bottom) - work.y, 0.0, None)
        root = smooth(0.08, 0.0, up) * np.float32(half * 0.8)
        away = work.x - (np.float32(x) + up * np.float32(lean))
        reach = np.float32(half) + root
        mask = smooth(0.004, -0.004, np.abs(away) - reach)
        mask = mask * smooth(bottom + 0.006, bottom - 0.006, work.y)
        work.cover(mask, colour)
        side = away * np.float32(work.scene.light_from / half)
        work.cover(mask * smooth(0.1, 1.0, side) * np.float32(0.55), mix(colour, palette.sun, 0.6))
        work.cover(
            mask * smooth(0.1, -0.9, side) * np.float32(0.5), mix(colour, palette.shadow, 0.6)
        )
        flat = np.zeros_like(work.cosine)
        work.steer(mask, flat + np.float32(-lean), flat + np.float32(1), 1.0)


def _canopy(work: Underpainting, depth: float, colour: Colour, fine: float) -> None:
    """Leaves that hang in from above, with holes of light."""
    palette, noise = work.palette, work.noise()
    body = noise.fractal(work.x * np.float32(fine), work.y * np.float32(fine * 1.3), 4)
    reach = np.float32(depth * work.horizon)
    hang = (body - np.float32(0.5)) * np.float32(2.6) + np.float32(0.75) - work.y / reach
    mask = smooth(-0.04, 0.1, hang)
    work.cover(mask * np.float32(0.94), colour)
    lumps = noise.fractal(
        work.x * np.float32(fine * 3) + np.float32(7), work.y * np.float32(fine * 4), 3
    )
    work.cover(mask * smooth(0.52, 0.7, lumps) * np.float32(0.55), mix(colour, palette.sun, 0.5))
    work.cover(mask * smooth(0.46, 0.3, lumps) * np.float32(0.5), mix(colour, palette.shadow, 0.5))
    work.steer(mask, lumps - np.float32(0.5), body - np.float32(0.45), 0.7)


def _sunny_patches(work: Underpainting, soil: Colour) -> None:
    noise, palette = work.noise(), work.palette
    patches = noise.fractal(work.x * np.float32(4), work.y * np.float32(14), 2)
    mask = work.below(work.horizon + 0.02) * smooth(0.58, 0.7, patches)
    mask = mask * np.float32(0.65 * (1.0 - palette.overcast) * (0.5 if palette.night else 1.0))
    work.cover(mask, mix(soil, palette.sun, 0.62))


def _leaf_touches(work: Underpainting) -> None:
    """Single leaves against the light."""
    dice, palette = work.dice, work.palette
    count = int(170 * work.wide)
    chance = dice.units(count)
    y = chance * chance * np.float32(work.horizon * 0.75)
    at = strewn(dice.spread(count, 0, work.wide), y)
    reach = strewn(dice.spread(count, -0.008, 0.008), dice.spread(count, -0.006, 0.006))
    shades = [
        mix(palette.leaves[0], palette.sun, 0.4),
        palette.leaves[1],
        mix(palette.leaves[2], palette.shadow, 0.3),
    ]
    work.dab(at, reach, tinted(shades, dice.units(count)), 0.005)
