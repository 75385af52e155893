"""InvokeAI, in the three forms that it has had.

- since 3.0 ``invokeai_metadata``, JSON (``CoreMetadataInvocation`` in its
  ``app/invocations/metadata.py``), with ``invokeai_graph`` and ``invokeai_workflow`` beside it;
- 2.x ``sd-metadata``, JSON with the picture's part under ``image`` (its
  ``ldm/invoke/pngwriter.py``);
- before, and beside it, ``Dream``: the prompt in quotes and the options of its command line.

Up to 2.x the negative prompt stands in square brackets within the prompt.
"""

import re

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import Reading, Texts, model_name, request_of

TOOL = "InvokeAI"

_KEYWORDS = ("invokeai_metadata", "invokeai_graph", "invokeai_workflow", "sd-metadata", "Dream")
_NEGATIVE = re.compile(r"\[([^\[\]]*)\]")
_OPTION = re.compile(r"\s-([sSWHC])\s?(\d[\d.]*)")


def read(texts: Texts) -> Reading | None:
    if not any(keyword in texts for keyword in _KEYWORDS):
        return None
    if metadata := JsonFields.parse(texts.get("invokeai_metadata")):
        request = _request(metadata)
    elif metadata := JsonFields.parse(texts.get("sd-metadata")):
        request = _request_of_version_2(metadata)
    else:
        request = _request_of_command(texts.get("Dream", ""))
    return Reading(TOOL, request, texts)


def _request(metadata: JsonFields) -> GenerationRequest:
    model = metadata.part("model")
    return request_of(
        metadata.text("positive_prompt"),
        metadata.text("negative_prompt"),
        model=model_name(model.text("name", "model_name") if model else metadata.text("model")),
        width=metadata.whole("width"),
        height=metadata.whole("height"),
        steps=metadata.whole("steps"),
        guidance_scale=metadata.number("cfg_scale", "guidance"),
        seed=metadata.whole("seed"),
    )


def _request_of_version_2(metadata: JsonFields) -> GenerationRequest:
    image = metadata.part("image") or metadata
    prompts = [part.text("prompt") or "" for part in image.parts("prompt")]
    prompt, negative_prompt = _split("\n".join(prompts) or image.text("prompt") or "")
    return request_of(
        prompt,
        negative_prompt,
        model=metadata.text("model_weights", "model"),
        width=image.whole("width"),
        height=image.whole("height"),
        steps=image.whole("steps"),
        guidance_scale=image.number("cfg_scale"),
        seed=image.whole("seed"),
    )


def _request_of_command(command: str) -> GenerationRequest:
    quoted, quote, options = command.rpartition('"')
    if not quote:
        quoted, options = command, ""
    prompt, negative_prompt = _split(quoted.strip().removeprefix('"'))
    found = JsonFields(dict(_OPTION.findall(options)))
    return request_of(
        prompt,
        negative_prompt,
        width=found.whole("W"),
        height=found.whole("H"),
        steps=found.whole("s"),
        guidance_scale=found.number("C"),
        seed=found.whole("S"),
    )


def _split(prompt: str) -> tuple[str, str]:
    return _NEGATIVE.sub("", prompt).strip(), ", ".join(_NEGATIVE.findall(prompt))
