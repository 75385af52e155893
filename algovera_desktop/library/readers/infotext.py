"""The text that AUTOMATIC1111 began with and that many tools write; who wrote it is told by its
``Version`` (``create_infotext`` in AUTOMATIC1111's ``modules/processing.py``)."""

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.parameters import PictureParameters, parse_parameters
from algovera_desktop.library.readers.reading import Texts, request_of, sides_in

_MAX_CHARS = 1 << 18
"""A hundred times what people write. Finding the fields takes time for each character."""


def infotext(texts: Texts) -> PictureParameters | None:
    """The parameters in PNG's ``parameters`` or in Exif's user comment; None if there are none.

    A bare prompt is believed only under the keyword that is meant for it.
    """
    for keyword in ("parameters", "UserComment"):
        text = texts.get(keyword, "").strip()
        if not text or len(text) > _MAX_CHARS or text.startswith(("{", "[")):
            continue
        parameters = parse_parameters(text.replace("\r\n", "\n"))
        if parameters.fields or keyword == "parameters":
            return parameters
    return None


def infotext_request(
    parameters: PictureParameters, *, prompt: str | None = None, negative_prompt: str | None = None
) -> GenerationRequest:
    """The request, with other prompts than the text's own where these are given."""
    request = parameters.request()
    width, height = sides_in(parameters.fields.get("Size"))
    return request_of(
        prompt or request.prompt,
        negative_prompt or request.negative_prompt,
        model=request.model,
        width=width,
        height=height,
        steps=request.steps,
        guidance_scale=request.guidance_scale,
        seed=request.seed,
    )
