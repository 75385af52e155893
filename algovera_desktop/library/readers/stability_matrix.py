"""Stability Matrix: ``parameters-json`` and the project ``smproj`` beside AUTOMATIC1111's text
and ComfyUI's graph (``StabilityMatrix.Core/Models/GenerationParameters.cs``).

It writes UTF-8 into chunks that are Latin-1 by PNG's rules.
"""

from algovera_desktop.library.readers.infotext import infotext, infotext_request
from algovera_desktop.library.readers.json_fields import JsonFields
from algovera_desktop.library.readers.reading import Reading, Texts, model_name, request_of

TOOL = "Stability Matrix"
_KEYWORDS = ("parameters-json", "smproj")


def read(texts: Texts) -> Reading | None:
    """What Stability Matrix wrote; None for another program's picture."""
    if not any(keyword in texts for keyword in _KEYWORDS):
        return None
    texts = {keyword: _repaired(text) for keyword, text in texts.items()}
    if found := JsonFields.parse(texts.get("parameters-json")):
        request = request_of(
            found.text("PositivePrompt"),
            found.text("NegativePrompt"),
            model=model_name(found.text("ModelName")),
            width=found.whole("Width"),
            height=found.whole("Height"),
            steps=found.whole("Steps"),
            guidance_scale=found.number("CfgScale"),
            seed=found.whole("Seed"),
        )
    else:
        parameters = infotext(texts)
        request = infotext_request(parameters) if parameters else request_of()
    return Reading(TOOL, request, texts)


def _repaired(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
