"""NovelAI: ``Software``, ``Source`` (the model), ``Description`` (the prompt) and ``Comment``
(JSON) as texts in PNG, hidden in its pixels too (``library.stealth``); the same as one JSON object
in the user comment of other formats.

Since its fourth models the prompts are also in parts, ``v4_prompt`` and ``v4_negative_prompt``,
one caption for the whole and one for each character (its own ``novelai-image-metadata``).
"""

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import Reading, Texts, request_of

TOOL = "NovelAI"


def read(texts: Texts) -> Reading | None:
    found = JsonFields.parse(texts.get("UserComment"))
    if found is None or "Comment" not in found:
        found = JsonFields(dict(texts))
    if TOOL not in (found.text("Software"), texts.get("Software")):
        return None
    request = _request(found.text("Comment"), found.text("Description"), found.text("Source"))
    return Reading(TOOL, request, texts)


def _request(comment: str | None, description: str | None, source: str | None) -> GenerationRequest:
    found = JsonFields.parse(comment) or JsonFields({})
    return request_of(
        _captions(found, "v4_prompt") or description or found.text("prompt"),
        _captions(found, "v4_negative_prompt") or found.text("uc"),
        model=source,
        width=found.whole("width"),
        height=found.whole("height"),
        steps=found.whole("steps"),
        guidance_scale=found.number("scale"),
        seed=found.whole("seed"),
    )


def _captions(found: JsonFields, name: str) -> str:
    """The caption of the whole, and on a line each those of the characters."""
    prompt = found.part(name)
    caption = prompt.part("caption") if prompt else None
    if caption is None:
        return ""
    characters = [part.text("char_caption") for part in caption.parts("char_captions")]
    return "\n".join(filter(None, [caption.text("base_caption"), *characters]))
