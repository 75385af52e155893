import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain.errors import ProtocolError
from algovera_desktop.domain.generation import (
    DOCUMENTED_MODELS,
    FloatRange,
    IntRange,
    ModelInfo,
    Size,
)
from algovera_desktop.engines.model_answers import (
    LARGEST_SIDE,
    LONGEST_NAME,
    MODEL_LIMIT,
    described_models,
    named_models,
)

URL = "https://studio.example/api/models"
FULL = ModelInfo(
    name="sketch",
    title="Sketch",
    description="Paints stroke by stroke.",
    native_size=Size(768, 640),
    sides=IntRange(64, 2048, 64),
    sizes=(Size(256, 256), Size(512, 512)),
    steps=IntRange(2, 40, 2),
    guidance_scale=FloatRange(1.0, 20.0, 0.25),
    default_steps=20,
    default_guidance_scale=5.0,
    supports_negative_prompt=False,
    supports_seed=False,
    installed=False,
    size_bytes=5_000_000_000,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=5,
)
NUMBERS = st.integers(-2, 3000) | st.floats()
RANGES = st.fixed_dictionaries({"minimum": NUMBERS, "maximum": NUMBERS, "step": NUMBERS})
FACTS = st.dictionaries(
    st.sampled_from([field.name for field in dataclasses.fields(ModelInfo)]),
    RANGES | NUMBERS | JSON,
    max_size=6,
)


def test_a_fully_described_model_is_taken_as_it_is() -> None:
    body = json.loads(json.dumps({"models": [dataclasses.asdict(FULL)]}))
    assert described_models(body) == [FULL]


def test_an_empty_list_of_sizes_means_any_size() -> None:
    (model,) = described_models({"models": [{"name": "dalle", "sizes": []}]}) or []
    assert model.sizes == ()


def test_the_end_of_a_range_is_brought_onto_a_step() -> None:
    facts = {"name": "m", "sides": {"minimum": 64, "maximum": 1000, "step": 64}}
    (model,) = described_models({"models": [facts]}) or []
    assert model.sides == IntRange(64, 960, 64)


def test_a_size_may_be_a_pair() -> None:
    (model,) = described_models({"models": [{"name": "m", "native_size": [640, 384]}]}) or []
    assert model.native_size == Size(640, 384)


def test_unknown_fields_and_unusable_models_are_passed_over() -> None:
    entries = [7, None, {}, {"name": 3}, {"name": ""}, {"name": "x" * (LONGEST_NAME + 1)}]
    entries += [{"name": "a\nb"}, {"name": "m", "mood": "blue"}, {"name": "m", "title": "again"}]
    assert described_models({"models": entries}) == [ModelInfo("m", "m")]


def test_a_model_of_which_nothing_is_said_has_the_documented_limits() -> None:
    assert described_models({"models": [{"name": "dalle"}]}) == [DOCUMENTED_MODELS["dalle"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("native_size", [0, 512]),
        ("native_size", [512, LARGEST_SIDE + 1]),
        ("native_size", [512]),
        ("native_size", {"width": 512, "height": True}),
        ("sides", {"minimum": 512, "maximum": 64}),
        ("sides", {"minimum": 64, "maximum": 512, "step": 0}),
        ("sides", {"minimum": 64, "maximum": 10**30}),
        ("steps", {"minimum": -1, "maximum": 5}),
        ("steps", {"minimum": 1, "maximum": 10**9}),
        ("guidance_scale", {"minimum": float("nan"), "maximum": 5}),
        ("guidance_scale", {"minimum": 0, "maximum": float("inf")}),
        ("guidance_scale", {"minimum": 0, "maximum": 5, "step": -1}),
        ("sizes", [[0, 0], "512x512", None]),
        ("default_steps", 10**9),
        ("default_guidance_scale", float("nan")),
        ("size_bytes", -1),
        ("title", ["t"]),
    ],
)
def test_nonsense_counts_as_not_said(name: str, value: object) -> None:
    (model,) = described_models({"models": [{"name": "m", name: value}]}) or []
    known = ModelInfo("m", "m")
    if name == "default_steps":
        known = dataclasses.replace(known, default_steps=known.steps.maximum)
    assert model == known


def test_defaults_lie_within_the_limits() -> None:
    facts = {"name": "m", "steps": {"minimum": 1, "maximum": 4}}
    (model,) = described_models({"models": [facts]}) or []
    assert model.default_steps == 4


def test_a_million_models_are_cut_to_a_number_that_a_person_could_choose_from() -> None:
    names = [f"model {number}" for number in range(1_000_000)]
    assert len(named_models({"base_models": names}, url=URL)) == MODEL_LIMIT
    described = described_models({"models": [{"name": name} for name in names]}) or []
    assert len(described) == MODEL_LIMIT


def test_names_are_taken_once_in_the_servers_order() -> None:
    names = ["stable", "dalle", "stable", 7, None, "", "x" * 10_000, "a\x00b"]
    models = named_models({"base_models": names}, url=URL)
    assert [model.name for model in models] == ["stable", "dalle"]


def test_names_that_are_not_there_are_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        named_models({}, url=URL)


@given(FACTS)
def test_whatever_is_said_of_a_model_its_limits_make_sense(facts: dict[str, object]) -> None:
    models = described_models({"models": [facts | {"name": "m"}]})
    assert models is not None
    (model,) = models
    assert 0 <= model.sides.minimum <= model.sides.maximum <= LARGEST_SIDE
    assert model.sides.step > 0
    model.steps.check("steps", model.default_steps)
    model.guidance_scale.check("guidance_scale", model.default_guidance_scale)


@given(JSON)
def test_any_json_is_models_or_not_our_addition(value: object) -> None:
    models = described_models({"models": value})
    assert models is None or all(isinstance(model, ModelInfo) for model in models)
