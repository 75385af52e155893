"""Texts of ours that come back exactly, whatever characters are in them."""

import json

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_names import expanded
from algovera_desktop.library.xmp_values import Properties, displayable, simple, text_of

_JSON = "AsJson"


def exact_xml(name: str, text: str) -> str:
    """A text that XML cannot hold stands there as a JSON string, under a name that says so.

    Raises MetadataError for half a character, which no file can hold.
    """
    if displayable(text) == text:
        return simple(name, text)
    return simple(name + _JSON, json.dumps(text))


def exact_names(name: str) -> tuple[str, str]:
    """The expanded names under which ``exact_xml`` can have written a text."""
    return expanded(name), expanded(name + _JSON)


def exact_of(properties: Properties, name: str) -> str:
    """The text again; "" if there is none. Raises MetadataError for nonsense."""
    encoded = text_of(properties.get(expanded(name + _JSON)))
    if not encoded:
        return text_of(properties.get(expanded(name)))
    if not encoded.startswith('"'):
        # Of anything else than a string json could raise RecursionError.
        raise MetadataError(f"{name} is no text")
    try:
        decoded: str = json.loads(encoded)
        decoded.encode()
    except ValueError as error:
        raise MetadataError(f"{name} is no text") from error
    return decoded
