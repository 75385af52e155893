"""The light of a scene: what time, weather, season and mood do to every colour in it."""

from dataclasses import dataclass

import numpy as np

from algovera_desktop.server.pipelines.sketch.commission import (
    RGB,
    Commission,
    Mood,
    Season,
    Setting,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.fields import Floats

Colour = tuple[float, float, float]
"""sRGB, 0.0 to 255.0."""


def mix(first: Colour, second: Colour, part: float) -> Colour:
    """``first`` with ``part`` (0.0 to 1.0) of ``second`` stirred in."""
    return (
        first[0] + (second[0] - first[0]) * part,
        first[1] + (second[1] - first[1]) * part,
        first[2] + (second[2] - first[2]) * part,
    )


def filtered(colour: Colour, light: Colour) -> Colour:
    """``colour`` seen in ``light``, whose 1.0 is plain daylight."""
    return (colour[0] * light[0], colour[1] * light[1], colour[2] * light[2])


@dataclass(frozen=True, slots=True)
class Light:
    """What one time of day gives. ``tint`` multiplies what stands in the scene."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    tint: Colour
    shadow: Colour


LIGHTS = {
    TimeOfDay.DAY: Light(
        (58, 128, 205), (126, 186, 228), (240, 232, 208), (255, 244, 206),
        (1.0, 1.0, 1.0), (66, 74, 128),
    ),
    TimeOfDay.DAWN: Light(
        (98, 122, 184), (222, 170, 188), (255, 222, 176), (255, 226, 190),
        (1.0, 0.93, 0.94), (84, 76, 130),
    ),
    TimeOfDay.SUNSET: Light(
        (70, 58, 122), (226, 104, 98), (255, 204, 112), (255, 206, 120),
        (1.02, 0.86, 0.74), (70, 42, 96),
    ),
    TimeOfDay.NIGHT: Light(
        (12, 18, 54), (26, 46, 98), (72, 104, 146), (206, 220, 255),
        (0.62, 0.69, 0.93), (8, 10, 44),
    ),
}  # fmt: skip

_OVERCAST = {
    Weather.CLEAR: (0.0, (190, 200, 210)),
    Weather.CLOUDY: (0.45, (168, 182, 198)),
    Weather.RAIN: (0.72, (112, 128, 148)),
    Weather.STORM: (0.88, (56, 64, 92)),
    Weather.SNOWFALL: (0.6, (186, 198, 214)),
    Weather.FOG: (0.7, (206, 210, 214)),
}

_GRASS = {
    Season.SPRING: (132, 188, 74),
    Season.SUMMER: (98, 160, 62),
    Season.AUTUMN: (178, 142, 62),
    Season.WINTER: (158, 166, 148),
}

_LEAVES = {
    Season.SPRING: ((142, 196, 90), (244, 182, 204), (112, 172, 84)),
    Season.SUMMER: ((62, 124, 56), (92, 150, 62), (44, 104, 62)),
    Season.AUTUMN: ((206, 112, 38), (226, 162, 48), (172, 66, 42)),
    Season.WINTER: ((120, 128, 128), (226, 232, 240), (96, 108, 116)),
}


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that a ground is painted with, already in the scene's light.

    ``sun`` is the light itself, ``haze`` what distance fades to, ``shadow`` what shade leans
    to; ``tint`` is the factor that local colours take.
    """

    zenith: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    tint: Colour
    shadow: Colour
    haze: Colour
    grass: Colour
    leaves: tuple[Colour, Colour, Colour]
    night: bool
    overcast: float

    def lit(self, colour: Colour) -> Colour:
        """A local colour as it looks in this light."""
        return filtered(colour, self.tint)

    def far(self, colour: Colour, distance: float) -> Colour:
        """A local colour seen through ``distance`` (0.0 near, 1.0 lost in the haze)."""
        return mix(self.lit(colour), self.haze, distance)


def palette_for(commission: Commission) -> Palette:
    """The scene's palette before the mood bends it (``Grade`` does that to the whole)."""
    light = LIGHTS[commission.time]
    part, grey = _OVERCAST[commission.weather]
    brightness = 0.34 if commission.time is TimeOfDay.NIGHT else 1.0
    cover = filtered(grey, (brightness, brightness, brightness * 1.15))
    zenith, middle = mix(light.zenith, cover, part), mix(light.middle, cover, part)
    heavy = 0.95 if commission.weather is Weather.STORM else 0.75
    horizon = mix(light.horizon, cover, part * heavy)
    tint = mix(light.tint, filtered((0.86, 0.9, 0.97), light.tint), part)
    night = commission.time is TimeOfDay.NIGHT
    if commission.setting is Setting.SPACE:
        tint = (0.9, 0.92, 1.0)
    season = commission.season
    if commission.setting is Setting.SNOW:
        season = Season.WINTER
    return Palette(
        zenith=zenith,
        middle=middle,
        horizon=horizon,
        sun=mix(light.sun, horizon, part * 0.5),
        tint=tint,
        shadow=light.shadow,
        haze=mix(horizon, middle, 0.45),
        grass=filtered(_GRASS[season], tint),
        leaves=tuple(filtered(leaf, tint) for leaf in _LEAVES[season]),  # pyright: ignore[reportArgumentType]
        night=night,
        overcast=part,
    )


@dataclass(frozen=True, slots=True)
class Grade:
    """The last word on all colours: mood, the picture's named colours, one hue only."""

    mood: Mood
    colours: tuple[RGB, ...]
    monochrome: bool

    def apply(self, rgb: Floats) -> Floats:
        """``rgb`` (h, w, 3), 0 to 255."""
        grey = (
            rgb[..., 0] * np.float32(0.3)
            + rgb[..., 1] * np.float32(0.59)
            + rgb[..., 2] * np.float32(0.11)
        )[..., None]
        if self.monochrome:
            rgb = grey + np.zeros_like(rgb)
        if self.colours:
            part = 0.9 if self.monochrome else 0.38
            rgb = rgb + (self._toned(grey) - rgb) * np.float32(part)
        mood = self.mood
        vivid = np.float32(1.0 + mood.saturation * (0.55 if mood.saturation > 0 else 0.8))
        rgb = grey + (rgb - grey) * vivid if not self.monochrome else rgb
        firm = np.float32(1.0 + mood.contrast * 0.35 + (0.3 if self.monochrome else 0.0))
        rgb = (rgb - np.float32(124)) * firm + np.float32(124)
        if mood.lightness < 0:
            rgb = rgb * np.float32(1.0 + 0.32 * mood.lightness)
        else:
            rgb = rgb + (np.float32(255) - rgb) * np.float32(0.3 * mood.lightness)
        if not self.monochrome:
            shift = np.array([mood.warmth * 24, mood.warmth * 4, mood.warmth * -26], np.float32)
            rgb = rgb + shift
        return np.clip(rgb, 0.0, 255.0)

    def _toned(self, grey: Floats) -> Floats:
        """Greys turned into a ramp: a dark of the first colour, the colours, a light of the
        last."""
        ordered = sorted(self.colours, key=lambda c: c[0] * 30 + c[1] * 59 + c[2] * 11)
        ramp: list[Colour] = [mix(ordered[0], (8, 8, 20), 0.75), *ordered]
        ramp.append(mix(ordered[-1], (255, 252, 244), 0.85))
        stops = np.array(ramp, dtype=np.float32)
        place = np.clip(grey[..., 0] * np.float32((len(ramp) - 1) / 255.0), 0, len(ramp) - 1.001)
        below = place.astype(np.int32)
        part = (place - below)[..., None]
        return stops[below] + (stops[below + 1] - stops[below]) * part
