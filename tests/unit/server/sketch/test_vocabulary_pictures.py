"""The script that makes the pictures takes its orders from the table and loses nothing twice."""

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageChops

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.emoji_set import CACHED, EmojiSet

SCRIPT = Path(__file__).parents[4] / "packaging" / "build_sketch_data.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sketch_data", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def test_the_table_names_exactly_the_pictures_that_lie_here(script: ModuleType) -> None:
    keys = script.named_keys(resource_path("sketch/things.tsv"))
    assert set(keys) == EmojiSet(resource_path("sketch/emoji")).keys()
    assert len(keys) == len(set(keys))


def test_storing_a_picture_is_lossless(script: ModuleType) -> None:
    cat = EmojiSet(resource_path("sketch/emoji")).picture("1f408")
    with Image.open(io.BytesIO(script.encode(cat))) as stored:
        assert same(stored.convert("RGBA"), cat)


def test_few_colours_look_like_the_many_they_stand_for(script: ModuleType) -> None:
    ramp = Image.linear_gradient("L").resize((64, 64))
    picture = Image.merge("RGBA", (ramp, ramp.rotate(90), ramp.rotate(180), ramp.rotate(270)))
    reduced = script.reduce_colours(picture)
    differences = ImageChops.difference(reduced.convert("RGBA"), picture).getchannel("A")
    assert differences.getextrema()[1] <= 255 / script.ALPHA_LEVELS
    assert len(reduced.convert("RGB").getcolors(64 * 64)) <= script.COLOURS + 1


def test_only_a_few_decoded_pictures_are_kept() -> None:
    pictures = EmojiSet(resource_path("sketch/emoji"))
    keys = sorted(pictures.keys())[: CACHED + 1]
    first = pictures.picture(keys[0])
    for key in keys[1:]:
        pictures.picture(key)
    assert pictures.picture(keys[0]) is not first


def test_every_drawing_of_our_own_is_named_and_there(script: ModuleType) -> None:
    drawn = set(script.own_drawings(resource_path("sketch/own")))
    there = EmojiSet(resource_path("sketch/emoji")).keys()
    assert drawn == {key for key in there if key.startswith("own-")}
    assert len(drawn) >= 50
