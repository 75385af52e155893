"""Paintings of nothing: several families of composition, in harmonies of five colours."""

from collections.abc import Callable

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import TimeOfDay
from algovera_desktop.server.pipelines.sketch.fields import Floats, heading, sine, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn, tinted

_Harmony = tuple[Colour, Colour, Colour, Colour, Colour]

_HARMONIES: list[_Harmony] = [
    ((24, 42, 84), (44, 110, 150), (238, 186, 92), (226, 96, 70), (248, 236, 212)),
    ((52, 30, 70), (150, 60, 120), (240, 130, 110), (250, 206, 140), (80, 150, 170)),
    ((22, 62, 66), (62, 132, 118), (180, 200, 140), (240, 220, 170), (216, 112, 74)),
    ((34, 34, 44), (190, 52, 54), (236, 222, 198), (222, 164, 74), (70, 98, 130)),
    ((46, 60, 110), (120, 140, 210), (234, 190, 214), (252, 236, 226), (246, 160, 120)),
    ((60, 36, 34), (156, 82, 50), (222, 158, 88), (246, 226, 180), (72, 112, 116)),
    ((16, 52, 96), (22, 128, 170), (120, 206, 206), (250, 246, 230), (250, 176, 66)),
    ((70, 24, 50), (180, 48, 84), (246, 120, 96), (254, 202, 120), (58, 84, 132)),
    ((34, 44, 66), (74, 96, 128), (128, 148, 168), (176, 168, 176), (214, 216, 218)),
    ((120, 70, 130), (255, 130, 120), (255, 196, 70), (120, 210, 190), (255, 246, 220)),
    ((20, 14, 22), (110, 16, 28), (206, 38, 34), (250, 130, 40), (250, 214, 150)),
    ((22, 24, 32), (58, 48, 66), (96, 66, 78), (128, 110, 104), (190, 178, 160)),
    ((150, 170, 190), (190, 208, 220), (232, 220, 214), (246, 232, 214), (252, 250, 246)),
    ((40, 20, 90), (110, 40, 180), (240, 60, 150), (40, 200, 220), (255, 240, 120)),
]
_NEAREST = 3
"""Of how many fitting harmonies or families the seed chooses."""


def _temper(harmony: _Harmony) -> tuple[float, float, float]:
    """How warm, how vivid and how light five colours are together, -1.0 to 1.0 each."""
    warm = sum(red - blue for red, _, blue in harmony) / len(harmony)
    vivid = sum(max(colour) - min(colour) for colour in harmony) / len(harmony)
    light = sum(sum(colour) for colour in harmony) / len(harmony) / 3.0
    return warm / 80.0, (vivid - 85.0) / 60.0, (light - 128.0) / 70.0


def paint_abstract(work: Underpainting) -> None:
    """With things in it a quiet stage, without them a painting of its own."""
    colours = _harmony(work)
    if work.commission.subjects:
        _stage(work, colours)
        return
    _family(work)(work, colours)
    _sparks(work, colours)


_Family = Callable[[Underpainting, list[Colour]], None]


def _family(work: Underpainting) -> _Family:
    """Level and round forms for calm words, turning and broken ones for restless words."""
    restless = work.commission.mood.turbulence
    ranked: list[tuple[float, _Family]] = [
        (-0.9, _fields),
        (-0.5, _ribbons),
        (-0.1, _circles),
        (0.2, _sails),
        (0.6, _shards),
        (0.9, _vortex),
    ]
    if restless:
        ranked.sort(key=lambda pair: abs(pair[0] - restless))
        ranked = ranked[:_NEAREST]
    return work.dice.pick([family for _, family in ranked])


def _fitting(work: Underpainting) -> _Harmony:
    """A harmony in the mood of the words."""
    mood = work.commission.mood
    wanted = (mood.warmth, mood.saturation, mood.lightness)
    if not any(wanted):
        return work.dice.pick(_HARMONIES)

    def distance(harmony: _Harmony) -> float:
        apart = zip(_temper(harmony), wanted, strict=True)
        return sum((have - want * 1.6) * (have - want * 1.6) for have, want in apart)

    return work.dice.pick(sorted(_HARMONIES, key=distance)[:_NEAREST])


