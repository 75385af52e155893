"""The painter at the server's seam: progress, cancel, previews, the same picture anywhere."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.base import PreviewSource, RenderCancelledError
from algovera_desktop.server.pipelines.shipped import sketch
from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Placement,
    Season,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.emoji_set import EmojiSet
from algovera_desktop.server.pipelines.sketch.pipeline import SketchPipeline
from algovera_desktop.server.pipelines.sketch.reading import PromptReader
from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary

FOX = Subject("1f98a", "fox", Placement.FACE, 0.5)
CATS = Subject("1f408", "cat", Placement.STANDING, 0.4, 2)
MOON = Subject("1f315", "moon", Placement.CELESTIAL)
SHIP = Subject("26f5", "sailboat", Placement.AFLOAT, 1.6)
LAMP = Subject("own-street-lamp", "street lamp", Placement.STANDING, 1.6, 3)

COMMISSIONS = {
    "fox": Commission((FOX, MOON), Setting.SNOW, TimeOfDay.NIGHT, Weather.SNOWFALL),
    "cats": Commission((CATS,), Setting.FOREST, season=Season.AUTUMN),
    "ship": Commission((SHIP,), Setting.SEA, TimeOfDay.SUNSET),
    "city": Commission((CATS,), Setting.CITY, TimeOfDay.NIGHT, Weather.RAIN),
    "lamp": Commission((LAMP,), Setting.CITY, TimeOfDay.NIGHT),
    "blue": Commission(colours=((30, 80, 200),)),
}

GOLDEN = {
    "fox": "d0d1fb49924d5da620df424f1c3539857f8cb683bdeb2b6cd1dd093ed1fc484a",
    "cats": "3532b7c83257fdbf91124ef18ef26c0aa77ed2b68528c9b0cfa796f26677cf15",
    "ship": "db9ad7a08a81655f5c899c04054bc5c8322216e1bf22246927279de94967a387",
    "city": "f4b95113cc1f2e4003601bbcdaa74610ae17be20e63adc58ec3b26814c096bc5",
    "lamp": "22341f06e1dd339b8ea1af826e5fe1102f97338a8048a97afcffbdf419531d98",
    "blue": "99c165be9d803c6ff34e15f8335b71461a08dcea2abc9f95e6f625fefc222505",
}


def pipeline() -> SketchPipeline:
    return SketchPipeline(
        EmojiSet(resource_path("sketch/emoji")), lambda prompt, _: COMMISSIONS[prompt]
    )


def request(prompt: str = "fox", **changes: int | float) -> GenerationRequest:
    values: dict[str, int | float] = {"width": 160, "height": 128, "steps": 8, "seed": 7}
    return GenerationRequest(prompt, "sketch", **{**values, **changes})  # pyright: ignore[reportArgumentType]


def render(asked: GenerationRequest) -> Image.Image:
    return pipeline().render(asked, lambda done, steps, preview: True)


def digest(picture: Image.Image) -> str:
    return hashlib.sha256(picture.tobytes()).hexdigest()


def test_each_step_is_told_and_previews_grow_into_the_picture() -> None:
    told: list[tuple[int, int]] = []
    previews: list[Image.Image] = []

    def on_step(done: int, steps: int, preview: PreviewSource) -> bool:
        told.append((done, steps))
        previews.append(preview())
        return True

    picture = pipeline().render(request(), on_step)
    assert told == [(step, 8) for step in range(1, 9)]
    assert len({digest(preview) for preview in previews}) == 8
    assert digest(previews[-1]) == digest(picture)


def test_previews_come_ever_closer_to_the_picture() -> None:
    previews: list[Image.Image] = []

    def on_step(done: int, steps: int, preview: PreviewSource) -> bool:
        previews.append(preview())
        return True

    picture = pipeline().render(request(), on_step)
    away = [float(np.asarray(ImageChops.difference(each, picture)).mean()) for each in previews]
    assert away[0] > away[3] > away[-1] == 0.0


@pytest.mark.parametrize("last", [1, 5, 8])
def test_a_step_that_says_no_stops_the_painting(last: int) -> None:
    told: list[int] = []

    def on_step(done: int, steps: int, preview: PreviewSource) -> bool:
        told.append(done)
        return done < last

    with pytest.raises(RenderCancelledError):
        pipeline().render(request(), on_step)
    assert told == list(range(1, last + 1))


@pytest.mark.parametrize(
    ("width", "height"), [(128, 128), (1024, 128), (128, 1024), (264, 184), (136, 520)]
)
def test_the_picture_has_exactly_the_size_asked(width: int, height: int) -> None:
    picture = render(request(width=width, height=height, steps=1))
    assert picture.size == (width, height)
    assert picture.mode == "RGB"


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 50])
def test_any_number_of_steps_covers_the_canvas(steps: int) -> None:
    few = np.asarray(render(request(steps=steps))).astype(int)
    many = np.asarray(render(request(steps=30))).astype(int)
    assert np.abs(few - many).mean() < 26


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"steps": 9}, {"guidance_scale": 15.0}, {"width": 168}]
)
def test_another_request_is_another_picture(change: dict[str, int | float]) -> None:
    assert digest(render(request(**change))) != digest(render(request()))


@pytest.mark.parametrize("name", sorted(COMMISSIONS))
def test_the_picture_is_the_same_as_on_every_other_machine(name: str) -> None:
    assert digest(render(request(name))) == GOLDEN[name]


def test_vector_instructions_make_no_difference() -> None:
    features = _dispatched_features()
    if not features:
        pytest.skip("this processor has no vector instructions that numpy could leave out")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_pipeline import _dispatched_features, digest, render, request\n"
        "assert not _dispatched_features()\n"
        "for name in ('cats', 'ship', 'blue'): print(digest(render(request(name))))\n"
    )
    here = str(Path(__file__).parent)
    plain = subprocess.run(
        [sys.executable, "-c", code, here],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.split() == [GOLDEN[name] for name in ("cats", "ship", "blue")]


def _dispatched_features() -> list[str]:
    """The instruction sets beyond its baseline that numpy uses here."""
    from numpy._core import _multiarray_umath as core

    present = core.__cpu_features__
    return [name for name in core.__cpu_dispatch__ if present.get(name)]


def test_the_model_says_that_it_is_no_neural_network() -> None:
    model = pipeline().model
    assert model.name == "sketch"
    assert "no neural network" in model.title
    assert "No neural network" in model.description


def test_the_model_refuses_what_it_cannot_paint() -> None:
    for wrong in (request(width=120), request(height=1032), request(steps=51), request(width=132)):
        with pytest.raises(InvalidRequestError):
            pipeline().model.validate(wrong)


class AskedPictures:
    """The real set, remembering what it was asked for."""

    def __init__(self) -> None:
        self._set = EmojiSet(resource_path("sketch/emoji"))
        self.asked: set[str] = set()

    def picture(self, key: str) -> Image.Image:
        self.asked.add(key)
        return self._set.picture(key)


def asked_for(prompt: str, negative_prompt: str = "") -> set[str]:
    pictures = AskedPictures()
    reader = PromptReader(Vocabulary.load(resource_path("sketch")))
    asked = GenerationRequest(prompt, "sketch", 128, 128, steps=1, negative_prompt=negative_prompt)
    SketchPipeline(pictures, reader.read_prompt).render(asked, lambda done, steps, preview: True)
    return pictures.asked


def test_the_words_of_a_prompt_are_what_is_painted() -> None:
    both, cat = asked_for("a cat and a dog in a meadow"), asked_for("a cat in a meadow")
    assert len(both) == 2
    assert cat < both


def test_a_negative_prompt_keeps_things_away() -> None:
    prompt = "a cat and a dog in a meadow"
    assert asked_for(prompt, "dog") == asked_for("a cat in a meadow")


def test_the_shipped_painter_paints_words_it_does_not_know() -> None:
    picture = sketch().render(
        GenerationRequest("zxqv wrbl", "sketch", 128, 128, steps=6),
        lambda done, steps, preview: True,
    )
    pixels = np.asarray(picture).reshape(-1, 3)
    assert len(np.unique(pixels // 16, axis=0)) > 60
