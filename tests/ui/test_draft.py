import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.generation import (
    DOCUMENTED_MODELS,
    MAX_SEED,
    FloatRange,
    GenerationRequest,
    IntRange,
    ModelInfo,
    Size,
)
from algovera_desktop.domain.settings import FORM_DRAFT
from algovera_desktop.ui.draft import MAX_PICTURES, Draft, models_for
from algovera_desktop.ui.size_presets import Shape, presets_of, shape_of

SMALL = ModelInfo(
    "small",
    "Small",
    steps=IntRange(1, 20),
    default_steps=8,
    guidance_scale=FloatRange(1.0, 5.0),
    default_guidance_scale=2.0,
    sides=IntRange(64, 256, 64),
    native_size=Size(256, 256),
)
LARGE = ModelInfo("large", "Large", steps=IntRange(1, 100), sides=IntRange(128, 2048, 8))
DALLE = DOCUMENTED_MODELS["dalle"]
MODELS = [SMALL, LARGE, *DOCUMENTED_MODELS.values()]

sides = st.none() | st.integers(1, 10_000)
drafts = st.builds(
    Draft,
    prompt=st.text(min_size=1).filter(str.strip),
    negative_prompt=st.text(),
    without_open=st.booleans(),
    model=st.text(),
    width=sides,
    height=sides,
    steps=st.none() | st.integers(1, 500),
    guidance_scale=st.none() | st.floats(0, 100),
    seed=st.none() | st.integers(0, MAX_SEED),
    pictures=st.integers(1, 64),
    from_sha256=st.text(),
    from_prompt=st.text(),
)


@given(drafts)
def test_a_draft_survives_the_settings_file(draft):
    stored = json.loads(json.dumps(FORM_DRAFT.encode(draft.to_values())))
    assert Draft.from_values(FORM_DRAFT.decode(stored)) == draft


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Draft().to_values(), "width", "steps", "seed", "unheard_of"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_whatever_stands_in_the_file_a_good_draft_comes_of_it(values):
    draft = Draft.from_values(values)
    assert 1 <= draft.pictures <= MAX_PICTURES
    draft = replace(draft, pictures=1)
    for model in MODELS:
        for request in draft.requests(model, lambda: 1):
            model.validate(GenerationRequest(**{**as_dict(request), "prompt": "a fox"}))


def as_dict(request: GenerationRequest) -> dict[str, object]:
    return {name: getattr(request, name) for name in GenerationRequest.__slots__}


@given(drafts, st.sampled_from(MODELS))
def test_every_draft_becomes_requests_that_the_model_accepts(draft, model):
    requests = draft.requests(model, lambda: 7)
    assert len(requests) == draft.pictures
    for request in requests:
        model.validate(request)
    assert len({request.seed for request in requests}) == draft.pictures


def test_untouched_numbers_follow_each_models_defaults():
    draft = Draft(prompt="a fox")
    assert (draft.steps_for(SMALL), draft.steps_for(LARGE)) == (8, 25)
    assert draft.size_for(SMALL) == Size(256, 256)
    assert draft.guidance_scale_for(SMALL) == 2.0


def test_a_wish_waits_for_a_model_that_can_grant_it():
    draft = Draft(steps=80, width=1000, height=136)
    assert draft.steps_for(SMALL) == 20
    assert draft.size_for(SMALL) == Size(256, 128)
    assert draft.steps_for(LARGE) == 80
    assert draft.size_for(LARGE) == Size(1000, 136)


def test_with_few_sizes_the_nearest_is_taken():
    assert Draft(width=900, height=800).size_for(DALLE) == Size(1024, 1024)
    assert Draft(width=128, height=128).size_for(DALLE) == Size(256, 256)


def test_seeds_follow_one_another_from_the_fixed_or_drawn_one():
    fixed = Draft(prompt="x", seed=MAX_SEED, pictures=3).requests(LARGE, lambda: 0)
    assert [request.seed for request in fixed] == [MAX_SEED, 0, 1]
    drawn = Draft(prompt="x", pictures=2).requests(LARGE, lambda: 40)
    assert [request.seed for request in drawn] == [40, 41]


def test_a_model_that_knows_no_negative_prompt_gets_none():
    draft = Draft(prompt="a fox", negative_prompt="people")
    assert draft.requests(DALLE, lambda: 1)[0].negative_prompt == ""
    assert draft.requests(LARGE, lambda: 1)[0].negative_prompt == "people"


def test_a_requests_draft_leads_to_the_same_request():
    request = GenerationRequest("a fox", "large", 640, 384, 33, 6.25, 2**40, "people")
    assert Draft.of_request(request).requests(LARGE, lambda: 0) == [request]


requests = st.builds(
    GenerationRequest,
    prompt=st.text(min_size=1).map(str.strip).filter(bool),
    model=st.sampled_from(["small", "unheard of", "dalle", "stable"]),
    width=st.integers(1, 10_000),
    height=st.integers(1, 10_000),
    steps=st.integers(1, 500),
    guidance_scale=st.floats(-50, 500),
    seed=st.integers(0, MAX_SEED),
    negative_prompt=st.text().map(str.strip),
)


@settings(deadline=None)
@given(requests, st.lists(st.sampled_from(MODELS), unique_by=lambda model: model.name))
def test_a_request_that_is_opened_to_be_changed_can_be_saved_as_it_is(request, offered):
    models = models_for(request, offered)
    assert {model.name for model in models} == {request.model, *(model.name for model in offered)}
    (own,) = [model for model in models if model.name == request.model]
    assert own.installed
    assert Draft.of_request(request).requests(own, lambda: 0) == [request]
    own.validate(replace(request, prompt="a fox", negative_prompt=""))


def test_a_model_is_opened_with_its_own_limits_where_they_are_wide_enough():
    request = GenerationRequest("a fox", "large", 640, 384, 33, 6.25)
    assert models_for(request, [SMALL, LARGE]) == [SMALL, LARGE]


def test_a_press_for_hundreds_is_one_list_of_seeds_that_follow_each_other():
    draft = Draft(prompt="x", seed=MAX_SEED - 99, pictures=MAX_PICTURES)
    seeds = [request.seed for request in draft.requests(LARGE, lambda: 0)]
    assert seeds == [*range(MAX_SEED - 99, MAX_SEED + 1), *range(MAX_PICTURES - 100)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_preset_can_be_asked_for_and_none_is_offered_twice(model):
    presets = presets_of(model)
    assert len({preset.size for preset in presets}) == len(presets)
    for preset in presets:
        size = preset.size
        draft = Draft(prompt="x", width=size.width, height=size.height)
        (request,) = draft.requests(model, lambda: 1)
        assert Size(request.width, request.height) == size
        model.validate(request)


def test_the_native_size_is_offered_first_and_shapes_keep_its_area():
    first, *others = presets_of(LARGE)
    assert first.size == LARGE.native_size
    assert {preset.shape for preset in others} == set(Shape) - {Shape.SQUARE}
    for preset in others:
        area = preset.size.width * preset.size.height
        assert area == pytest.approx(512 * 512, rel=0.2)
        assert shape_of(preset.size) is preset.shape


def test_a_model_with_few_sizes_offers_just_these():
    assert [preset.size for preset in presets_of(DALLE)] == list(DALLE.sizes)