def _harmony(work: Underpainting) -> list[Colour]:
    """Five colours from dark to light, led by those that the prompt names."""
    named = work.commission.colours
    base = list(_fitting(work))
    if named:
        for index in range(1, 4):
            wanted = named[(index - 1) % len(named)]
            base[index] = mix(wanted, base[index], 0.18 + 0.1 * index * (len(named) == 1))
        base[0] = mix(named[0], (14, 14, 30), 0.72)
        base[4] = mix(named[-1], (252, 246, 234), 0.75)
    if work.commission.time is TimeOfDay.NIGHT:
        base = [mix(colour, (14, 18, 52), 0.4) for colour in base]
    return base


def _stage(work: Underpainting, colours: list[Colour]) -> None:
    """A studio's backdrop in broad soft strokes, with a floor and a pool of light."""
    palette, noise, dice = work.palette, work.noise(), work.dice
    everywhere = np.ones_like(work.cosine)
    back = mix(colours[dice.pick([1, 2, 3])], colours[4], 0.5)
    back, accent = palette.lit(back), palette.lit(colours[dice.pick([1, 2, 3])])
    work.cover(everywhere, back)
    x, y = work.x * np.float32(1.4), work.y * np.float32(1.4)
    drift = noise.fractal(x, y, 3)
    turned = noise.fractal(x + np.float32(5), y + drift, 3)
    work.cover(smooth(0.5, 0.72, drift) * np.float32(0.6), accent)
    work.cover(smooth(0.52, 0.75, turned) * np.float32(0.55), palette.lit(colours[4]))
    work.cover(smooth(0.45, 0.2, turned) * np.float32(0.45), mix(accent, back, 0.3))
    work.cover(
        work.around(work.wide / 2, work.horizon * 0.6, 0.6) * np.float32(0.5),
        palette.lit(colours[4]),
    )
    floor = work.below(work.horizon, 0.05)
    work.cover(floor * np.float32(0.7), mix(back, palette.shadow, 0.3))
    lit = work.around(work.wide / 2, work.horizon + 0.1, 0.7, 2.6)
    work.cover(lit * floor * np.float32(0.5), mix(back, palette.sun, 0.5))
    work.steer(everywhere, turned - np.float32(0.35), drift - np.float32(0.5), 0.8)
    work.level(floor * np.float32(0.8), 0.9)


def _fields(work: Underpainting, colours: list[Colour]) -> None:
    """Two or three glowing fields with breathing edges, one above the other."""
    dice, noise = work.dice, work.noise()
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, mix(colours[0], colours[1], 0.35))
    edges = sorted([dice.between(0.3, 0.45), dice.between(0.6, 0.74)])
    if dice.chance(0.4):
        edges = edges[1:]
    stops = [0.05, *edges, 0.95]
    order = [dice.pick([2, 3]), dice.pick([1, 4]), dice.pick([3, 2])]
    wobble = (
        noise.fractal(work.x * np.float32(4), work.y * np.float32(4), 4) - np.float32(0.5)
    ) * np.float32(0.07)
    for index in range(len(stops) - 1):
        top, bottom = (stops[index] + 0.018) * work.tall, (stops[index + 1] - 0.018) * work.tall
        down = np.minimum(work.y - np.float32(top), np.float32(bottom) - work.y)
        across = np.minimum(work.x, np.float32(work.wide) - work.x) - np.float32(0.06 * work.wide)
        mask = smooth(-0.02, 0.045, np.minimum(down, across) + wobble)
        colour = colours[order[index]]
        work.cover(mask * np.float32(0.95), colour)
        glow = work.noise().fractal(work.x * np.float32(1.5), work.y * np.float32(2.5), 3)
        work.cover(mask * smooth(0.45, 0.75, glow) * np.float32(0.5), mix(colour, colours[4], 0.55))
        work.cover(mask * smooth(0.45, 0.2, glow) * np.float32(0.4), mix(colour, colours[1], 0.5))
    work.steer(everywhere, everywhere, wobble * np.float32(5), 0.9)


