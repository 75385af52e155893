"""Grounds without a ground: space, the open sky."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Placement
from algovera_desktop.server.pipelines.sketch.fields import smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky, paint_stars
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting

_NEBULAE: list[tuple[Colour, Colour, Colour]] = [
    ((122, 60, 160), (222, 92, 140), (255, 196, 150)),
    ((36, 96, 160), (70, 176, 190), (220, 240, 210)),
    ((60, 60, 150), (150, 80, 190), (120, 210, 230)),
    ((130, 50, 70), (230, 120, 80), (255, 220, 150)),
]

_PLANETS: list[Colour] = [(214, 140, 96), (120, 160, 200), (196, 176, 140), (170, 110, 160)]


def paint_space(work: Underpainting) -> None:
    """Deep blue-black, a nebula across it, stars; a planet to stand on where something stands."""
    noise, dice = work.noise(), work.dice
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, (10, 12, 36))
    low, middle, core = dice.pick(_NEBULAE)
    turn = dice.between(-0.7, 0.7)
    band = (
        work.y
        - np.float32(work.tall * 0.42)
        + (work.x - np.float32(work.wide / 2)) * np.float32(turn)
    )
    drift = noise.fractal(work.x * np.float32(2), work.y * np.float32(2), 4)
    fine = noise.fractal(work.x * np.float32(4) + drift, work.y * np.float32(4) + drift, 4)
    close = smooth(0.62, 0.0, np.abs(band + (drift - np.float32(0.5)) * np.float32(0.6)))
    work.cover(close * smooth(0.25, 0.6, fine) * np.float32(0.75), low)
    work.cover(close * smooth(0.42, 0.7, fine) * np.float32(0.7), middle)
    work.cover(close * smooth(0.56, 0.78, fine) * np.float32(0.75), core)
    work.cover(close * smooth(0.5, 0.3, drift) * np.float32(0.5), (8, 8, 28))
    step = np.float32(0.02)
    dx = noise.fractal(work.x * np.float32(2), work.y * np.float32(2) + step, 2) - drift
    dy = drift - noise.fractal(work.x * np.float32(2) + step, work.y * np.float32(2), 2)
    work.steer(everywhere, dx + np.float32(0.004), dy, 0.8)
    paint_stars(work, int(230 * work.wide * work.tall), work.tall * 1.2)
    _far_planet(work)
    if any(thing.placement in (Placement.STANDING, Placement.SMALL) for thing in work.scene.things):
        _planet_below(work)


def _far_planet(work: Underpainting) -> None:
    dice = work.dice
    x = (0.5 + work.scene.light_from * dice.between(-0.42, -0.3)) * work.wide
    _ball(
        work, x, dice.between(0.12, 0.3) * work.tall, dice.between(0.05, 0.1), dice.pick(_PLANETS)
    )


def _ball(work: Underpainting, x: float, y: float, radius: float, colour: Colour) -> None:
    dx = (work.x - np.float32(x)) / np.float32(radius)
    dy = (work.y - np.float32(y)) / np.float32(radius)
    away = np.sqrt(dx * dx + dy * dy)
    mask = smooth(1.03, 0.97, away)
    bands = work.noise().fractal(dx * np.float32(0.7), dy * np.float32(3.5), 3)
    work.cover(mask, colour)
    work.cover(mask * smooth(0.45, 0.7, bands) * np.float32(0.6), mix(colour, (255, 244, 220), 0.5))
    side = dx * np.float32(-work.scene.light_from) + dy * np.float32(0.6)
    work.cover(mask * smooth(-0.3, 0.9, side) * np.float32(0.9), (10, 10, 34))
    work.steer(mask, np.ones_like(mask), np.zeros_like(mask) + np.float32(0.1), 0.9)


def _planet_below(work: Underpainting) -> None:
    """A curved, cratered ground."""
    palette, noise = work.palette, work.noise()
    soil = work.dice.pick([(176, 170, 178), (206, 134, 96), (150, 150, 180)])
    middle = work.x - np.float32(work.wide / 2)
    line = np.float32(work.horizon - 0.04) + middle * middle * np.float32(0.28 / work.wide)
    mask = work.below(line, 0.006)
    down = work.y - line
    soft = noise.fractal(work.x * np.float32(4), work.y * np.float32(10), 4)
    work.cover(mask, mix(soil, (255, 250, 240), 0.25))
    work.cover(mask * smooth(0.05, 0.5, down) * np.float32(0.7), mix(soil, palette.shadow, 0.6))
    work.cover(mask * smooth(0.5, 0.3, soft) * np.float32(0.45), mix(soil, palette.shadow, 0.6))
    glow = smooth(-0.05, 0.0, down) * smooth(0.012, 0.0, down)
    work.cover(glow * np.float32(0.6), (190, 214, 255))
    for _ in range(int(7 * work.wide)):
        _crater(work, soil)
    work.level(mask, 0.8)


def _crater(work: Underpainting, soil: Colour) -> None:
    dice = work.dice
    near = dice.unit()
    x = dice.between(0.0, work.wide)
    y = work.horizon + 0.05 + near * (work.tall - work.horizon)
    size = 0.02 + 0.05 * near * dice.unit()
    bowl = work.around(x, y, size, 2.6)
    rim = work.around(x, y - size * 0.1, size * 1.25, 2.6)
    work.cover(
        np.minimum(rim * np.float32(2), 1.0) * np.float32(0.4), mix(soil, (255, 250, 240), 0.5)
    )
    work.cover(
        np.minimum(bowl * np.float32(2), 1.0) * np.float32(0.6), mix(soil, (40, 36, 70), 0.55)
    )


def paint_open_sky(work: Underpainting) -> None:
    """Nothing but sky above a sea of clouds."""
    paint_sky(work, work.tall)
    palette = work.palette
    white = mix((252, 250, 248), palette.sun, 0.25)
    if palette.night:
        white = palette.lit((190, 200, 226))
    for share in (0.0, 0.3, 0.62):
        line = work.horizon + share * (work.tall - work.horizon)
        _cloud_bank(work, line, mix(white, palette.haze, 0.45 - share * 0.5))


def _cloud_bank(work: Underpainting, top: float, white: Colour) -> None:
    palette, noise = work.palette, work.noise()
    cells = work.x * np.float32(3.2)
    lumps = np.abs(noise.ridge(cells, 3) * np.float32(2) - np.float32(1))
    line = np.float32(top) + lumps * np.float32(0.12) - np.float32(0.08)
    mask = work.below(line, 0.02)
    down = np.clip((work.y - line) * np.float32(5), 0.0, 1.0)
    soft = noise.fractal(work.x * np.float32(3), work.y * np.float32(5), 3)
    work.cover(mask, white)
    dim = mix(mix(white, palette.middle, 0.5), palette.shadow, 0.12)
    work.cover(mask * smooth(0.1, 1.0, down + soft - np.float32(0.5)) * np.float32(0.8), dim)
    work.steer(mask, np.ones_like(soft), (soft - np.float32(0.5)) * np.float32(3), 0.8)
