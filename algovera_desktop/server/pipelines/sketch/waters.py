"""Water: sea, beach, lake, and the world below the surface."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import TimeOfDay, Weather
from algovera_desktop.server.pipelines.sketch.fields import Floats, sine, smooth
from algovera_desktop.server.pipelines.sketch.land import pebbles
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky
from algovera_desktop.server.pipelines.sketch.turf import conifers, grass_blades, hills
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted


def paint_sea(work: Underpainting) -> None:
    paint_sky(work)
    rough = 1.9 if work.commission.weather is Weather.STORM else 1.0
    _water(work, (22, 84, 134), (60, 150, 176), waves=rough)
    if work.scene.shore < 1.0:
        _strand(work)


def paint_beach(work: Underpainting) -> None:
    paint_sky(work)
    _water(work, (26, 118, 158), (92, 196, 198), waves=0.7)
    _strand(work)


def paint_lake(work: Underpainting) -> None:
    paint_sky(work)
    palette, horizon = work.palette, work.horizon
    far = mix(palette.leaves[2], palette.haze, 0.55)
    hills(work, horizon + 0.02, 0.24, 1.4, mix(palette.lit((96, 116, 150)), palette.haze, 0.5))
    hills(work, horizon + 0.015, 0.1, 2.2, far)
    conifers(work, horizon + 0.004, 0.08, mix(palette.leaves[2], palette.haze, 0.3), 0.6)
    above = work.rgb.copy()
    _water(work, (34, 92, 120), (96, 160, 176), waves=0.3)
    _mirror_far_shore(work, above)
    if work.scene.shore < 1.0:
        _bank(work)


def _water(work: Underpainting, deep: Colour, shallow: Colour, waves: float) -> None:
    """The sky's colour at the horizon, its own in front, in bands that widen as they near."""
    palette, noise = work.palette, work.noise()
    mask = work.below(work.horizon, 0.003)
    down = np.clip((work.y - np.float32(work.horizon)) / np.float32(work.tall - work.horizon), 0, 1)
    deep, shallow = palette.lit(deep), palette.lit(shallow)
    work.cover(mask, mix(mix(palette.horizon, palette.middle, 0.5), shallow, 0.3))
    work.cover(mask * smooth(0.0, 0.4, down), mix(shallow, palette.middle, 0.35))
    work.cover(mask * smooth(0.2, 1.0, down), mix(deep, palette.zenith, 0.2))
    rows = np.sqrt(down) * np.float32(17)
    near = np.float32(0.5) + down * np.float32(1.2)
    across = (work.x - np.float32(work.wide / 2)) / near * np.float32(2.4)
    swell = noise.fractal(across, rows, 3)
    crest = smooth(0.54, 0.68, swell) * (np.float32(0.3) + down)
    work.cover(mask * crest * np.float32(0.5 * waves + 0.1), mix(shallow, palette.horizon, 0.55))
    trough = smooth(0.46, 0.3, swell) * (np.float32(0.3) + down)
    work.cover(mask * trough * np.float32(0.55), mix(deep, palette.shadow, 0.4))
    bend = (swell - np.float32(0.5)) * np.float32(0.9 * waves)
    work.steer(mask, np.ones_like(swell), bend, 1.0)
    _glitter(work)
    _crests(work, int(80 * min(waves, 1.2) * work.wide), shallow)


