"""No text, however strange, makes a reader fail, or gives a request that no library can keep."""

import json
import math
import sqlite3
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.library.readers.choice import read_texts
from algovera_desktop.library.rows import request_values

KEYWORDS = [
    "parameters",
    "UserComment",
    "prompt",
    "workflow",
    "invokeai_metadata",
    "sd-metadata",
    "Dream",
    "fooocus_scheme",
    "parameters-json",
    "smproj",
    "Software",
    "Comment",
    "Description",
    "Source",
    "CreatorTool",
]
NAMES = [
    *("class_type", "inputs", "positive", "negative", "latent_image", "model", "text", "value"),
    *("seed", "steps", "cfg", "width", "height", "guider", "conditioning", "ckpt_name", "image"),
    *("prompt", "uc", "c", "size", "scale", "v4_prompt", "caption", "char_captions", "nodes"),
    *("sui_image_params", "base_model", "full_prompt", "resolution", "Software", "links", "1", "2"),
    *("positive_prompt", "cfg_scale", "PositivePrompt", "Seed", "Width"),
]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(
            ["KSampler", "NovelAI", "512x768", "1e400", "9" * 400, "\ud800", "RuinedFooocus"]
        ),
        st.sampled_from([["1", 0], ["2", 1], [2**64, "x"], 2**64, -1]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            [
                "Negative prompt: x",
                "Steps: 20, Seed: -1, Size: 0x9, CFG scale: inf, Model: \ud800",
                "Steps: 99999999999999999999, Seed: 9223372036854775808, CFG scale: -3, A: b",
                'Raw prompt: "a", Version: Fooocus v2, Steps: 1',
                '"a fox [b]" -s 5 -S 1.5.2 -W 99999999999999999999999',
            ]
        ),
    ),
    max_size=5,
).map("\n".join)
TEXTS = st.dictionaries(
    st.sampled_from(KEYWORDS),
    st.one_of(OBJECTS.map(json.dumps), LINES, st.just("NovelAI"), st.just("Draw Things")),
    min_size=1,
    max_size=5,
)


@settings(max_examples=500)
@given(TEXTS)
def test_whatever_the_texts_say_the_request_can_be_kept(texts: dict[str, str]) -> None:
    reading = read_texts(texts)
    if reading is None:
        return
    request = reading.request
    assert request.width >= 0
    assert request.height >= 0
    assert request.steps >= 1
    assert 0 <= request.guidance_scale < math.inf
    with sqlite3.connect(":memory:") as connection:
        values = request_values(request)
        row = connection.execute(f"SELECT {', '.join('?' * len(values))}", values).fetchone()
    connection.close()
    assert row == values
