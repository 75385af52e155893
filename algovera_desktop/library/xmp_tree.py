"""XML read without its dangers: no document type, so no entities; bounded in size and depth.

Each element knows where it stands in the source, so that one can be cut out and all else stay
as it is, byte for byte.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from algovera_desktop.library.formats import MetadataError

MAX_BYTES = 8 << 20
"""darktable keeps whole histories with drawn masks in such files; none that we saw comes near."""

_MAX_ELEMENTS = 100_000
_MAX_DEPTH = 100
_TEXT_BUFFER_BYTES = 1 << 16
_SEPARATOR = "\f"
"""Stands in no name, for XML has no such character."""

_START_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_BYTE_ORDER_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


@dataclass(slots=True)
class Element:
    """One element. Names are those of the namespace and the local one, joined by nothing, as RDF
    does it. ``qualified`` holds each attribute's name as it is written. ``start`` and ``end`` are
    offsets into the source; ``tag_end`` is that of the end of the start tag."""

    name: str
    start: int
    tag_end: int
    end: int = -1
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    qualified: dict[str, str] = field(default_factory=dict[str, str])
    children: list["Element"] = field(default_factory=list["Element"])
    text: str = ""

    def find(self, name: str) -> "Element | None":
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, in the order of the source."""
        waiting: list[Element] = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))


def as_utf8(data: bytes) -> bytes:
    """The same XML in UTF-8 without a mark of byte order. Raises MetadataError."""
    if len(data) > MAX_BYTES:
        raise MetadataError("an XMP packet that is too long")
    marks = (mark for mark in _BYTE_ORDER_MARKS if data.startswith(mark))
    encoding = _BYTE_ORDER_MARKS.get(next(marks, b""), "utf-8-sig")
    try:
        return data.decode(encoding).strip("\0 \t\r\n").encode()
    except UnicodeError as error:
        raise MetadataError("an XMP packet with broken characters") from error


def parse(source: bytes) -> Element:
    """The root of what ``as_utf8`` gave. Raises MetadataError, and nothing else."""
    builder = _Builder(source)
    try:
        builder.parser.Parse(source, True)
    except (expat.ExpatError, ValueError) as error:
        raise MetadataError(f"an XMP packet that is not well-formed: {error}") from error
    if builder.root is None:
        raise MetadataError("an XMP packet without an element")
    return builder.root


class _Builder:
    def __init__(self, source: bytes) -> None:
        self.root: Element | None = None
        self._source = source
        self._open: list[Element] = []
        self._count = 0
        # What the declaration says of the encoding is old by now.
        self.parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.buffer_size = _TEXT_BUFFER_BYTES
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add_text

    def _refuse_doctype(self, *_: object) -> None:
        raise MetadataError("an XMP packet with a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MAX_ELEMENTS or len(self._open) >= _MAX_DEPTH:
            raise MetadataError("an XMP packet that is too large")
        start = self.parser.CurrentByteIndex
        tag = _START_TAG.match(self._source, start)
        if tag is None:
            raise MetadataError("an XMP packet that is not well-formed")
        element = Element(_expanded(name), start, tag.end())
        if tag[1]:
            element.end = tag.end()
        for attribute, value in attributes.items():
            element.attributes[_expanded(attribute)] = value
            element.qualified[_expanded(attribute)] = _written(attribute)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if element.end < 0:
            element.end = self._source.index(b">", self.parser.CurrentByteIndex) + 1

    def _add_text(self, text: str) -> None:
        self._open[-1].text += text


def _expanded(name: str) -> str:
    return "".join(name.split(_SEPARATOR)[:2])


def _written(name: str) -> str:
    parts = name.split(_SEPARATOR)
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]
