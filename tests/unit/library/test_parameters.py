"""Parameters as text, as AUTOMATIC1111 writes them."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from algovera_desktop.domain.generation import MAX_SEED, GenerationRequest
from algovera_desktop.library.parameters import format_parameters, parse_parameters

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.lists(
    st.sampled_from(
        [
            "a fox",
            "Negative prompt: blurry",
            "Steps: 30, CFG scale: 7, Seed: 1",
            "Steps: 1",
            ", ",
            ":",
            '"',
            "\\",
            "\n",
            " ",
            "",
            "Exact prompt: x",
            'Exact negative prompt: "y"',
        ]
    ),
    max_size=8,
).map("\n".join)
REQUESTS = st.builds(
    GenerationRequest,
    prompt=TEXTS,
    negative_prompt=TEXTS,
    model=st.sampled_from(["sketch", "stable diffusion v2-768x768"]) | TEXTS,
    width=st.integers(1, 99999),
    height=st.integers(1, 99999),
    steps=st.integers(1, 500),
    guidance_scale=st.floats(0, 100) | st.integers(0, 50).map(float),
    seed=st.integers(0, MAX_SEED),
)


def test_the_text_is_the_one_that_automatic1111_writes() -> None:
    request = GenerationRequest(
        "a fox,\nin the snow", "sketch", seed=1, negative_prompt="blurry, grey"
    )
    assert format_parameters(request, program="Algovera Desktop 0.1.0") == (
        "a fox,\nin the snow\n"
        "Negative prompt: blurry, grey\n"
        "Steps: 30, CFG scale: 7.5, Seed: 1, Size: 512x512, Model: sketch, "
        "Version: Algovera Desktop 0.1.0"
    )


def test_a_value_with_a_comma_or_colon_is_quoted_as_json() -> None:
    request = GenerationRequest("a", 'model: "x", y', guidance_scale=7.0)
    text = format_parameters(request, program="P")
    assert text.endswith(
        r'CFG scale: 7, Seed: 0, Size: 512x512, Model: "model: \"x\", y", Version: P'
    )


@given(REQUESTS)
@example(GenerationRequest("a\nNegative prompt: b", "sketch"))
@example(GenerationRequest("Steps: 1, CFG scale: 2, Seed: 3", "sketch"))
@example(GenerationRequest("a\0b", "sketch", negative_prompt="\0"))
@example(GenerationRequest("a", "sketch", negative_prompt="b\nNegative prompt: c"))
def test_every_request_survives_the_way_through_the_text(request: GenerationRequest) -> None:
    text = format_parameters(request)
    assert parse_parameters(text).request() == request
    assert "\0" not in text


@given(REQUESTS)
def test_automatic1111s_own_way_of_reading_finds_the_same_fields(
    request: GenerationRequest,
) -> None:
    """The expression and the rule for the last line are those of its infotext_utils."""
    expression = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
    last = format_parameters(request).strip().split("\n")[-1]
    fields = dict(expression.findall(last))
    assert fields["Steps"] == str(request.steps)
    assert float(fields["CFG scale"]) == request.guidance_scale
    assert fields["Seed"] == str(request.seed)
    assert fields["Size"] == f"{request.width}x{request.height}"


@given(st.text(max_size=500) | TEXTS)
def test_reading_never_fails_whatever_the_text_is(text: str) -> None:
    parsed = parse_parameters(text)
    parsed.request()


def test_a_text_of_another_program_is_read() -> None:
    parsed = parse_parameters(
        "masterpiece, (cat:1.2)\nNegative prompt: lowres,\nbad hands\n"
        "Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 6, Seed: 123, "
        'Size: 640x960, Model hash: abc, Model: v1-5, Lora hashes: "x: 1, y: 2", Version: v1.10'
    )
    request = parsed.request()
    assert request.prompt == "masterpiece, (cat:1.2)"
    assert request.negative_prompt == "lowres,\nbad hands"
    assert (request.width, request.height, request.steps) == (640, 960, 20)
    assert (request.guidance_scale, request.seed, request.model) == (6.0, 123, "v1-5")
    assert parsed.fields["Sampler"] == "Euler a"
    assert parsed.fields["Lora hashes"] == "x: 1, y: 2"


def test_a_prompt_alone_is_a_prompt() -> None:
    parsed = parse_parameters("a fox, Steps: many")
    assert (parsed.prompt, dict(parsed.fields)) == ("a fox, Steps: many", {})


@pytest.mark.parametrize("unit", ["a", " ", '"', "a b: ", 'aa: "', 'aa: "\\', "\\", "Seed: 1, "])
def test_a_huge_hostile_line_is_read(unit: str) -> None:
    """In linear effort; a quadratic one would take this test many minutes."""
    parse_parameters("x\n" + unit * (400_000 // len(unit))).request()
