"""Grounds of earth: meadow, field, forest, mountains, snow, desert."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Season
from algovera_desktop.server.pipelines.sketch.fields import Floats, Noise, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted

_BLOSSOMS: list[Colour] = [
    (255, 246, 236),
    (250, 214, 90),
    (236, 96, 110),
    (244, 160, 200),
    (150, 110, 210),
]


def hills(
    work: Underpainting, base: float, height: float, per_unit: float, colour: Colour
) -> Floats:
    """A line of hills rising up to ``height`` above ``base``; returns its mask."""
    noise = work.noise()
    line = np.float32(base) - noise.ridge(work.x * np.float32(per_unit), 4) * np.float32(height)
    mask = work.below(line)
    body = noise.fractal(work.x * np.float32(6), work.y * np.float32(9), 3)
    lift = (body - np.float32(0.5)) * np.float32(30)
    work.cover(mask, np.asarray(colour, np.float32) + lift[..., None])
    return mask


def paint_meadow(work: Underpainting) -> None:
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    hills(
        work, horizon + 0.02, 0.16, 1.7, palette.far(mix(palette.grass, (70, 110, 150), 0.4), 0.55)
    )
    hills(work, horizon + 0.03, 0.09, 2.6, palette.far(palette.grass, 0.3))
    turf(work, palette.grass)
    grass_blades(work, 260)
    if work.commission.season in (Season.SPRING, Season.SUMMER):
        flowers(work, 150)
    if work.commission.season is Season.AUTUMN:
        fallen_leaves(work, 130)


def turf(work: Underpainting, colour: Colour) -> None:
    """Rolling ground: lighter and bluer afar, in sun and shade by turns, darker in front."""
    noise, palette = work.noise(), work.palette
    line = np.float32(work.horizon) + (
        noise.ridge(work.x * np.float32(1.3), 3) - np.float32(0.5)
    ) * np.float32(0.05)
    mask = work.below(line)
    down = np.clip((work.y - line) * np.float32(1.0 / (work.tall - work.horizon)), 0.0, 1.0)
    far = mix(mix(colour, palette.sun, 0.34), palette.haze, 0.18)
    near = mix(colour, palette.shadow, 0.42)
    work.cover(mask, far)
    work.cover(mask * smooth(0.05, 0.5, down), colour)
    work.cover(mask * smooth(0.6, 1.1, down), near)
    swells = noise.fractal(
        work.x * np.float32(1.5), work.y * np.float32(5.0) + work.x * np.float32(0.8), 3
    )
    work.cover(mask * smooth(0.5, 0.75, swells) * np.float32(0.45), mix(colour, palette.sun, 0.5))
    work.cover(
        mask * smooth(0.46, 0.25, swells) * np.float32(0.4), mix(colour, palette.shadow, 0.5)
    )
    bend = (swells - np.float32(0.5)) * np.float32(1.6)
    work.steer(mask, np.ones_like(bend), bend, 0.8)


def ground_places(work: Underpainting, count: int, top: float = 0.06) -> tuple[Floats, Floats]:
    """Places on the ground and how near each is (0.0 to 1.0), more of them far than near."""
    chance = work.dice.units(count)
    near = np.float32(top) + chance * np.float32(1.0 - top)
    x = work.dice.spread(count, 0.0, work.wide)
    y = np.float32(work.horizon) + near * np.float32(work.tall - work.horizon)
    return strewn(x, y), near


def grass_blades(work: Underpainting, count: int) -> None:
    palette = work.palette
    for radius, low in ((0.0022, 0.08), (0.0035, 0.5)):
        at, near = ground_places(work, int(count * work.wide), low)
        lean = work.dice.spread(len(at), -0.4, 0.4) * near * np.float32(0.03)
        rise = near * np.float32(0.02) + np.float32(0.005)
        colours = tinted(
            [
                mix(palette.grass, palette.sun, 0.35),
                mix(palette.grass, palette.shadow, 0.45),
                mix(palette.grass, (40, 90, 60), 0.4),
            ],
            work.dice.units(len(at)),
        )
        work.dab(at, strewn(lean, -rise), colours, radius)


def flowers(work: Underpainting, count: int) -> None:
    """Dots of blossom in drifts of one or two colours."""
    kinds = [work.palette.lit(work.dice.pick(_BLOSSOMS)) for _ in range(3)]
    drift = Noise(work.dice.next())
    for radius, low in ((0.003, 0.1), (0.006, 0.45), (0.009, 0.75)):
        at, _ = ground_places(work, int(count * work.wide), low)
        dense = drift.at(at[:, 0] * np.float32(5), at[:, 1] * np.float32(9)) > 0.5
        at = at[dense]
        flat = np.full(len(at), radius * 0.6, np.float32)
        work.dab(
            at,
            strewn(flat, flat * np.float32(0.3)),
            tinted(kinds, work.dice.units(len(at))),
            radius,
        )


def fallen_leaves(work: Underpainting, count: int) -> None:
    at, _ = ground_places(work, int(count * work.wide), 0.2)
    turn = work.dice.spread(len(at), -1.0, 1.0)
    reach = strewn(np.full(len(at), 0.006, np.float32), turn * np.float32(0.006))
    work.dab(at, reach, tinted(list(work.palette.leaves), work.dice.units(len(at))), 0.006)
