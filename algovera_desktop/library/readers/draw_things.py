"""Draw Things: JSON in the user comment, of XMP in PNG, of Exif elsewhere; ``c`` is the prompt and
``uc`` the negative one, ``v2`` the whole configuration; ``CreatorTool`` in XMP names the program.

Its makers describe the form nowhere that we know of; this is what receyuki's
stable-diffusion-prompt-reader expects (``format/drawthings.py``) and what others' samples hold.
"""

from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import (
    Reading,
    Texts,
    model_name,
    request_of,
    sides_in,
)

TOOL = "Draw Things"


def read(texts: Texts) -> Reading | None:
    """What Draw Things wrote; None for another program's picture."""
    found = JsonFields.parse(texts.get("UserComment"))
    is_named = TOOL in (texts.get("CreatorTool"), texts.get("Software"))
    if found is None or not (is_named or ("c" in found and "uc" in found)):
        return Reading(TOOL, request_of(), texts) if is_named else None
    width, height = sides_in(found.text("size"))
    request = request_of(
        found.text("c"),
        found.text("uc"),
        model=model_name(found.text("model")),
        width=width,
        height=height,
        steps=found.whole("steps"),
        guidance_scale=found.number("scale"),
        seed=found.whole("seed"),
    )
    return Reading(TOOL, request, texts)
