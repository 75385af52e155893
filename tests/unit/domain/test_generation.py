"""What a model can be asked, and the words for what it cannot."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import (
    DOCUMENTED_MODELS,
    MAX_PROMPT_CHARS,
    MAX_SEED,
    FloatRange,
    GenerationRequest,
    IntRange,
    ModelInfo,
    model_named,
)

SKETCH = ModelInfo("sketch", "Sketch")
GOOD = GenerationRequest("a fox", "sketch")


@pytest.mark.parametrize(
    "request_",
    [
        GOOD,
        replace(GOOD, prompt="x" * MAX_PROMPT_CHARS, negative_prompt="y" * MAX_PROMPT_CHARS),
        replace(GOOD, width=128, height=1024),
        replace(GOOD, steps=1, guidance_scale=0.0, seed=MAX_SEED),
        replace(GOOD, guidance_scale=7.3),
    ],
)
def test_a_request_within_the_limits_is_accepted(request_: GenerationRequest) -> None:
    SKETCH.validate(request_)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", " \n"),
        ("prompt", "x" * (MAX_PROMPT_CHARS + 1)),
        ("negative_prompt", "x" * (MAX_PROMPT_CHARS + 1)),
        ("width", 120),
        ("width", 513),
        ("height", 1032),
        ("steps", 0),
        ("steps", 51),
        ("guidance_scale", -0.5),
        ("guidance_scale", math.nan),
        ("guidance_scale", math.inf),
        ("seed", -1),
        ("seed", MAX_SEED + 1),
    ],
)
def test_what_is_outside_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        SKETCH.validate(replace(GOOD, **{field: value}))
    assert raised.value.field == field
    assert raised.value.limit


def test_a_model_with_a_list_of_sizes_does_only_those() -> None:
    dalle = DOCUMENTED_MODELS["dalle"]
    dalle.validate(replace(GOOD, width=256, height=256))
    with pytest.raises(InvalidRequestError, match="256x256, 512x512, 1024x1024"):
        dalle.validate(replace(GOOD, width=512, height=256))


def test_the_documented_models_are_known_in_their_order() -> None:
    assert list(DOCUMENTED_MODELS) == [
        "dalle",
        "stable",
        "stable diffusion v1.5",
        "stable diffusion v2-512x512",
        "stable diffusion v2-768x768",
        "stable diffusion v2.1-512x512",
        "stable diffusion v2.1-768x768",
    ]
    assert model_named("stable diffusion v2-768x768").native_size.width == 768
    assert model_named("unheard of").title == "unheard of"


@given(st.integers(-100, 2000), st.integers(1, 200), st.integers(0, 900), st.integers(1, 64))
def test_the_nearest_whole_number_is_allowed(
    value: int, minimum: int, spread: int, step: int
) -> None:
    allowed = IntRange(minimum, minimum + spread // step * step, step)
    nearest = allowed.nearest(value)
    allowed.check("x", nearest)
    inside = min(max(value, allowed.minimum), allowed.maximum)
    assert abs(nearest - inside) <= step / 2


@given(st.floats(allow_nan=False))
def test_the_nearest_number_is_allowed(value: float) -> None:
    allowed = FloatRange(0.0, 50.0)
    allowed.check("x", allowed.nearest(value))