def _circles(work: Underpainting, colours: list[Colour]) -> None:
    """Discs and rings about a few centres, strokes running round."""
    dice, noise = work.dice, work.noise()
    everywhere = np.ones_like(work.cosine)
    wash = noise.fractal(work.x * np.float32(1.4), work.y * np.float32(1.4), 3)
    work.cover(everywhere, mix(colours[4], colours[2], 0.25))
    work.cover(smooth(0.4, 0.75, wash) * np.float32(0.8), mix(colours[1], colours[4], 0.4))
    sizes = [0.4, 0.28, 0.2, 0.15, 0.11, 0.08, 0.06]
    for index, size in enumerate(sizes):
        x = dice.between(0.12, 0.88) * work.wide
        y = dice.between(0.12, 0.88) * work.tall
        if index == 0:
            x, y = dice.pick([0.36, 0.62]) * work.wide, dice.pick([0.4, 0.58]) * work.tall
        _rings(work, x, y, size * dice.between(0.85, 1.1), colours, 5 if index < 2 else 3)


def _rings(
    work: Underpainting, x: float, y: float, size: float, colours: list[Colour], count: int
) -> None:
    dx, dy = work.x - np.float32(x), work.y - np.float32(y)
    away = np.sqrt(dx * dx + dy * dy)
    first = work.dice.whole(5)
    for ring in range(count):
        reach = size * (1.0 - ring / count) * (0.94 if ring % 2 else 1.0)
        mask = smooth(reach + 0.004, reach - 0.004, away)
        colour = colours[(first + ring * 2) % 5]
        work.cover(mask * np.float32(0.93), colour)
        side = dx * np.float32(work.scene.light_from) + dy
        work.cover(mask * smooth(0.0, 0.3, side) * np.float32(0.35), mix(colour, colours[0], 0.6))
    flat = np.zeros_like(work.cosine)
    work.steer(smooth(size + 0.05, size - 0.02, away), flat - dy, flat + dx, 1.0)


def _ribbons(work: Underpainting, colours: list[Colour]) -> None:
    """Bands of colour flowing across like hills or cloth."""
    dice, noise = work.dice, work.noise()
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, mix(colours[4], colours[2], 0.2))
    turn = dice.between(-0.5, 0.5)
    bands = 9
    for index in range(bands):
        level = (index + 0.6) / bands * (work.tall + 0.3) - 0.15
        sway = noise.ridge(work.x * np.float32(1.2) + np.float32(index * 0.21), 2) - np.float32(0.5)
        line = (
            np.float32(level)
            + sway * np.float32(0.5)
            + (work.x - np.float32(work.wide / 2)) * np.float32(turn)
        )
        mask = work.below(line, 0.006)
        colour = colours[(index * 3 + dice.whole(2)) % 5]
        work.cover(mask, colour)
        down = work.y - line
        work.cover(mask * smooth(0.09, 0.0, down) * np.float32(0.55), mix(colour, colours[4], 0.6))
        work.cover(mask * smooth(0.03, 0.2, down) * np.float32(0.5), mix(colour, colours[0], 0.45))
        slope = np.zeros_like(work.cosine)
        slope[:, 1:] = (line[:, 1:] - line[:, :-1]) / np.float32(work.wide / line.shape[1])
        work.steer(mask, np.ones_like(slope), slope, 1.0)


def _shards(work: Underpainting, colours: list[Colour]) -> None:
    """Facets like cut glass: every place belongs to its nearest seed."""
    dice = work.dice
    count = int(15 + 7 * work.wide * work.tall)
    xs, ys = dice.spread(count, 0, work.wide), dice.spread(count, 0, work.tall)
    best = np.full_like(work.cosine, 99.0)
    second = best.copy()
    owner = np.zeros(work.cosine.shape, np.int32)
    for index in range(count):
        dx, dy = work.x - xs[index], work.y - ys[index]
        away = np.abs(dx) * np.float32(0.9) + np.abs(dy) + np.abs(dx + dy) * np.float32(0.5)
        nearer = away < best
        second = np.where(nearer, best, np.minimum(second, away))
        owner = np.where(nearer, np.int32(index), owner)
        best = np.minimum(best, away)
    chosen = tinted(list(colours), dice.units(count))
    slant = work.x * np.float32(work.scene.light_from) + work.y
    centre = xs * np.float32(work.scene.light_from) + ys
    facet = np.clip((slant - centre[owner]) * np.float32(2.2), -0.6, 0.6)[..., None]
    light, dark = np.asarray(colours[4], np.float32), np.asarray(colours[0], np.float32)
    rgb = chosen[owner]
    rgb = rgb + (np.where(facet < 0, light, dark) - rgb) * np.abs(facet) * np.float32(0.85)
    work.cover(np.ones_like(work.cosine), rgb)
    work.cover(
        smooth(0.016, 0.004, second - best) * np.float32(0.8), mix(colours[0], (0, 0, 0), 0.2)
    )
    turns = dice.units(count)
    dx = sine(turns + np.float32(0.25))[owner]
    work.steer(np.ones_like(work.cosine), dx, sine(turns)[owner], 0.8)


