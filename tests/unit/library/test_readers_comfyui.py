"""A graph of ComfyUI's nodes is followed to where the picture comes from."""

import json
from typing import Any

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.readers.choice import read_texts

Node = dict[str, Any]


def node(kind: str, **inputs: object) -> Node:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


def request_of(graph: dict[str, Node], **others: str) -> GenerationRequest:
    reading = read_texts({"prompt": json.dumps(graph), **others})
    assert reading is not None
    assert reading.tool == "ComfyUI"
    assert reading.raw["prompt"] == json.dumps(graph)
    return reading.request


PLAIN = {
    "3": node(
        "KSampler",
        seed=156680208700286,
        steps=20,
        cfg=8,
        sampler_name="euler",
        denoise=1,
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "4": node("CheckpointLoaderSimple", ckpt_name="sd15/dreamshaper_8.safetensors"),
    "5": node("EmptyLatentImage", width=768, height=512, batch_size=1),
    "6": node("CLIPTextEncode", text="a fox in the snow", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}


def test_the_plain_graph_is_understood_whole() -> None:
    assert request_of(PLAIN) == GenerationRequest(
        prompt="a fox in the snow",
        model="dreamshaper_8",
        width=768,
        height=512,
        steps=20,
        guidance_scale=8,
        seed=156680208700286,
        negative_prompt="blurry",
    )


def test_of_two_passes_the_first_counts() -> None:
    second = node(
        "KSampler",
        seed=1,
        steps=7,
        cfg=3,
        denoise=0.4,
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["10", 0],
    )
    upscale = node("LatentUpscale", width=1536, height=1024, samples=["3", 0])
    decode = node("VAEDecode", samples=["11", 0], vae=["4", 2])
    request = request_of(PLAIN | {"8": decode, "10": upscale, "11": second})
    assert (request.seed, request.steps) == (156680208700286, 20)
    assert (request.width, request.height) == (768, 512)


def test_flux_has_its_parts_in_nodes_of_their_own() -> None:
    graph = {
        "1": node("UNETLoader", unet_name="flux1-dev.safetensors"),
        "2": node("CLIPTextEncode", text="a fox", clip=["9", 0]),
        "3": node("FluxGuidance", guidance=3.5, conditioning=["2", 0]),
        "4": node("BasicGuider", model=["1", 0], conditioning=["3", 0]),
        "5": node("RandomNoise", noise_seed=77),
        "6": node("BasicScheduler", scheduler="simple", steps=28, model=["1", 0]),
        "7": node("EmptySD3LatentImage", width=["12", 0], height=1216),
        "8": node(
            "SamplerCustomAdvanced",
            noise=["5", 0],
            guider=["4", 0],
            sampler=["13", 0],
            sigmas=["6", 0],
            latent_image=["7", 0],
        ),
        "10": node("VAEDecode", samples=["8", 0]),
        "11": node("SaveImage", images=["10", 0]),
        "12": node("PrimitiveInt", value=832),
    }
    assert request_of(graph) == GenerationRequest(
        "a fox", "flux1-dev", 832, 1216, steps=28, guidance_scale=3.5, seed=77
    )


def test_a_prompt_may_come_by_way_of_other_nodes() -> None:
    graph = PLAIN | {
        "6": node("CLIPTextEncode", text=["20", 0], clip=["4", 1]),
        "20": node("StringConcatenate", string=["21", 0]),
        "21": node("PrimitiveStringMultiline", value="typed elsewhere"),
        "22": node(
            "ControlNetApplyAdvanced", positive=["6", 0], negative=["7", 0], control_net=["4", 0]
        ),
        "3": {
            "class_type": "KSampler",
            "inputs": PLAIN["3"]["inputs"] | {"positive": ["22", 0], "negative": ["22", 1]},
        },
    }
    request = request_of(graph)
    assert (request.prompt, request.negative_prompt) == ("typed elsewhere", "blurry")


def test_combined_prompts_stand_one_a_line() -> None:
    combined = node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["31", 0])
    sdxl = node("CLIPTextEncodeSDXL", text_g="in the style", text_l="of old", width=4096, height=9)
    sampler = {
        "class_type": "KSampler",
        "inputs": {"positive": ["30", 0]}
        | {name: value for name, value in PLAIN["3"]["inputs"].items() if name != "positive"},
    }
    request = request_of(PLAIN | {"30": combined, "31": sdxl, "3": sampler})
    assert request.prompt == "a fox in the snow\nin the style\nof old"
    assert (request.width, request.height) == (768, 512)


def test_the_text_that_a_saving_node_adds_is_believed() -> None:
    infotext = "another fox\nSteps: 4, CFG scale: 1, Seed: 5, Size: 64x64, Model: m"
    request = request_of(PLAIN, parameters=infotext)
    assert (request.prompt, request.steps) == ("another fox", 4)


def test_a_drawn_graph_alone_names_the_tool() -> None:
    reading = read_texts({"workflow": json.dumps({"nodes": [], "links": [], "version": 0.4})})
    assert reading is not None
    assert reading.tool == "ComfyUI"


def test_what_is_no_number_in_json_does_no_harm() -> None:
    graph = json.dumps(PLAIN | {"40": node("Note")}).replace('"_meta"', '"is_changed": [NaN], "m"')
    reading = read_texts({"prompt": graph})
    assert reading is not None
    assert reading.request.steps == 20


def test_links_in_a_circle_or_to_nowhere_end() -> None:
    graph = {
        "1": node(
            "KSampler", positive=["2", 0], negative=["9", 0], latent_image=["1", 0], seed=["1", 0]
        ),
        "2": node("Reroute", anything=["3", 0], text=["2", 0]),
        "3": node("Reroute", anything=["2", 0]),
    }
    request = request_of(graph)
    assert (request.prompt, request.negative_prompt, request.seed) == ("", "", 0)


def test_thousands_of_nodes_in_a_row_are_no_trouble() -> None:
    graph = {str(n): node("Reroute", conditioning=[str(n + 1), 0]) for n in range(4000)}
    graph["4000"] = node("CLIPTextEncode", text="at the end")
    graph["s"] = node("KSampler", positive=["0", 0], negative=["0", 0], steps=4)
    assert request_of(graph).prompt == "at the end"


def test_a_graph_made_to_take_long_ends_too() -> None:
    links = {f"conditioning_{n}": [str(n), 0] for n in range(100)}
    everything = links | {"latent_image": ["1", 0], "positive": ["2", 0]}
    graph = {str(n): node("KSampler" if n % 2 else "Reroute", **everything) for n in range(400)}
    graph |= {f"t{n}": node("CLIPTextEncode", text=f"text {n}") for n in range(5000)}
    graph["end"] = node("SaveImage", **{f"i{n}": [f"t{n}", 0] for n in range(5000)})
    assert request_of(graph).prompt == ""