def _glitter(work: Underpainting) -> None:
    """The road of light below the sun or moon."""
    palette = work.palette
    strength = 1.0 - palette.overcast
    low_sun = work.commission.time is not TimeOfDay.DAY
    x = work.glow[0]
    away = np.abs(work.x - np.float32(x)) / (
        np.float32(0.07) + (work.y - np.float32(work.horizon)) * np.float32(0.22)
    )
    road = smooth(1.0, 0.0, away) * work.below(work.horizon, 0.003)
    work.cover(road * np.float32((0.42 if low_sun else 0.22) * strength), palette.sun)
    count = int((120 if low_sun else 60) * strength)
    if count < 4:
        return
    near = work.dice.units(count)
    y = np.float32(work.horizon + 0.008) + near * np.float32(work.tall - work.horizon)
    spread = work.dice.spread(count, -1, 1) * work.dice.units(count)
    at = strewn(np.float32(x) + spread * (np.float32(0.07) + near * np.float32(0.2)), y)
    long = np.float32(0.004) + near * np.float32(0.018)
    colours = np.zeros((count, 3), np.float32) + np.asarray(mix(palette.sun, palette.horizon, 0.25))
    work.dab(at, strewn(long, long * np.float32(0.02)), colours, 0.0022)


def _crests(work: Underpainting, count: int, shallow: Colour) -> None:
    """Short level touches of foam."""
    if count < 4:
        return
    near = work.dice.units(count)
    y = np.float32(work.horizon + 0.01) + near * np.float32(work.tall - work.horizon)
    y = np.minimum(y, np.float32(work.scene.shore * work.tall))
    at = strewn(work.dice.spread(count, 0, work.wide), y)
    long = np.float32(0.004) + near * np.float32(0.022)
    foam = mix(shallow, work.palette.lit((250, 252, 255)), 0.72)
    colours = np.zeros((count, 3), np.float32) + np.asarray(foam)
    work.dab(at, strewn(long, work.dice.spread(count, -0.003, 0.003)), colours, 0.0026)


def _shore_line(work: Underpainting) -> Floats:
    noise = work.noise()
    slant = (work.x / np.float32(work.wide) - np.float32(0.5)) * np.float32(
        0.1 * work.scene.light_from
    )
    sway = (noise.ridge(work.x * np.float32(1.2), 2) - np.float32(0.5)) * np.float32(0.1)
    return np.float32(work.scene.shore * work.tall) + slant + sway


def _strand(work: Underpainting) -> None:
    """Shallows, a lace of foam, wet sand that mirrors the sky, dry sand."""
    palette, noise = work.palette, work.noise()
    line = _shore_line(work)
    sand = palette.lit((236, 206, 152))
    down = work.y - line
    shallow = smooth(-0.16, 0.0, down) * np.float32(0.6)
    work.cover(shallow, palette.lit((150, 220, 208)))
    for offset, width, part in ((-0.055, 0.012, 0.75), (-0.012, 0.018, 0.95)):
        lace = noise.ridge(work.x * np.float32(5) + np.float32(offset * 90), 3) * np.float32(0.03)
        foam = smooth(width, 0.0, np.abs(down - np.float32(offset) - lace + np.float32(0.015)))
        work.cover(foam * np.float32(part), palette.lit((250, 252, 252)))
    ground = work.below(line + np.float32(0.012), 0.01)
    work.cover(ground, sand)
    wet = smooth(0.1, 0.0, down) * ground
    work.cover(wet * np.float32(0.7), mix(mix(sand, palette.middle, 0.4), palette.shadow, 0.2))
    soft = noise.fractal(work.x * np.float32(2.5), work.y * np.float32(8), 4)
    work.cover(ground * smooth(0.48, 0.75, soft) * np.float32(0.4), mix(sand, palette.sun, 0.6))
    dim = mix(sand, palette.shadow, 0.32)
    work.cover(ground * smooth(0.46, 0.22, soft) * np.float32(0.45), dim)
    work.cover(ground * smooth(0.12, 0.7, down) * np.float32(0.3), dim)
    bend = (soft - np.float32(0.5)) * np.float32(0.8)
    work.steer(ground, np.ones_like(soft), bend, 0.8)
    shells = [mix(sand, (255, 255, 250), 0.6), dim, palette.lit((226, 150, 130))]
    pebbles(work, 60, work.scene.shore * work.tall + 0.12, shells)


