"""Open country: meadow, field, mountains, snow, desert."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Season
from algovera_desktop.server.pipelines.sketch.fields import Floats, sine, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky
from algovera_desktop.server.pipelines.sketch.turf import (
    conifers,
    fallen_leaves,
    flowers,
    grass_blades,
    hills,
    turf,
)
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted


def paint_meadow(work: Underpainting) -> None:
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    blue = mix(palette.grass, palette.lit((70, 110, 160)), 0.45)
    hills(work, horizon + 0.02, 0.17, 1.5, mix(blue, palette.haze, 0.5))
    hills(work, horizon + 0.03, 0.1, 2.3, mix(palette.grass, palette.haze, 0.32))
    conifers(work, horizon + 0.012, 0.035, mix(palette.leaves[2], palette.haze, 0.3), 0.45)
    turf(work, palette.grass)
    _grown_over(work)


def _grown_over(work: Underpainting) -> None:
    season = work.commission.season
    grass_blades(work, 200)
    if season in (Season.SPRING, Season.SUMMER):
        flowers(work, 230 if season is Season.SPRING else 150)
    if season is Season.AUTUMN:
        fallen_leaves(work, 150)


def paint_field(work: Underpainting) -> None:
    """Rows of a crop that run together far away."""
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    hills(work, horizon + 0.015, 0.1, 1.8, mix(palette.grass, palette.haze, 0.5))
    conifers(work, horizon + 0.008, 0.04, mix(palette.leaves[2], palette.haze, 0.4), 0.5)
    crop = palette.lit((222, 180, 82))
    if work.commission.season is Season.SPRING:
        crop = palette.lit((150, 182, 78))
    if work.commission.season is Season.WINTER:
        crop = palette.lit((176, 158, 132))
    turf(work, crop)
    mask = work.below(horizon + 0.01)
    away = np.maximum(work.y - np.float32(horizon - 0.03), np.float32(0.02))
    vanishing = np.float32(work.wide * work.dice.between(0.35, 0.65))
    fan = (work.x - vanishing) / away
    wobble = work.noise().at(fan * np.float32(2), work.y * np.float32(6)) * np.float32(0.12)
    rows = sine(fan * np.float32(2.1) + wobble)
    work.cover(mask * smooth(0.15, 0.9, rows) * np.float32(0.5), mix(crop, palette.sun, 0.42))
    furrow = mix(mix(crop, palette.lit((110, 76, 40)), 0.55), palette.shadow, 0.2)
    work.cover(mask * smooth(-0.2, -0.95, rows) * np.float32(0.62), furrow)
    flat = np.zeros_like(work.cosine)
    work.steer(mask, flat + work.x - vanishing, flat + away, 0.9)
    grass_blades(work, 160, crop)


def paint_mountains(work: Underpainting) -> None:
    """Ranges one behind another, paler with distance, snow on their lit flanks."""
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    rock = palette.lit((104, 108, 132))
    for height, per_unit, distance in ((0.56, 1.15, 0.46), (0.36, 1.7, 0.24)):
        _range(work, height, per_unit, mix(rock, palette.haze, distance), distance)
    wood = mix(palette.leaves[2], palette.haze, 0.22)
    hills(work, horizon + 0.03, 0.11, 2.6, wood)
    conifers(work, horizon + 0.015, 0.075, mix(wood, palette.shadow, 0.25), 0.4)
    turf(work, palette.grass)
    _grown_over(work)


def _range(
    work: Underpainting, height: float, per_unit: float, colour: Colour, distance: float
) -> None:
    palette, noise = work.palette, work.noise()
    x = work.x * np.float32(per_unit)
    peaks = np.abs(noise.ridge(x, 5) * np.float32(2.0) - np.float32(1.0))
    line = np.float32(work.horizon + 0.04) - (np.float32(1.0) - peaks) * np.float32(height)
    mask = work.below(line, 0.004)
    down = (work.y - line) * np.float32(1.0 / height)
    lean = np.float32(0.9 * work.scene.light_from)
    folds = noise.fractal(
        x * np.float32(3) + down * lean * np.float32(2), down * np.float32(1.6), 4
    )
    work.cover(mask, colour)
    lit = smooth(0.48, 0.6, folds)
    snow = smooth(0.5, 0.22, down + (folds - np.float32(0.5)) * np.float32(0.5))
    white = mix(mix((246, 248, 255), palette.sun, 0.25), palette.haze, distance * 0.55)
    white = palette.lit(white) if palette.night else white
    work.cover(mask * lit * np.float32(0.55), mix(colour, palette.sun, 0.5))
    work.cover(mask * (np.float32(1.0) - lit) * np.float32(0.45), mix(colour, palette.shadow, 0.5))
    work.cover(mask * snow * (np.float32(0.35) + np.float32(0.6) * lit), white)
    foot = smooth(0.55, 1.0, down)
    work.cover(mask * foot * np.float32(0.5), palette.haze)
    flat = np.zeros_like(work.cosine)
    work.steer(
        mask, flat + (lit - np.float32(0.5)) * lean * np.float32(2), flat + np.float32(1), 0.9
    )


def paint_snow(work: Underpainting) -> None:
    """Drifts: warm white where the light falls, blue in every hollow."""
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    white = palette.lit(mix((244, 247, 255), palette.sun, 0.18))
    blue = palette.lit((166, 188, 228))
    hills(work, horizon + 0.02, 0.18, 1.6, mix(mix(blue, white, 0.5), palette.haze, 0.4))
    wood = palette.lit((58, 86, 92))
    conifers(work, horizon + 0.01, 0.09, mix(wood, palette.haze, 0.42), 0.55)
    conifers(work, horizon + 0.03, 0.13, mix(wood, palette.haze, 0.16), 0.3)
    work.cover(work.below(horizon + 0.02), mix(white, palette.haze, 0.15))
    for share in (0.03, 0.24, 0.46, 0.72):
        _drift(work, horizon + share * (work.tall - horizon), white, blue)
    at = strewn(
        work.dice.spread(90, 0.0, work.wide), work.dice.spread(90, horizon + 0.04, work.tall)
    )
    reach = np.zeros_like(at) + np.float32(0.0012)
    work.dab(at, reach, np.zeros((90, 3), np.float32) + np.float32(255), 0.0018)


def _drift(work: Underpainting, top: float, white: Colour, blue: Colour) -> None:
    noise = work.noise()
    line = np.float32(top) + (
        noise.ridge(work.x * np.float32(1.1), 2) - np.float32(0.5)
    ) * np.float32(0.16)
    mask = work.below(line, 0.012)
    down = np.clip((work.y - line) * np.float32(4.5), 0.0, 1.0)
    work.cover(mask, mix(white, blue, 0.1))
    work.cover(mask * smooth(0.05, 0.9, down) * np.float32(0.75), blue)
    soft = noise.fractal(work.x * np.float32(2.2), work.y * np.float32(6), 3)
    work.cover(mask * smooth(0.5, 0.72, soft) * np.float32(0.6), white)
    slope = np.zeros_like(work.cosine)
    slope[:, 1:] = (line[:, 1:] - line[:, :-1]) / np.float32(work.wide / line.shape[1])
    work.steer(mask, np.ones_like(slope), slope, 0.9)


def paint_desert(work: Underpainting) -> None:
    """Dunes with a sharp crest: one flank in the sun, one in the shade."""
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    sand = palette.lit((232, 178, 104))
    hills(work, horizon + 0.01, 0.1, 1.4, mix(palette.lit((190, 130, 110)), palette.haze, 0.45))
    work.cover(work.below(horizon + 0.01), mix(sand, palette.haze, 0.2))
    for index, share in enumerate((0.02, 0.12, 0.3, 0.55, 0.85)):
        across = 0.5 + (0.34 if index % 2 else -0.34) * work.scene.light_from
        across += work.dice.between(-0.14, 0.14)
        top = horizon + share * (work.tall - horizon)
        _dune(work, (across * work.wide, top), 0.1 + 0.12 * share, sand)


def _dune(work: Underpainting, foot: tuple[float, float], height: float, sand: Colour) -> None:
    """One dune: its crest runs down towards the painter in an S and parts light from shade."""
    palette, noise, side = work.palette, work.noise(), work.scene.light_from
    x, top = foot
    wide = np.float32(0.55 + 3.0 * height)
    sway = (noise.ridge(work.x * np.float32(1.2), 2) - np.float32(0.5)) * np.float32(0.07)
    rise = smooth(1.0, 0.0, np.abs(work.x - np.float32(x)) / wide) * np.float32(height)
    line = np.float32(top + 0.02) + sway - rise
    mask = work.below(line, 0.003)
    down = work.y - line
    crest = np.float32(x - side * 0.02) - np.float32(side) * (
        down * np.float32(0.9) + sine(down * np.float32(1.9)) * np.float32(0.07)
    )
    away = (crest - work.x) * np.float32(side)
    work.cover(mask, mix(sand, palette.sun, 0.32))
    shaded = smooth(-0.004, 0.012, away) * smooth(0.75, 0.05, away) * smooth(0.42, 0.0, down)
    work.cover(mask * shaded * np.float32(0.85), mix(sand, palette.shadow, 0.5))
    dusty = mix(sand, palette.lit((196, 118, 70)), 0.55)
    work.cover(mask * smooth(0.06, 0.4, down) * np.float32(0.4), dusty)
    ripple = sine(down * np.float32(30) + sway * np.float32(60) + work.x * np.float32(2))
    near = smooth(work.horizon, work.tall, work.y)
    work.cover(mask * smooth(0.2, 1.0, ripple) * near * np.float32(0.3), palette.sun)
    work.cover(mask * smooth(-0.2, -1.0, ripple) * near * np.float32(0.2), dusty)
    slope = np.zeros_like(work.cosine)
    slope[:, 1:] = (line[:, 1:] - line[:, :-1]) / np.float32(work.wide / line.shape[1])
    lee = shaded * np.float32(0.9 * side)
    work.steer(mask, np.ones_like(slope), slope + lee, 0.9)


def pebbles(work: Underpainting, count: int, top: float, colours: list[Colour]) -> None:
    """Small flat dabs on the ground below ``top``, larger in front."""
    number = int(count * work.wide)
    at = strewn(work.dice.spread(number, 0, work.wide), work.dice.spread(number, top, work.tall))
    flat: Floats = work.dice.spread(number, 0.002, 0.006)
    work.dab(
        at, strewn(flat, flat * np.float32(0.1)), tinted(colours, work.dice.units(number)), 0.0032
    )
