"""Made by people: city, room, table."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Weather
from algovera_desktop.server.pipelines.sketch.fields import Floats, sine, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, filtered, mix
from algovera_desktop.server.pipelines.sketch.sky import paint_sky
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn

_WALLS: list[Colour] = [
    (168, 116, 98),
    (190, 164, 134),
    (122, 134, 156),
    (146, 122, 136),
    (204, 178, 140),
]
_LAMP: Colour = (255, 214, 128)
_WALLPAPERS: list[Colour] = [(196, 150, 120), (142, 160, 146), (150, 142, 176), (204, 172, 120)]


def paint_city(work: Underpainting) -> None:
    paint_sky(work)
    palette = work.palette
    far = mix(palette.lit((120, 134, 168)), palette.haze, 0.55)
    _houses(work, 0.4, 0.09, [far, mix(far, palette.haze, 0.25)], 0.25)
    near = [mix(palette.lit(wall), palette.haze, 0.2) for wall in _WALLS]
    _houses(work, 0.24, 0.17, near, 1.0)
    _street(work)


def _houses(
    work: Underpainting, tall: float, wide: float, colours: list[Colour], lights: float
) -> None:
    """A row of fronts, one beside the other, with their windows."""
    dice, palette = work.dice, work.palette
    x = -dice.between(0.0, wide)
    base = work.horizon + 0.01
    while x < work.wide:
        width = wide * dice.between(0.6, 1.25)
        height = tall * dice.between(0.45, 1.05) * min(1.2, work.horizon / 0.55)
        front = smooth(x - 0.002, x + 0.002, work.x) * smooth(x + width, x + width - 0.004, work.x)
        mask = front * smooth(base - height - 0.003, base - height + 0.003, work.y)
        mask = mask * smooth(base + 0.004, base, work.y)
        colour = dice.pick(colours)
        work.cover(mask, colour)
        across = (work.x - np.float32(x)) / np.float32(width)
        shade = across if work.scene.light_from < 0 else np.float32(1.0) - across
        work.cover(
            mask * smooth(0.5, 1.0, shade) * np.float32(0.4), mix(colour, palette.shadow, 0.6)
        )
        _windows(work, mask, (x, base - height, width, height), colour, lights)
        flat = np.zeros_like(work.cosine)
        work.steer(mask, flat, flat + np.float32(1.0), 0.9)
        x += width


def _windows(
    work: Underpainting,
    front: Floats,
    box: tuple[float, float, float, float],
    wall: Colour,
    lights: float,
) -> None:
    palette, dice = work.palette, work.dice
    x, top, width, height = box
    columns = max(2, round(width / (0.042 if lights > 0.5 else 0.022)))
    rows = max(2, round(height / (0.055 if lights > 0.5 else 0.03)))
    u = (work.x - np.float32(x)) * np.float32(columns / width)
    v = (work.y - np.float32(top)) * np.float32(rows / height)
    inside_u = np.abs(u - np.floor(u) - np.float32(0.5))
    inside_v = np.abs(v - np.floor(v) - np.float32(0.5))
    panes = smooth(0.34, 0.27, inside_u) * smooth(0.36, 0.29, inside_v) * front
    chance = dice.units(columns * rows).reshape(rows, columns)
    cell = chance[
        np.clip(v, 0, rows - 1).astype(np.int32), np.clip(u, 0, columns - 1).astype(np.int32)
    ]
    glass = mix(mix(wall, palette.shadow, 0.5), palette.middle, 0.35)
    work.cover(panes * np.float32(0.5 + 0.3 * lights), glass)
    dim = palette.night or palette.overcast > 0.6
    burning = 0.55 if palette.night else 0.4 if dim else 0.12
    lit = panes * (cell < np.float32(burning))
    work.cover(lit * np.float32(0.95 if palette.night else 0.6), _LAMP)


def _street(work: Underpainting) -> None:
    """Pavement, kerb and a road that runs across; it mirrors lamps when it is wet."""
    palette, noise, horizon = work.palette, work.noise(), work.horizon
    stone, tar = palette.lit((176, 168, 160)), palette.lit((104, 104, 116))
    depth = work.tall - horizon
    soft = noise.fractal(work.x * np.float32(3), work.y * np.float32(16), 3)
    work.cover(work.below(horizon), stone)
    joints = np.abs(sine(work.x * np.float32(3.2)))
    pavement = work.below(horizon) * smooth(0.06, 0.0, joints) * np.float32(0.35)
    work.cover(pavement, mix(stone, palette.shadow, 0.5))
    road = work.below(horizon + depth * 0.3)
    work.cover(work.below(horizon + depth * 0.27), mix(stone, palette.shadow, 0.45))
    work.cover(road, mix(tar, palette.sun, 0.12))
    work.cover(road * smooth(0.5, 0.2, soft) * np.float32(0.4), mix(tar, palette.shadow, 0.5))
    work.cover(road * smooth(0.55, 0.8, soft) * np.float32(0.4), mix(tar, palette.horizon, 0.5))
    y = horizon + depth * 0.62
    line = smooth(0.012, 0.007, np.abs(work.y - np.float32(y)))
    dashes = smooth(0.1, 0.2, sine(work.x * np.float32(2.6)))
    work.cover(line * dashes * np.float32(0.8), palette.lit((236, 226, 196)))
    work.level(work.below(horizon), 1.0)
    if work.commission.weather in (Weather.RAIN, Weather.STORM) or palette.night:
        _wet(work, horizon)


def _wet(work: Underpainting, top: float) -> None:
    """The fronts stand upside down in the road, drawn out by the wet."""
    rows = work.rgb.shape[0]
    first = min(rows - 2, int(top / work.tall * rows) + 1)
    source = np.clip(first - 2 - np.arange(rows - first), 0, rows - 1)
    streak = work.noise().at(work.x * np.float32(9), work.y[first:] * np.float32(30))
    part = (np.float32(0.2) + streak * np.float32(0.35))[..., None]
    work.rgb[first:] += (work.rgb[source] * np.float32(0.9) - work.rgb[first:]) * part


def paint_room(work: Underpainting) -> None:
    """A wall with a window, a floor of boards, a rug, light falling in."""
    palette, dice, horizon = work.palette, work.dice, work.horizon
    tint = (0.62, 0.58, 0.68) if palette.night else mix((1.0, 1.0, 1.0), palette.tint, 0.6)
    wall = filtered(dice.pick(_WALLPAPERS), tint)
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, wall)
    soft = work.noise().fractal(work.x * np.float32(2), work.y * np.float32(2), 3)
    work.cover(smooth(0.5, 0.8, soft) * np.float32(0.3), mix(wall, (255, 240, 214), 0.5))
    stripe = smooth(0.2, 0.6, sine(work.x * np.float32(7))) * np.float32(0.14)
    work.cover(stripe, mix(wall, (255, 246, 226), 0.6))
    side = work.scene.light_from
    away = np.abs(work.x / np.float32(work.wide) - np.float32(0.5 + side * 0.3))
    work.cover(smooth(0.2, 0.9, away) * np.float32(0.5), mix(wall, palette.shadow, 0.6))
    flat = np.zeros_like(work.cosine)
    work.steer(everywhere, flat + np.float32(0.35), flat + np.float32(1), 0.5)
    _window(work, side)
    _boards(work, horizon, filtered((172, 118, 76), tint))
    _rug(work, filtered(dice.pick([(164, 62, 62), (70, 96, 132), (120, 96, 60)]), tint))
    _beam(work, side)
    if palette.night:
        lamp = (0.5 - side * 0.34) * work.wide
        work.cover(work.around(lamp, horizon * 0.5, 0.75) * np.float32(0.5), (255, 190, 110))


def _window(work: Underpainting, side: float) -> None:
    palette = work.palette
    x, y = (0.5 + side * 0.31) * work.wide, work.horizon * 0.42
    half, up = min(0.17, work.wide * 0.17), work.horizon * 0.29
    dx, dy = np.abs(work.x - np.float32(x)), np.abs(work.y - np.float32(y))
    frame = smooth(half + 0.022, half + 0.016, dx) * smooth(up + 0.022, up + 0.016, dy)
    pane = smooth(half, half - 0.005, dx) * smooth(up, up - 0.005, dy)
    white = mix((238, 230, 214), palette.shadow, 0.45 if palette.night else 0.08)
    work.cover(frame, white)
    t = np.clip((work.y - np.float32(y - up)) / np.float32(2 * up), 0.0, 1.0)
    work.cover(pane, palette.zenith)
    work.cover(pane * smooth(0.0, 0.8, t), palette.middle)
    work.cover(pane * smooth(0.5, 1.1, t), palette.horizon)
    hill = work.noise().ridge(work.x * np.float32(4), 3)
    trees = pane * smooth(0.0, 0.05, t - np.float32(0.95) + hill * np.float32(0.4))
    work.cover(trees, mix(palette.grass, palette.haze, 0.25))
    bars = np.maximum(smooth(0.009, 0.005, dx), smooth(0.009, 0.005, dy)) * pane
    work.cover(bars, mix(white, palette.shadow, 0.15))
    sill = smooth(half + 0.04, half + 0.03, dx) * smooth(
        0.016, 0.01, np.abs(work.y - np.float32(y + up + 0.03))
    )
    work.cover(sill, mix(white, palette.shadow, 0.2))


def _boards(work: Underpainting, top: float, wood: Colour) -> None:
    palette = work.palette
    mask = work.below(top, 0.003)
    away = np.maximum(work.y - np.float32(top - 0.34), np.float32(0.05))
    fan = (work.x - np.float32(work.wide / 2)) / away
    grain = work.noise().fractal(fan * np.float32(9), away * np.float32(2.4), 3)
    work.cover(mask, wood)
    work.cover(mask * smooth(0.5, 0.75, grain) * np.float32(0.5), mix(wood, (255, 226, 180), 0.45))
    work.cover(mask * smooth(0.45, 0.25, grain) * np.float32(0.5), mix(wood, palette.shadow, 0.4))
    joint = smooth(0.08, 0.02, np.abs(sine(fan * np.float32(1.6))))
    work.cover(mask * joint * np.float32(0.5), mix(wood, palette.shadow, 0.7))
    skirting = smooth(0.02, 0.014, np.abs(work.y - np.float32(top - 0.015)))
    work.cover(skirting, mix((226, 214, 196), palette.shadow, 0.4 if palette.night else 0.12))
    flat = np.zeros_like(work.cosine)
    work.steer(mask, flat + work.x - np.float32(work.wide / 2), flat + away, 0.9)


def _rug(work: Underpainting, colour: Colour) -> None:
    y = work.horizon + (work.tall - work.horizon) * 0.62
    reach = min(0.44, work.wide * 0.42)
    dx = (work.x - np.float32(work.wide / 2)) / np.float32(reach)
    dy = (work.y - np.float32(y)) / np.float32((work.tall - work.horizon) * 0.34)
    away = np.sqrt(dx * dx + dy * dy)
    mask = smooth(1.02, 0.98, away)
    work.cover(mask, colour)
    ring = smooth(0.09, 0.05, np.abs(away - np.float32(0.8)))
    work.cover(ring * np.float32(0.8), mix(colour, (250, 226, 180), 0.6))
    work.steer(mask, -dy * np.float32(2), dx, 0.9)


def _beam(work: Underpainting, side: float) -> None:
    """What the window throws on the floor."""
    palette = work.palette
    x = (0.5 + side * 0.31) * work.wide
    down = work.y - np.float32(work.horizon)
    lean = work.x - np.float32(x) + down * np.float32(side * 1.0)
    patch = smooth(0.2, 0.13, np.abs(lean)) * smooth(0.02, 0.05, down) * smooth(0.36, 0.24, down)
    work.cover(patch * np.float32(0.2 if palette.night else 0.42), palette.sun)


def paint_table(work: Underpainting) -> None:
    """A still life's place: a quiet wall in half light, a board or cloth lit from one side."""
    palette, dice, horizon = work.palette, work.dice, work.horizon
    tint = (0.6, 0.56, 0.66) if palette.night else mix((1.0, 1.0, 1.0), palette.tint, 0.6)
    wall = filtered(
        dice.pick([(62, 112, 116), (168, 96, 78), (76, 96, 146), (150, 136, 84), (122, 78, 104)]),
        tint,
    )
    everywhere = np.ones_like(work.cosine)
    work.cover(everywhere, wall)
    noise = work.noise()
    cloud = noise.fractal(work.x * np.float32(1.6), work.y * np.float32(1.6), 4)
    side = work.scene.light_from
    lit = work.around((0.5 - side * 0.12) * work.wide, horizon * 0.7, 0.85)
    warm = mix(wall, palette.sun if not palette.night else (255, 196, 120), 0.7)
    work.cover(lit * np.float32(0.85), warm)
    work.cover(smooth(0.5, 0.25, cloud) * np.float32(0.5), mix(wall, palette.shadow, 0.55))
    across = work.x / np.float32(work.wide)
    dim = across if side < 0 else np.float32(1.0) - across
    work.cover(
        smooth(0.35, 1.1, dim) * np.float32(0.55) * everywhere, mix(wall, palette.shadow, 0.75)
    )
    work.steer(
        everywhere, cloud - np.float32(0.3), noise.at(work.x * 3, work.y * 3) - np.float32(0.5), 0.6
    )
    _table_top(
        work, filtered(dice.pick([(186, 122, 70), (226, 206, 176), (150, 92, 58)]), tint), dim
    )


