"""Fooocus, in both schemes that it can write (its ``modules/meta_parser.py``).

``fooocus``: JSON where AUTOMATIC1111 has its text; ``a1111``: that text, with the prompts as they
were typed under ``Raw prompt`` and ``Raw negative prompt``, and a ``Version`` that names it. PNG
has the scheme under ``fooocus_scheme``, JPEG and WebP as Exif's maker note. RuinedFooocus has
JSON of its own.
"""

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.readers.infotext import infotext, infotext_request
from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import (
    Reading,
    Texts,
    model_name,
    request_of,
    sides_in,
)

TOOL = "Fooocus"
_RUINED = "RuinedFooocus"


def read(texts: Texts) -> Reading | None:
    """What Fooocus or RuinedFooocus wrote; None for another program's picture."""
    for keyword in ("parameters", "UserComment"):
        found = JsonFields.parse(texts.get(keyword))
        if found is not None and (tool := _tool(found, texts)):
            return Reading(tool, _request(found), texts)
    parameters = infotext(texts) if _names_fooocus(texts) else None
    if parameters is None:
        return None
    request = infotext_request(
        parameters,
        prompt=parameters.fields.get("Raw prompt"),
        negative_prompt=parameters.fields.get("Raw negative prompt"),
    )
    return Reading(TOOL, request, texts)


def _tool(found: JsonFields, texts: Texts) -> str:
    if found.text("software") == _RUINED:
        return _RUINED
    is_ours = "base_model" in found and ("full_prompt" in found or "performance" in found)
    return TOOL if is_ours or _names_fooocus(texts) else ""


def _names_fooocus(texts: Texts) -> bool:
    if "fooocus_scheme" in texts or texts.get("Software", "").startswith(TOOL):
        return True
    return any(f"Version: {TOOL}" in texts.get(key, "") for key in ("parameters", "UserComment"))


def _request(found: JsonFields) -> GenerationRequest:
    width, height = sides_in(found.text("resolution"))
    return request_of(
        found.text("prompt", "Prompt"),
        found.text("negative_prompt", "Negative"),
        model=model_name(found.text("base_model", "base_model_name")),
        width=width or found.whole("width"),
        height=height or found.whole("height"),
        steps=found.whole("steps"),
        guidance_scale=found.number("guidance_scale", "cfg"),
        seed=found.whole("seed"),
    )
