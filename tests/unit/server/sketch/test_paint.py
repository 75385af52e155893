"""What a commission looks like once it is painted: light, colour, strokes."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Mood,
    Placement,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.emoji_set import EmojiSet
from algovera_desktop.server.pipelines.sketch.painter import Painter
from algovera_desktop.server.pipelines.sketch.sprites import trimmed

EMOJI = EmojiSet(resource_path("sketch/emoji"))
CAT = Subject("1f408", "cat", Placement.STANDING, 0.5)
SHIP = Subject("26f5", "sailboat", Placement.AFLOAT, 1.6)


def paint(commission: Commission, **changes: object) -> np.ndarray:
    request = GenerationRequest("a picture", "sketch", 128, 128, steps=6)
    request = replace(request, **changes)  # pyright: ignore[reportArgumentType]
    pictures = {s.emoji: trimmed(EMOJI.picture(s.emoji)) for s in commission.subjects}
    painter = Painter(commission, pictures, request)
    for _ in painter.passes():
        pass
    return np.asarray(painter.picture()).astype(np.int32)


def channel_means(pixels: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = pixels.reshape(-1, 3).mean(axis=0)
    return float(red), float(green), float(blue)


@pytest.mark.parametrize("setting", Setting)
def test_every_setting_gives_a_picture_of_many_colours(setting: Setting) -> None:
    pixels = paint(Commission((CAT,), setting))
    assert len(np.unique(pixels.reshape(-1, 3) // 16, axis=0)) > 40
    assert pixels.std() > 12


@pytest.mark.parametrize("setting", [Setting.MEADOW, Setting.SEA, Setting.CITY, Setting.SNOW])
def test_night_is_darker_and_bluer_than_day(setting: Setting) -> None:
    day = channel_means(paint(Commission((CAT,), setting)))
    night = channel_means(paint(Commission((CAT,), setting, TimeOfDay.NIGHT)))
    assert sum(night) < sum(day) * 0.7
    assert night[2] / sum(night) > day[2] / sum(day)


def test_sunset_is_warmer_than_day() -> None:
    day = channel_means(paint(Commission((SHIP,), Setting.SEA)))
    sunset = channel_means(paint(Commission((SHIP,), Setting.SEA, TimeOfDay.SUNSET)))
    assert sunset[0] - sunset[2] > day[0] - day[2] + 20


@pytest.mark.parametrize("weather", [w for w in Weather if w is not Weather.CLEAR])
def test_weather_greys_the_sky(weather: Weather) -> None:
    def vividness(weather: Weather) -> float:
        sky = paint(Commission((), Setting.MEADOW, weather=weather))[:40]
        return float((sky.max(axis=2) - sky.min(axis=2)).mean())

    assert vividness(weather) < vividness(Weather.CLEAR)


def test_a_named_colour_repaints_the_thing_and_keeps_its_dark_eye() -> None:
    size = {"width": 256, "height": 256, "steps": 20}
    plain = paint(Commission((CAT,), Setting.SNOW), **size)
    blue = paint(Commission((replace(CAT, colour=(40, 90, 220)),), Setting.SNOW), **size)
    yellow_before = (plain[..., 0] > plain[..., 2] + 90).sum()
    yellow_after = (blue[..., 0] > blue[..., 2] + 90).sum()
    assert yellow_before > 2000
    assert yellow_after < yellow_before // 10
    assert (blue[40:220].sum(axis=2) < 200).any()


def test_monochrome_has_no_hue() -> None:
    pixels = paint(Commission((CAT,), Setting.FOREST, monochrome=True))
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    # Brushes vary a little towards warm and cool, as black paint does.
    assert np.median(spread) < 16


def test_mood_bends_the_palette() -> None:
    plain = channel_means(paint(Commission((), Setting.MEADOW)))
    warm = channel_means(paint(Commission((), Setting.MEADOW, mood=Mood(warmth=1.0))))
    dark = channel_means(paint(Commission((), Setting.MEADOW, mood=Mood(lightness=-1.0))))
    assert warm[0] - warm[2] > plain[0] - plain[2] + 20
    assert sum(dark) < sum(plain) - 60


def test_guidance_makes_the_subject_stand_out() -> None:
    def vividness(guidance: float) -> float:
        pixels = paint(Commission((CAT,), Setting.SNOW), guidance_scale=guidance)
        yellow = pixels[pixels[..., 0] > pixels[..., 2] + 60]
        return float((yellow.max(axis=1) - yellow.min(axis=1)).astype(np.int64).sum())

    assert vividness(0.0) < vividness(7.5) < vividness(16.0)


def test_abstract_paintings_differ_by_prompt_and_by_seed() -> None:
    paintings = {
        paint(Commission(), prompt=prompt, seed=seed, steps=2).tobytes()
        for prompt in ("love", "hate")
        for seed in (1, 2, 3)
    }
    assert len(paintings) == 6


def test_nothing_stays_unpainted_at_the_edges() -> None:
    pixels = paint(Commission((), Setting.SNOW), steps=30, width=256, height=256)
    reference = Image.fromarray(pixels.astype(np.uint8)).resize((8, 8), Image.Resampling.BOX)
    rows = np.asarray(reference).astype(int)
    assert np.abs(rows[:, 0] - rows[:, 1]).max() < 70
    assert np.abs(rows[:, -1] - rows[:, -2]).max() < 70


def test_windows_burn_at_night_and_what_is_no_lamp_stays_dark() -> None:
    def burning(key: str) -> int:
        subject = Subject(key, "house", Placement.STANDING, 1.7)
        size = {"width": 256, "height": 256, "steps": 20}
        pixels = paint(Commission((subject,), Setting.SNOW, TimeOfDay.NIGHT), **size)
        return int(((pixels[..., 0] > 200) & (pixels[..., 0] > pixels[..., 2] + 50)).sum())

    assert burning("own-cabin") > 300
    assert burning("own-barn") < 30


def test_abstract_paintings_take_their_colours_from_the_mood() -> None:
    def mean(mood: Mood) -> np.ndarray:
        seeds = range(4)
        paintings = [paint(Commission(mood=mood), seed=seed, steps=2) for seed in seeds]
        return np.mean([painting.mean(axis=(0, 1)) for painting in paintings], axis=0)

    joy, grief = mean(Mood(0.5, 0.5, 0.5)), mean(Mood(-0.5, -0.5, -0.5))
    assert joy.sum() > grief.sum() + 100
    assert joy[0] - joy[2] > grief[0] - grief[2] + 20
