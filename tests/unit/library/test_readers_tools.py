"""What each tool writes, in the form that it documents, is read as what was asked of it."""

import json

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.parameters import format_parameters
from algovera_desktop.library.readers.choice import read_texts
from algovera_desktop.library.readers.reading import MAX_PROMPT_CHARS

FOX = GenerationRequest(
    prompt="a fox in the snow",
    model="dreamshaper_8",
    width=768,
    height=512,
    steps=25,
    guidance_scale=6.5,
    seed=4242,
    negative_prompt="blurry",
)
INFOTEXT = (
    "a fox in the snow\nNegative prompt: blurry\n"
    "Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 4242, Size: 768x512, "
    "Model hash: 879db523c3, Model: dreamshaper_8, Version: {version}"
)
SWARM = {
    "sui_image_params": {
        "prompt": "a fox in the snow",
        "negativeprompt": "blurry",
        "model": "OfficialStableDiffusion/dreamshaper_8",
        "seed": 4242,
        "steps": "25",
        "cfgscale": "6.5",
        "width": 768,
        "height": 512,
        "swarm_version": "0.9.3.1",
    },
    "sui_extra_data": {"date": "2024-11-13"},
}
INVOKE = {
    "generation_mode": "txt2img",
    "positive_prompt": "a fox in the snow",
    "negative_prompt": "blurry",
    "width": 768,
    "height": 512,
    "seed": 4242,
    "cfg_scale": 6.5,
    "steps": 25,
    "scheduler": "euler",
    "model": {"key": "4cbb", "hash": "blake3:1", "name": "dreamshaper_8", "type": "main"},
    "app_version": "5.6.0",
}
INVOKE_2 = {
    "model": "stable diffusion",
    "model_weights": "dreamshaper_8",
    "app_id": "invoke-ai/InvokeAI",
    "image": {
        "prompt": [{"prompt": "a fox in the snow [blurry]", "weight": 1.0}],
        "steps": 25,
        "cfg_scale": 6.5,
        "seed": 4242,
        "width": 768,
        "height": 512,
        "sampler": "k_lms",
    },
}
FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "dreamshaper_8",
    "full_negative_prompt": ["blurry", "bad"],
    "full_prompt": ["a fox in the snow", "cinematic"],
    "guidance_scale": 6.5,
    "negative_prompt": "blurry",
    "performance": "Speed",
    "prompt": "a fox in the snow",
    "resolution": "(768, 512)",
    "seed": "4242",
    "steps": 25,
    "version": "Fooocus v2.5.5",
}
RUINED = {
    "Prompt": "a fox in the snow",
    "Negative": "blurry",
    "steps": 25,
    "cfg": 6.5,
    "width": 768,
    "height": 512,
    "seed": 4242,
    "base_model_name": "dreamshaper_8.safetensors",
    "software": "RuinedFooocus",
}
STABILITY_MATRIX = {
    "PositivePrompt": "a fox in the snow",
    "NegativePrompt": "blurry",
    "Steps": 25,
    "Sampler": "Euler",
    "CfgScale": 6.5,
    "Seed": 4242,
    "Height": 512,
    "Width": 768,
    "ModelHash": None,
    "ModelName": "dreamshaper_8.safetensors",
}
NOVELAI_COMMENT = {
    "prompt": "a fox in the snow",
    "steps": 25,
    "height": 512,
    "width": 768,
    "scale": 6.5,
    "seed": 4242,
    "sampler": "k_euler_ancestral",
    "uc": "blurry",
}
NOVELAI = {
    "Title": "NovelAI generated image",
    "Description": "a fox in the snow",
    "Software": "NovelAI",
    "Source": "dreamshaper_8",
    "Comment": json.dumps(NOVELAI_COMMENT),
}
DRAW_THINGS = {
    "c": "a fox in the snow",
    "uc": "blurry",
    "model": "dreamshaper_8.ckpt",
    "sampler": "Euler A",
    "scale": 6.5,
    "seed": 4242,
    "size": "768x512",
    "steps": 25,
    "strength": 1,
    "v2": {"loras": []},
}
FOOOCUS_INFOTEXT = (
    "a fox in the snow, cinematic\nNegative prompt: blurry, bad\n"
    "Steps: 25, Sampler: DPM++ 2M SDE Karras, Seed: 4242, Size: 768x512, CFG scale: 6.5, "
    "Sharpness: 2, Model: dreamshaper_8, Performance: Speed, Raw prompt: a fox in the snow, "
    "Raw negative prompt: blurry, Version: Fooocus v2.5.5"
)