def _table_top(work: Underpainting, wood: Colour, dim: Floats) -> None:
    palette, top = work.palette, work.horizon
    mask = work.below(top, 0.004)
    grain = work.noise().fractal(work.x * np.float32(1.6), work.y * np.float32(26), 4)
    down = (work.y - np.float32(top)) / np.float32(work.tall - top)
    work.cover(mask, wood)
    work.cover(mask * smooth(0.5, 0.72, grain) * np.float32(0.55), mix(wood, (255, 226, 176), 0.5))
    work.cover(mask * smooth(0.46, 0.26, grain) * np.float32(0.5), mix(wood, palette.shadow, 0.45))
    work.cover(mask * smooth(0.4, 1.1, dim) * np.float32(0.5), mix(wood, palette.shadow, 0.7))
    work.cover(mask * smooth(0.5, 1.1, down) * np.float32(0.35), mix(wood, palette.shadow, 0.6))
    edge = smooth(0.008, 0.0, np.abs(work.y - np.float32(top)))
    work.cover(edge * np.float32(0.5), mix(wood, (255, 240, 210), 0.6))
    work.level(mask, 1.0)


def street_lamps(work: Underpainting) -> None:
    """Glows along the pavement."""
    for index in range(max(2, int(3 * work.wide))):
        x = (index + 0.5) / max(2, int(3 * work.wide)) * work.wide
        at = strewn(np.array([x], np.float32), np.array([work.horizon * 0.86], np.float32))
        work.dab(at, np.zeros_like(at) + np.float32(0.002), np.array([_LAMP], np.float32), 0.008)
        work.cover(work.around(x, work.horizon * 0.86, 0.14) * np.float32(0.55), _LAMP)
