"""ComfyUI: the graph that was run as ``prompt``, the graph as it is drawn as ``workflow`` (its
``nodes.py``, ``SaveImage``; https://docs.comfy.org, workflow JSON).

Nodes that save for other tools write AUTOMATIC1111's text as well; that is what they themselves
take the graph for, and believed before our own look at it.
"""

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.readers.comfyui_graph import Graph
from algovera_desktop.library.readers.infotext import infotext, infotext_request
from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import Reading, Texts, model_name, request_of

TOOL = "ComfyUI"
_MODELS = ("ckpt_name", "unet_name", "base_ckpt_name", "gguf_name", "model_name")


def read(texts: Texts) -> Reading | None:
    nodes = JsonFields.parse(texts.get("prompt"))
    graph = Graph(nodes) if nodes else None
    if not graph and not _is_workflow(JsonFields.parse(texts.get("workflow"))):
        return None
    parameters = infotext(texts)
    if parameters is not None and parameters.fields:
        return Reading(TOOL, infotext_request(parameters), texts)
    return Reading(TOOL, _request(graph) if graph else request_of(), texts)


def _is_workflow(found: JsonFields | None) -> bool:
    return found is not None and "nodes" in found and "links" in found


def _request(graph: Graph) -> GenerationRequest:
    sampler = graph.first_sampler()
    if sampler is None:
        return request_of()
    nodes, canvas = [sampler], [*graph.latents(sampler), sampler]
    asked = JsonFields(
        {
            "width": graph.near(canvas, "width"),
            "height": graph.near(canvas, "height"),
            "steps": graph.near(nodes, "steps"),
            "cfg": graph.near(nodes, "cfg", "guidance"),
            "seed": graph.near(nodes, "seed", "noise_seed"),
            "model": graph.near(nodes, *_MODELS),
        }
    )
    return request_of(
        graph.texts(sampler, "positive"),
        graph.texts(sampler, "negative"),
        model=model_name(asked.text("model")),
        width=asked.whole("width"),
        height=asked.whole("height"),
        steps=asked.whole("steps"),
        guidance_scale=asked.number("cfg"),
        seed=asked.whole("seed"),
    )