def _vortex(work: Underpainting, colours: list[Colour]) -> None:
    """Everything turns about an eye off the middle."""
    dice, noise = work.dice, work.noise()
    everywhere = np.ones_like(work.cosine)
    x, y = dice.pick([0.36, 0.64]) * work.wide, dice.pick([0.4, 0.6]) * work.tall
    dx, dy = work.x - np.float32(x), work.y - np.float32(y)
    away = np.sqrt(dx * dx + dy * dy) + np.float32(0.02)
    swirl = noise.fractal(
        away * np.float32(5),
        dx / away * np.float32(1.2) + away * np.float32(2.5) + np.float32(9),
        3,
    )
    place = np.clip(swirl * np.float32(1.9) - np.float32(0.45), 0.0, 0.999)
    ramp = np.array([colours[i] for i in (0, 1, 2, 3, 4, 4)], np.float32)
    step = place * np.float32(5)
    low = np.minimum(step.astype(np.int32), 4)
    part = smooth(0.3, 0.7, step - low)[..., None]
    work.cover(everywhere, ramp[low] + (ramp[low + 1] - ramp[low]) * part)
    work.cover(work.around(x, y, 0.3) * np.float32(0.9), colours[4])
    work.cover(smooth(0.55, 1.0, away) * np.float32(0.5), colours[0])
    inward = np.float32(0.35)
    work.steer(everywhere, -dy - dx * inward, dx - dy * inward, 1.0)


def _sails(work: Underpainting, colours: list[Colour]) -> None:
    """Large leaning planes that overlap like sails, with a sun between."""
    dice, noise = work.dice, work.noise()
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, colours[4])
    work.cover(
        smooth(0.1, 1.0, work.y / np.float32(work.tall)) * everywhere,
        mix(colours[1], colours[4], 0.4),
    )
    work.steer(everywhere, everywhere, noise.at(work.x * 2, work.y * 2) - np.float32(0.5), 0.7)
    _rings(
        work,
        dice.between(0.25, 0.75) * work.wide,
        dice.between(0.2, 0.4) * work.tall,
        0.15,
        colours,
        2,
    )
    for index in range(7):
        cosine, turned = heading(dice.between(-0.09, 0.09) + (0.25 if index % 2 else 0.22))
        x = dice.between(0.05, 0.95) * work.wide
        foot = work.tall * dice.between(0.75, 1.02)
        tall, wide = dice.between(0.45, 0.9) * work.tall, dice.between(0.26, 0.55)
        up = (np.float32(foot) - work.y) / np.float32(tall)
        lean = work.x - np.float32(x) - up * np.float32(cosine * tall)
        half = np.float32(wide) * (np.float32(1.0) - up) * (np.float32(0.7) + up * np.float32(0.6))
        side = lean * np.float32(1 if index % 2 else -1)
        mask = smooth(0.004, -0.004, np.abs(side - half * np.float32(0.5)) - half * np.float32(0.5))
        mask = mask * smooth(-0.01, 0.0, up) * smooth(1.0, 0.99, up)
        colour = colours[index % 4]
        work.cover(mask * np.float32(0.8), colour)
        work.cover(mask * smooth(0.0, 0.5, side) * np.float32(0.5), mix(colour, colours[4], 0.5))
        work.steer(mask, everywhere * np.float32(cosine), -everywhere * np.float32(turned), 1.0)


def _sparks(work: Underpainting, colours: list[Colour]) -> None:
    """A few loose touches, as from a brush flicked."""
    dice = work.dice
    count = int(46 * work.wide * work.tall)
    at: Floats = strewn(dice.spread(count, 0, work.wide), dice.spread(count, 0, work.tall))
    reach = strewn(dice.spread(count, -0.012, 0.012), dice.spread(count, -0.012, 0.012))
    work.dab(at, reach, tinted(list(colours[2:]), dice.units(count)), 0.0042)
