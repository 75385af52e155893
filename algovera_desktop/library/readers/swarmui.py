"""SwarmUI: JSON with ``sui_image_params`` where AUTOMATIC1111 has its text (its
``docs/Image Metadata Format.md`` and ``src/Utils/Image.cs``; the user comment in JPEG and WebP)."""

from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import Reading, Texts, model_name, request_of

TOOL = "SwarmUI"
_PARAMETERS = "sui_image_params"


def read(texts: Texts) -> Reading | None:
    for keyword in ("parameters", "UserComment"):
        text = texts.get(keyword, "")
        parsed = JsonFields.parse(text) if _PARAMETERS in text else None
        found = parsed.part(_PARAMETERS) if parsed else None
        if found is not None:
            return _reading(found, texts)
    return None


def _reading(found: JsonFields, texts: Texts) -> Reading:
    request = request_of(
        found.text("prompt"),
        found.text("negativeprompt"),
        model=model_name(found.text("model")),
        width=found.whole("width"),
        height=found.whole("height"),
        steps=found.whole("steps"),
        guidance_scale=found.number("cfgscale"),
        seed=found.whole("seed"),
    )
    return Reading(TOOL, request, texts)