@pytest.mark.parametrize(
    ("tool", "texts"),
    [
        ("AUTOMATIC1111", {"parameters": INFOTEXT.format(version="v1.10.1")}),
        ("AUTOMATIC1111", {"UserComment": INFOTEXT.format(version="v1.10.1")}),
        ("AUTOMATIC1111", {"parameters": INFOTEXT.format(version="v1").replace("\n", "\r\n")}),
        ("Forge", {"parameters": INFOTEXT.format(version="f2.0.1v1.10.1-previous-664")}),
        ("SD.Next", {"parameters": INFOTEXT.format(version="4ea1a38, App: SD.Next")}),
        ("SwarmUI", {"parameters": json.dumps(SWARM, indent=2)}),
        ("SwarmUI", {"UserComment": json.dumps(SWARM)}),
        ("InvokeAI", {"invokeai_metadata": json.dumps(INVOKE), "invokeai_graph": "{}"}),
        ("InvokeAI", {"sd-metadata": json.dumps(INVOKE_2), "Dream": '"other" -s 5'}),
        ("Fooocus", {"parameters": json.dumps(FOOOCUS), "fooocus_scheme": "fooocus"}),
        ("Fooocus", {"UserComment": json.dumps(FOOOCUS), "MakerNote": "fooocus"}),
        ("Fooocus", {"parameters": FOOOCUS_INFOTEXT, "fooocus_scheme": "a1111"}),
        ("Fooocus", {"UserComment": FOOOCUS_INFOTEXT}),
        ("RuinedFooocus", {"parameters": json.dumps(RUINED)}),
        ("Stability Matrix", {"parameters-json": json.dumps(STABILITY_MATRIX), "smproj": "{}"}),
        ("Stability Matrix", {"parameters": INFOTEXT.format(version=""), "smproj": "{}"}),
        ("NovelAI", NOVELAI),
        ("NovelAI", {"UserComment": json.dumps(NOVELAI), "Software": "NovelAI"}),
        ("NovelAI", {"UserComment": json.dumps(NOVELAI)}),
        ("Draw Things", {"CreatorTool": "Draw Things", "UserComment": json.dumps(DRAW_THINGS)}),
        ("Draw Things", {"UserComment": json.dumps(DRAW_THINGS)}),
        ("", {"parameters": format_parameters(FOX)}),
        ("", {"UserComment": format_parameters(FOX)}),
    ],
)
def test_a_tools_own_texts_give_its_name_and_the_request(tool: str, texts: dict[str, str]) -> None:
    reading = read_texts(texts)
    assert reading is not None
    assert (reading.tool, reading.request) == (tool, FOX)
    assert reading.raw == texts


def test_the_command_of_the_first_invokeai_is_understood() -> None:
    dream = (
        '"a fox, \\"red\\" [blurry] in the snow [grey]" -s 25 -S4242 -W 768 -H 512 -C 6.5 -A k_lms'
    )
    reading = read_texts({"Dream": dream})
    assert reading is not None
    assert reading.request.negative_prompt == "blurry, grey"
    assert "in the snow" in reading.request.prompt
    assert (reading.request.steps, reading.request.seed) == (25, 4242)
    assert (reading.request.width, reading.request.height) == (768, 512)
    assert reading.request.guidance_scale == 6.5


def test_novelais_captions_of_characters_follow_that_of_the_whole() -> None:
    def prompt(base: str, *characters: str) -> object:
        parts = [{"char_caption": text, "centers": [{"x": 0.5, "y": 0.5}]} for text in characters]
        return {"caption": {"base_caption": base, "char_captions": parts}}

    comment = NOVELAI_COMMENT | {
        "v4_prompt": prompt("two animals", "a fox", "a hare"),
        "v4_negative_prompt": prompt("blurry", "", "a dog"),
    }
    reading = read_texts(NOVELAI | {"Comment": json.dumps(comment)})
    assert reading is not None
    assert reading.request.prompt == "two animals\na fox\na hare"
    assert reading.request.negative_prompt == "blurry\na dog"


def test_stability_matrix_writes_utf_8_where_latin_1_belongs() -> None:
    texts = {"parameters-json": json.dumps({"PositivePrompt": "雪 café"}, ensure_ascii=False)}
    misread = {keyword: text.encode().decode("latin-1") for keyword, text in texts.items()}
    for each in (texts, misread):
        reading = read_texts(each)
        assert reading is not None
        assert reading.request.prompt == "雪 café"


def test_exactly_what_was_typed_here_comes_back_from_our_own_pictures() -> None:
    request = GenerationRequest(
        "Negative prompt: x\nSteps: 1, a: b, c: d", "m", negative_prompt="é"
    )
    reading = read_texts({"parameters": format_parameters(request)})
    assert reading is not None
    assert (reading.tool, reading.request) == ("", request)


def test_a_bare_prompt_is_believed_under_its_own_keyword_only() -> None:
    reading = read_texts({"parameters": "a fox in the snow"})
    assert reading is not None
    assert reading.request.prompt == "a fox in the snow"
    assert read_texts({"UserComment": "Taken at dusk"}) is None


def test_texts_of_no_known_tool_are_nobodys() -> None:
    assert read_texts({}) is None
    assert read_texts({"Software": "GIMP 2.10", "Comment": "Created with GIMP"}) is None
    assert read_texts({"prompt": "a fox", "workflow": "{}"}) is None
    assert read_texts({"parameters": '{"some": "json"}'}) is None


def test_numbers_that_no_library_can_hold_become_the_defaults() -> None:
    wild = INVOKE | {
        "seed": 2**64 - 1,
        "steps": -5,
        "width": 10**30,
        "cfg_scale": float("nan"),
        "positive_prompt": "a\0b\ud800c",
        "negative_prompt": "x" * (2 * MAX_PROMPT_CHARS),
    }
    reading = read_texts({"invokeai_metadata": json.dumps(wild)})
    assert reading is not None
    request = reading.request
    assert (request.seed, request.steps, request.guidance_scale) == (0, 30, 7.5)
    assert (request.width, request.height) == (0, 512)
    assert request.prompt == "ab?c"
    assert len(request.negative_prompt) == MAX_PROMPT_CHARS
    assert json.loads(reading.raw["invokeai_metadata"])["seed"] == 2**64 - 1


@pytest.mark.parametrize("keyword", ["parameters", "invokeai_metadata", "prompt", "UserComment"])
@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, '{"a":' * 200_000, "{}, " * 300_000, '{"seed": ' + "9" * 100_000 + "}"],
    ids=["brackets", "braces", "long", "number"],
)
def test_json_made_to_do_harm_is_passed_over(keyword: str, text: str) -> None:
    reading = read_texts({keyword: text})
    assert reading is None or reading.request.steps == 30
