"""Pictures that this program made (``library/parameters.py`` writes what is read here)."""

from algovera_desktop.library.readers.infotext import infotext, infotext_request
from algovera_desktop.library.readers.reading import Reading, Texts

_PROGRAM = "Algovera Desktop"


def read(texts: Texts) -> Reading | None:
    parameters = infotext(texts)
    if parameters is None or not parameters.fields.get("Version", "").startswith(_PROGRAM):
        return None
    return Reading("", infotext_request(parameters), texts)