def _bank(work: Underpainting) -> None:
    """The near shore: grass and stones that people and animals stand on."""
    palette, noise = work.palette, work.noise()
    line = _shore_line(work)
    down = work.y - line
    ground = work.below(line, 0.008)
    work.cover(smooth(-0.05, 0.0, down) * np.float32(0.5), mix(palette.grass, palette.shadow, 0.7))
    work.cover(ground, mix(palette.grass, palette.sun, 0.2))
    soft = noise.fractal(work.x * np.float32(3), work.y * np.float32(8), 4)
    work.cover(ground * smooth(0.48, 0.25, soft), mix(palette.grass, palette.shadow, 0.35))
    work.cover(ground * smooth(0.05, 0.4, down) * np.float32(0.4), palette.shadow)
    work.steer(ground, np.ones_like(soft), (soft - np.float32(0.5)) * np.float32(1.5), 0.8)
    stones = [palette.lit((150, 148, 146)), palette.lit((198, 192, 182))]
    pebbles(work, 40, work.scene.shore * work.tall + 0.04, stones)
    count = int(60 * work.wide)
    x = work.dice.spread(count, 0, work.wide)
    y = work.dice.spread(count, 0.0, 0.1) + np.float32(work.scene.shore * work.tall)
    reeds = [mix(palette.grass, palette.sun, 0.3), mix(palette.grass, palette.shadow, 0.4)]
    lean = work.dice.spread(count, -0.012, 0.012)
    rise = -work.dice.spread(count, 0.02, 0.05)
    work.dab(
        strewn(x, y), strewn(lean, rise), tinted(reeds, work.dice.units(count)), 0.0025, bend=0.2
    )
    if work.horizon < work.tall * 0.4:
        grass_blades(work, 40)


def _mirror_far_shore(work: Underpainting, above: Floats) -> None:
    """Hills and sky stand upside down in still water, streaked by the wind."""
    rows = work.rgb.shape[0]
    first = min(rows - 1, int(work.horizon / work.tall * rows) + 1)
    below = rows - first
    source = np.clip(first - 2 - np.arange(below), 0, rows - 1)
    mirrored = above[source] * np.float32(0.82)
    fade = np.linspace(0.72, 0.12, below, dtype=np.float32)[:, None, None]
    streak = work.noise().at(work.x * np.float32(1.6), work.y[first:] * np.float32(55))
    fade = fade * smooth(0.9, 0.6, streak)[..., None]
    work.rgb[first:] += (mirrored - work.rgb[first:]) * fade


def paint_underwater(work: Underpainting) -> None:
    """Light from above in slanting shafts, blue depth, sand with weeds and corals."""
    palette, noise = work.palette, work.noise()
    top, deep = palette.lit((120, 214, 214)), palette.lit((10, 56, 112))
    everywhere = np.ones_like(work.cosine)
    t = work.y / np.float32(work.tall) + (
        noise.fractal(work.x * np.float32(1.3), work.y * np.float32(2), 3) - np.float32(0.5)
    ) * np.float32(0.3)
    work.cover(everywhere, top)
    work.cover(smooth(0.0, 0.5, t), palette.lit((40, 140, 178)))
    work.cover(smooth(0.35, 1.0, t), deep)
    slope = np.float32(0.34 * work.scene.light_from)
    beam = work.x + work.y * slope
    rays = noise.ridge(beam * np.float32(4.2), 3)
    fade = smooth(0.9, 0.0, work.y / np.float32(work.tall))
    work.cover(smooth(0.5, 0.74, rays) * fade * np.float32(0.5), mix(top, (250, 255, 240), 0.6))
    flat = np.zeros_like(work.cosine)
    work.steer(everywhere, flat - slope, flat + np.float32(1.0), 0.55)
    _reef(work, deep)
    _seabed(work)
    _weeds(work)
    _bubbles(work)


