"""AUTOMATIC1111's web UI, Forge, and what writes as they do.

Forge's versions begin with an ``f`` (``f2.0.1v1.10.1-previous-…``), AUTOMATIC1111's with a ``v``;
SD.Next names itself in a field ``App``.
"""

import re

from algovera_desktop.library.parameters import PictureParameters
from algovera_desktop.library.readers.infotext import infotext, infotext_request
from algovera_desktop.library.readers.reading import Reading, Texts

_FORGE = re.compile(r"f\d|.*forge", re.IGNORECASE)


def read(texts: Texts) -> Reading | None:
    parameters = infotext(texts)
    if parameters is None:
        return None
    return Reading(_tool(parameters), infotext_request(parameters), texts)


def _tool(parameters: PictureParameters) -> str:
    version, app = (parameters.fields.get(name, "") for name in ("Version", "App"))
    if app == "SD.Next":
        return app
    return "Forge" if _FORGE.match(version) else "AUTOMATIC1111"
