"""Our properties in a packet that another program wrote: what is foreign in it stays as it is,
byte for byte, but the declaration of its encoding."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_tree import Element, as_utf8, parse
from algovera_desktop.library.xmp_values import descriptions_of, is_property, rdf_of

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_ANY_DECLARATION = re.compile(rb"\A<\?xml\s[^>]*\?>\s*")
_ATTRIBUTE = re.compile(rb"""(?<!\s)\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
"""Begins nowhere inside a run of blanks, or a long one would take quadratic time."""

_Cut = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet in UTF-8, and what stands in it where."""

    source: bytes
    root: Element


def opened(data: bytes) -> Packet:
    """Read a packet, into which descriptions can be put. Raises MetadataError."""
    source = _ANY_DECLARATION.sub(DECLARATION, as_utf8(data), count=1)
    root = parse(source)
    rdf = rdf_of(root)
    if rdf.tag_end == rdf.end:
        raise MetadataError("an XMP packet without room for a description")
    return Packet(source, root)


def replaced(packet: Packet, names: AbstractSet[str], descriptions: str) -> bytes:
    """The packet without the properties of these (expanded) names, and with ``descriptions``, any
    number of rdf:Description, as its last ones."""
    source = packet.source
    rdf = rdf_of(packet.root)
    place = source.rindex(b"</", rdf.start, rdf.end)
    parts: list[bytes] = []
    position = 0
    for start, end in _cuts(source, descriptions_of(packet.root), names):
        parts.append(source[position:start])
        position = end
    parts += [source[position:place], descriptions.encode(), source[place:]]
    return b"".join(parts)


def _cuts(source: bytes, descriptions: list[Element], names: AbstractSet[str]) -> list[_Cut]:
    cuts: list[_Cut] = []
    for element in descriptions:
        found = {name for name in _names(element) if name in names}
        if found and found == _names(element):
            cuts.append((element.start, element.end))
        elif found:
            cuts.extend(_attribute_cuts(source, element, names))
            cuts.extend((c.start, c.end) for c in element.children if c.name in names)
    return cuts


def _names(description: Element) -> set[str]:
    """The properties of a description, in whichever way they are written."""
    attributes = {name for name in description.attributes if is_property(name)}
    return attributes | {child.name for child in description.children}


def _attribute_cuts(source: bytes, element: Element, names: AbstractSet[str]) -> list[_Cut]:
    """Where these attributes stand in a start tag, each with the blank before it."""
    written = {element.qualified[name].encode() for name in element.attributes.keys() & names}
    found = _ATTRIBUTE.finditer(source, element.start, element.tag_end)
    return [attribute.span() for attribute in found if attribute[1] in written]
