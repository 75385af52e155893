"""Skies: a gradient of three colours, the light's glow, clouds, stars."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import (
    Placement,
    Setting,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.fields import smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, mix
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn

RAINBOW = "1f308"
"""Its emoji is a quarter of a bow; a sky can hold the whole."""

_BOW: list[Colour] = [
    (226, 74, 70),
    (246, 150, 66),
    (252, 222, 96),
    (112, 192, 110),
    (76, 150, 220),
    (134, 100, 200),
]

_CLOUDINESS = {
    Weather.CLEAR: 0.56,
    Weather.CLOUDY: 0.44,
    Weather.RAIN: 0.38,
    Weather.STORM: 0.36,
    Weather.SNOWFALL: 0.46,
    Weather.FOG: 0.7,
}


def paint_sky(work: Underpainting, down_to: float | None = None) -> None:
    """The whole sky down to the horizon, or to ``down_to`` (units of the short side)."""
    _gradient(work, down_to or work.horizon)
    _flow(work)
    _glow(work)
    _clouds(work, down_to or work.horizon)
    if any(thing.subject.emoji == RAINBOW for thing in work.scene.things):
        _rainbow(work)
    if work.palette.night and work.palette.overcast < 0.5:
        paint_stars(work, int(120 * work.wide * work.tall), work.horizon)


def _rainbow(work: Underpainting) -> None:
    """The whole bow, across the sky, opposite the light."""
    x = (0.5 - 0.08 * work.scene.light_from) * work.wide
    y, reach = work.horizon * 1.12, min(work.wide * 0.56, work.horizon * 1.0)
    dx, dy = work.x - np.float32(x), work.y - np.float32(y)
    away = np.sqrt(dx * dx + dy * dy)
    place = (np.float32(reach) - away) * np.float32(1 / 0.15)
    band = np.clip(place * np.float32(len(_BOW)), 0, len(_BOW) - 1.001)
    low = band.astype(np.int32)
    part = smooth(0.25, 0.75, band - low)[..., None]
    bow = np.array(_BOW, np.float32)
    edge = smooth(-0.04, 0.08, place) * smooth(1.04, 0.9, place)
    foot = smooth(work.horizon * 1.03, work.horizon * 0.75, work.y)
    work.cover(edge * foot * np.float32(0.78), bow[low] + (bow[low + 1] - bow[low]) * part)
    flat = np.zeros_like(work.cosine)
    work.steer(np.minimum(edge * np.float32(2), 1.0), flat - dy, flat + dx, 1.0)


def _gradient(work: Underpainting, bottom: float) -> None:
    palette, noise = work.palette, work.noise()
    drift = noise.fractal(work.x * np.float32(1.6), work.y * np.float32(5.0), 3)
    t = work.y * np.float32(1.0 / bottom) + (drift - np.float32(0.5)) * np.float32(0.24)
    work.cover(np.ones_like(work.cosine), palette.zenith)
    work.cover(smooth(0.02, 0.62, t), palette.middle)
    work.cover(smooth(0.5, 1.02, t), palette.horizon)


def _flow(work: Underpainting) -> None:
    """Long, nearly level strokes by day; slow eddies at night and in a restless mood."""
    noise = work.noise()
    mood = work.commission.mood.turbulence
    restless = max(0.05, (0.75 if work.palette.night else 0.3) + mood * 0.6)
    step = np.float32(0.02)
    scale = np.float32(2.2)
    x, y = work.x * scale, work.y * scale
    here = noise.fractal(x, y, 2)
    dx = (noise.fractal(x, y + step, 2) - here) * np.float32(restless * 30)
    dy = (here - noise.fractal(x + step, y, 2)) * np.float32(restless * 30)
    work.steer(np.ones_like(work.cosine), dx + np.float32(0.7), dy, 0.8)
    round_x, round_y = work.glow
    away_x, away_y = work.x - np.float32(round_x), work.y - np.float32(round_y)
    reach = 0.55 if work.palette.night else 0.4
    if not any(thing.placement is Placement.CELESTIAL for thing in work.scene.things):
        reach *= 0.55
    flat = np.zeros_like(work.cosine)
    near = work.around(round_x, round_y, reach) * np.float32(1.0 - work.palette.overcast)
    work.steer(np.minimum(near * np.float32(1.6), 1.0), flat - away_y, flat + away_x, 0.9)


def _glow(work: Underpainting) -> None:
    palette = work.palette
    strength = (1.0 - palette.overcast) * (0.34 if palette.night else 0.6)
    x, y = work.glow
    if work.commission.time in (TimeOfDay.SUNSET, TimeOfDay.DAWN):
        low = work.around(x, work.horizon * 0.96, 0.95, 1.7)
        work.cover(low * np.float32(0.75 * (1.0 - palette.overcast)), palette.sun)
    for reach, part in ((0.75, 0.3), (0.36, 0.45), (0.2, 0.5)):
        work.cover(work.around(x, y, reach) * np.float32(strength * part), palette.sun)


def _clouds(work: Underpainting, bottom: float) -> None:
    """Heaps with a lit side and a shaded foot, smaller and flatter towards the horizon."""
    palette, noise = work.palette, work.noise()
    weather = work.commission.weather
    near = np.float32(0.55) + work.y * np.float32(1.3 / bottom)
    x = (work.x - np.float32(work.wide / 2)) * near * np.float32(2.1)
    y = work.y * near * np.float32(3.6)
    shift = np.float32(-0.16 * work.scene.light_from)
    body = noise.fractal(x, y, 4)
    towards_light = noise.fractal(x + shift, y - np.float32(0.34), 4)
    threshold = _CLOUDINESS[weather] + work.dice.between(-0.03, 0.04)
    if work.commission.setting is Setting.MOUNTAINS:
        threshold += 0.07  # or clouds and snow run together
    mask = smooth(threshold, threshold + 0.15, body)
    mask *= smooth(1.02, 0.8, work.y * np.float32(1.0 / bottom))
    lit = np.clip((body - towards_light) * np.float32(3.4) + np.float32(0.55), 0.0, 1.0)
    bright, dark = _cloud_colours(work)
    colour = np.asarray(dark, np.float32) + lit[..., None] * (
        np.asarray(bright, np.float32) - np.asarray(dark, np.float32)
    )
    work.cover(mask * np.float32(0.92 if palette.overcast else 0.84), colour)


def _cloud_colours(work: Underpainting) -> tuple[Colour, Colour]:
    palette = work.palette
    if palette.night:
        return mix(palette.middle, palette.sun, 0.3), mix(palette.middle, palette.zenith, 0.5)
    if work.commission.weather is Weather.STORM:
        return mix(palette.horizon, (140, 146, 176), 0.4), (34, 38, 62)
    warm = work.commission.time in (TimeOfDay.SUNSET, TimeOfDay.DAWN)
    bright = mix((255, 253, 248), palette.sun, 0.5 if warm else 0.15)
    dark = mix(palette.middle, palette.shadow, 0.3 if warm else 0.12)
    return mix(bright, palette.middle, palette.overcast * 0.55), dark


def paint_stars(work: Underpainting, count: int, bottom: float) -> None:
    """Dabs of light, dense above, none near the horizon; a few large ones sparkle."""
    for share, radius in ((0.66, 0.0017), (0.26, 0.0029), (0.08, 0.0046)):
        number = max(2, int(count * share))
        chance = work.dice.units(number)
        x = work.dice.spread(number, 0.0, work.wide)
        y = chance * np.sqrt(chance) * np.float32(bottom * 0.95)
        white = work.dice.spread(number, 0.55, 1.0)[:, None]
        colours = np.array(work.palette.middle, np.float32) * (np.float32(1.0) - white)
        colours = colours + np.array([255, 248, 226], np.float32) * white
        reach = strewn(np.full(number, radius, np.float32), np.zeros(number, np.float32))
        work.dab(strewn(x, y), reach, colours, radius)
