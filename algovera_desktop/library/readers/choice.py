"""Which tool made a picture, and what it was asked for."""

from algovera_desktop.library.readers import (
    a1111,
    comfyui,
    draw_things,
    fooocus,
    invokeai,
    novelai,
    own,
    stability_matrix,
    swarmui,
)
from algovera_desktop.library.readers.reading import Reading, Texts

_READERS = (
    own.read,
    stability_matrix.read,
    invokeai.read,
    swarmui.read,
    fooocus.read,
    novelai.read,
    draw_things.read,
    comfyui.read,
    a1111.read,
)
"""Those that others imitate come last: many write AUTOMATIC1111's text, and some ComfyUI's graph,
beside their own."""


def read_texts(texts: Texts) -> Reading | None:
    """What the first reader that knows these texts makes of them; None if none does."""
    return next((found for read in _READERS if (found := read(texts)) is not None), None)
