"""What grows on open ground, and the hills behind it."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.fields import Floats, Noise, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted

_BLOSSOMS: list[Colour] = [
    (255, 246, 236),
    (250, 214, 90),
    (236, 96, 110),
    (244, 160, 200),
    (150, 110, 210),
    (255, 150, 70),
]


def hills(
    work: Underpainting, base: float, height: float, per_unit: float, colour: Colour
) -> Floats:
    """A line of hills rising up to ``height`` above ``base``; returns its mask."""
    noise = work.noise()
    line = np.float32(base) - noise.ridge(work.x * np.float32(per_unit), 4) * np.float32(height)
    mask = work.below(line)
    body = noise.fractal(work.x * np.float32(6), work.y * np.float32(9), 3)
    lift = (body - np.float32(0.5)) * np.float32(36)
    work.cover(mask, np.asarray(colour, np.float32) + lift[..., None])
    work.level(mask, 0.7)
    return mask


def conifers(work: Underpainting, base: float, height: float, colour: Colour, dense: float) -> None:
    """A far line of pointed trees: a saw whose teeth vary."""
    noise = work.noise()
    cells = work.x * np.float32(1.5 / height)
    tooth = np.abs(cells - np.floor(cells) - np.float32(0.5)) * np.float32(2.0)
    tall = noise.at(np.floor(cells) * np.float32(0.73) + np.float32(0.2), np.zeros_like(cells))
    stand = smooth(1.0 - dense - 0.12, 1.0 - dense + 0.12, noise.ridge(cells * np.float32(0.16), 2))
    rise = (np.float32(1.0) - tooth) * (np.float32(0.4) + tall) * stand
    line = np.float32(base) - rise * np.float32(height)
    mask = work.below(line, 0.004) * smooth(base + height * 0.5, base, work.y)
    mask = mask * (stand > np.float32(0.02))
    work.cover(mask, colour)


def turf(work: Underpainting, colour: Colour) -> None:
    """Rolling ground: lighter and bluer afar, in sun and shade by turns, darker in front."""
    noise, palette = work.noise(), work.palette
    line = np.float32(work.horizon) + (
        noise.ridge(work.x * np.float32(1.3), 3) - np.float32(0.5)
    ) * np.float32(0.05)
    mask = work.below(line)
    down = np.clip((work.y - line) * np.float32(1.0 / (work.tall - work.horizon)), 0.0, 1.0)
    work.cover(mask, mix(mix(colour, palette.sun, 0.34), palette.haze, 0.18))
    work.cover(mask * smooth(0.05, 0.5, down), colour)
    work.cover(mask * smooth(0.6, 1.1, down), mix(colour, palette.shadow, 0.42))
    swells = noise.fractal(
        work.x * np.float32(1.5), work.y * np.float32(5.0) + work.x * np.float32(0.8), 3
    )
    work.cover(mask * smooth(0.5, 0.75, swells) * np.float32(0.45), mix(colour, palette.sun, 0.5))
    dim = mix(colour, palette.shadow, 0.5)
    work.cover(mask * smooth(0.46, 0.25, swells) * np.float32(0.4), dim)
    bend = (swells - np.float32(0.5)) * np.float32(1.6)
    work.steer(mask, np.ones_like(bend), bend, 0.8)


def ground_places(work: Underpainting, count: int, top: float = 0.06) -> tuple[Floats, Floats]:
    """Places on the ground (n, 2) and how near each is (0.0 to 1.0), from ``top`` on."""
    near = np.float32(top) + work.dice.units(count) * np.float32(1.0 - top)
    x = work.dice.spread(count, 0.0, work.wide)
    y = np.float32(work.horizon) + near * np.float32(work.tall - work.horizon)
    return strewn(x, y), near


def grass_blades(work: Underpainting, count: int, colour: Colour | None = None) -> None:
    """Upright touches, longer in front."""
    palette = work.palette
    grass = colour or palette.grass
    shades = [
        mix(grass, palette.sun, 0.26),
        mix(grass, palette.shadow, 0.3),
        mix(grass, palette.lit((40, 100, 60)), 0.35),
    ]
    for radius, low in ((0.0015, 0.08), (0.0021, 0.45)):
        at, near = ground_places(work, int(count * work.wide), low)
        lean = work.dice.spread(len(at), -0.6, 0.6) * near * np.float32(0.03)
        rise = near * np.float32(0.02) + np.float32(0.005)
        colours = tinted(shades, work.dice.units(len(at)))
        work.dab(at, strewn(lean, -rise), colours, radius, bend=0.16)


def flowers(work: Underpainting, count: int) -> None:
    """Dots of blossom in drifts, small afar and round in front."""
    kinds = [work.palette.lit(work.dice.pick(_BLOSSOMS)) for _ in range(3)]
    drift = Noise(work.dice.next())
    for radius, low in ((0.0032, 0.1), (0.006, 0.4), (0.009, 0.7)):
        at, _ = ground_places(work, int(count * work.wide), low)
        at = at[drift.at(at[:, 0] * np.float32(5), at[:, 1] * np.float32(9)) > np.float32(0.5)]
        flat = np.full(len(at), radius * 0.7, np.float32)
        colours = tinted(kinds, work.dice.units(len(at)))
        work.dab(at, strewn(flat, flat * np.float32(0.3)), colours, radius)


def fallen_leaves(work: Underpainting, count: int) -> None:
    at, _ = ground_places(work, int(count * work.wide), 0.2)
    turn = work.dice.spread(len(at), -1.0, 1.0)
    reach = strewn(np.full(len(at), 0.006, np.float32), turn * np.float32(0.006))
    leaves = tinted(list(work.palette.leaves), work.dice.units(len(at)))
    work.dab(at, reach, leaves, 0.0055)