def _reef(work: Underpainting, deep: Colour) -> None:
    palette = work.palette
    water = palette.lit((36, 118, 158))
    hills(work, work.horizon + 0.1, 0.62, 1.9, mix(deep, water, 0.72))
    hills(work, work.horizon + 0.08, 0.34, 2.9, mix(deep, palette.lit((52, 96, 150)), 0.5))


def _seabed(work: Underpainting) -> None:
    palette, noise = work.palette, work.noise()
    sand = mix(palette.lit((214, 200, 156)), palette.lit((40, 130, 170)), 0.36)
    rise = (noise.ridge(work.x * np.float32(1.6), 2) - np.float32(0.5)) * np.float32(0.08)
    mask = work.below(np.float32(work.horizon) + rise, 0.012)
    work.cover(mask, sand)
    web = sine(noise.fractal(work.x * np.float32(4), work.y * np.float32(9), 2) * np.float32(3))
    work.cover(mask * smooth(0.75, 1.0, web) * np.float32(0.6), mix(sand, (250, 255, 235), 0.6))
    down = (work.y - np.float32(work.horizon)) / np.float32(work.tall - work.horizon)
    work.cover(mask * smooth(0.3, 1.1, down) * np.float32(0.5), palette.lit((16, 70, 116)))
    work.level(mask, 0.9)


_CORALS: list[Colour] = [(240, 112, 100), (250, 166, 92), (222, 104, 160), (140, 90, 180)]
_WEEDS: list[Colour] = [(46, 132, 92), (98, 156, 70), (30, 100, 96)]


def _weeds(work: Underpainting) -> None:
    """Stalks of touches that sway more the higher they reach, and bushes of coral."""
    palette, dice = work.palette, work.dice
    for _ in range(int(9 * work.wide) + 4):
        coral = dice.chance(0.4)
        x = dice.between(0.0, work.wide)
        y = work.horizon + dice.between(0.02, 0.9) * (work.tall - work.horizon)
        tall = dice.between(0.05, 0.1) if coral else dice.between(0.1, 0.26)
        blades = 7 if coral else 4
        colour = palette.lit(dice.pick(_CORALS if coral else _WEEDS))
        for blade in range(blades):
            _stalk(work, x, y, tall, (blade / (blades - 1) - 0.5) * (1.3 if coral else 0.5), colour)


def _stalk(
    work: Underpainting, x: float, y: float, tall: float, lean: float, colour: Colour
) -> None:
    count = max(4, int(tall * 60))
    t = np.linspace(0.0, 1.0, count, dtype=np.float32)
    sway = sine(t * np.float32(0.8) + np.float32(work.dice.unit())) * np.float32(0.02) * t
    at = strewn(
        np.float32(x) + t * np.float32(lean * tall) + sway, np.float32(y) - t * np.float32(tall)
    )
    reach = np.zeros_like(at)
    reach[:, 1] = np.float32(-tall / count)
    reach[:, 0] = np.float32(lean * tall / count)
    light = mix(colour, work.palette.sun, 0.35)
    colours = np.asarray(colour, np.float32) + t[:, None] * (
        np.asarray(light, np.float32) - np.asarray(colour, np.float32)
    )
    work.dab(at, reach, colours, 0.006)


def _bubbles(work: Underpainting) -> None:
    dice = work.dice
    for _ in range(int(5 * work.wide) + 2):
        x, y = dice.between(0.0, work.wide), dice.between(0.1, 0.8) * work.tall
        count = 4 + dice.whole(4)
        at = strewn(
            np.float32(x) + dice.spread(count, -0.02, 0.02),
            np.float32(y) - np.arange(count, dtype=np.float32) * np.float32(0.03),
        )
        colours = np.zeros((count, 3), np.float32) + np.asarray(work.palette.lit((206, 242, 244)))
        size = dice.between(0.003, 0.0065)
        work.dab(at, np.zeros_like(at) + np.float32(size * 0.3), colours, size)
