"""What falls, drifts and flashes between the painter and the scene."""

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import Setting, Weather
from algovera_desktop.server.pipelines.sketch.fields import smooth
from algovera_desktop.server.pipelines.sketch.palette import mix
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting, strewn

_SHELTERED = frozenset(
    {Setting.ROOM, Setting.TABLE, Setting.SPACE, Setting.UNDERWATER, Setting.ABSTRACT}
)


def paint_weather(work: Underpainting) -> None:
    """After the ground, before the things; nothing falls indoors."""
    weather = work.commission.weather
    if work.commission.setting in _SHELTERED:
        return
    if weather in (Weather.RAIN, Weather.STORM):
        _rain(work, 1.0 if weather is Weather.RAIN else 1.25)
    if weather is Weather.STORM:
        _lightning(work)
    if weather is Weather.SNOWFALL:
        _snow(work)
    if weather is Weather.FOG:
        _fog(work)


def _rain(work: Underpainting, heavy: float) -> None:
    """Streaks, all leaning one way; rings where they meet the ground."""
    dice, palette = work.dice, work.palette
    count = int(120 * heavy * work.wide * work.tall)
    lean = work.scene.light_from * dice.between(0.12, 0.3) * heavy
    for radius, long in ((0.0013, 0.016), (0.002, 0.028)):
        at = strewn(dice.spread(count, 0, work.wide), dice.spread(count, 0, work.tall))
        length = dice.spread(count, long * 0.6, long * 1.2)
        light = mix(palette.haze, palette.lit((230, 238, 250)), 0.45)
        colours = np.zeros((count, 3), np.float32) + np.asarray(light)
        work.dab(at, strewn(length * np.float32(-lean), length), colours, radius, before=True)
    rings = count // 3
    at = strewn(dice.spread(rings, 0, work.wide), dice.spread(rings, work.horizon, work.tall))
    reach = strewn(dice.spread(rings, 0.003, 0.009), np.zeros(rings, np.float32))
    colours = np.zeros((rings, 3), np.float32) + np.asarray(mix(palette.haze, (255, 255, 255), 0.3))
    work.dab(at, reach, colours, 0.0014)


def _lightning(work: Underpainting) -> None:
    """One forked bolt and the cloud it lights up."""
    dice = work.dice
    x = (0.5 - work.scene.light_from * dice.between(0.1, 0.3)) * work.wide
    work.cover(work.around(x, work.horizon * 0.25, 0.5) * np.float32(0.45), (196, 190, 236))
    _bolt(work, x, 0.02, work.horizon * 1.0, 0.0042)
    _bolt(work, x + 0.01, work.horizon * 0.4, work.horizon * 0.72, 0.0024)


def _bolt(work: Underpainting, x: float, top: float, bottom: float, radius: float) -> None:
    dice = work.dice
    steps = 9
    drift = dice.spread(steps + 1, -0.045, 0.045)
    places = (
        np.float32(x)
        + drift
        + np.arange(steps + 1, dtype=np.float32) * np.float32(0.012 * work.scene.light_from)
    )
    heights = np.linspace(top, bottom, steps + 1, dtype=np.float32)
    points = strewn(places, heights)
    centre = (points[1:] + points[:-1]) * np.float32(0.5)
    reach = (points[1:] - points[:-1]) * np.float32(0.56)
    colours = np.zeros((steps, 3), np.float32) + np.asarray((255, 252, 232), np.float32)
    for index in range(steps):
        work.cover(
            work.around(float(centre[index, 0]), float(centre[index, 1]), 0.07) * np.float32(0.4),
            (206, 200, 246),
        )
    work.dab(centre, reach, colours, radius)


def _snow(work: Underpainting) -> None:
    dice, area = work.dice, work.wide * work.tall
    for number, radius in ((190, 0.0024), (90, 0.0044), (26, 0.0075)):
        count = int(number * area)
        at = strewn(dice.spread(count, 0, work.wide), dice.spread(count, 0, work.tall))
        reach = strewn(dice.spread(count, -0.002, 0.002), np.full(count, radius * 0.5, np.float32))
        white = work.palette.lit((252, 253, 255))
        colours = np.zeros((count, 3), np.float32) + np.asarray(mix(white, (255, 255, 255), 0.4))
        work.dab(at, reach, colours, radius, before=True)


def _fog(work: Underpainting) -> None:
    """Banks along the horizon and veils across the ground."""
    palette, noise = work.palette, work.noise()
    drift = noise.fractal(work.x * np.float32(1.2), work.y * np.float32(5), 3)
    away = np.abs(work.y - np.float32(work.horizon)) + (drift - np.float32(0.5)) * np.float32(0.3)
    work.cover(smooth(0.42, 0.0, away) * np.float32(0.85), palette.haze)
    work.cover(smooth(0.45, 0.75, drift) * np.float32(0.6), mix(palette.haze, palette.horizon, 0.5))
    work.level(np.full_like(work.cosine, 0.5), 0.9)
