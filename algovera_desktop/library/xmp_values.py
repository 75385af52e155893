"""The values in an XMP packet, in every way that RDF lets them be written
(ISO 16684-1:2019, clause 7; W3C RDF 1.1 XML Syntax), and the one way in which we write them."""

from collections.abc import Iterable, Mapping

from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_names import RDF
from algovera_desktop.library.xmp_tree import Element

_XML = "http://www.w3.org/XML/1998/namespace"
_LANGUAGE = _XML + "lang"
_ARRAYS = frozenset(RDF + name for name in ("Bag", "Seq", "Alt"))
_DEFAULT_LANGUAGE = "x-default"
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_AS_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
"""A reader of XML takes a bare carriage return for a line break. Python's own ``escape`` brings
``urllib.request`` and ``ssl`` with it, 20 ms of each start."""

Properties = Mapping[str, "str | Element"]


def properties_of(root: Element) -> dict[str, str | Element]:
    """Each property of the packet's subject by its expanded name: a text or an element; the
    first where it stands there twice. Raises MetadataError where there is no RDF."""
    found: dict[str, str | Element] = {}
    for description in descriptions_of(root):
        for name, value in description.attributes.items():
            if is_property(name):
                found.setdefault(name, value)
        for child in description.children:
            found.setdefault(child.name, child)
    return found


def rdf_of(root: Element) -> Element:
    """The element that holds all descriptions. Raises MetadataError."""
    for element in root.walk():
        if element.name == RDF + "RDF":
            return element
    raise MetadataError("an XMP packet without RDF")


def descriptions_of(root: Element) -> list[Element]:
    return [child for child in rdf_of(root).children if child.name == RDF + "Description"]


def is_property(attribute: str) -> bool:
    """Whether an attribute of a description is a property, and no part of RDF's syntax."""
    return ":" in attribute and not attribute.startswith((RDF, _XML))


def text_of(value: str | Element | None) -> str:
    """A simple value; of an array its first, of one in several languages the default one."""
    if value is None or isinstance(value, str):
        return value or ""
    items = _items(value)
    if not items:
        return value.attributes.get(RDF + "resource", value.text)
    chosen = (i for i in items if i.attributes.get(_LANGUAGE) == _DEFAULT_LANGUAGE)
    return text_of(next(chosen, items[0]))


def texts_of(value: str | Element | None) -> tuple[str, ...]:
    """The simple values of an array; of a simple value that one."""
    if isinstance(value, Element) and (items := _items(value)):
        return tuple(text_of(item) for item in items)
    text = text_of(value).strip()
    return (text,) if text else ()


def structures_of(value: str | Element | None) -> list[Properties]:
    """The structures of an array; of a structure that one."""
    if value is None or isinstance(value, str):
        return []
    return [_fields(item) for item in _items(value) or [value]]


def _items(element: Element) -> list[Element]:
    array = next((child for child in element.children if child.name in _ARRAYS), None)
    return [] if array is None else [i for i in array.children if i.name == RDF + "li"]


def _fields(element: Element) -> Properties:
    """A structure's fields, whether they are attributes, or elements right below it
    (rdf:parseType="Resource") or in a description of their own."""
    holder = element.find(RDF + "Description") or element
    fields: dict[str, str | Element] = {
        name: value for name, value in holder.attributes.items() if is_property(name)
    }
    for child in holder.children:
        fields.setdefault(child.name, child)
    return fields


def displayable(text: str) -> str:
    """The text without the characters that XML cannot hold. Raises MetadataError for one that
    is no text, with half a character in it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MetadataError("a text with broken characters") from error
    return text.translate(_NOT_IN_XML)


def simple(name: str, value: str) -> str:
    """A property as XML; ``name`` with its prefix. "" for an empty value."""
    return f"<{name}>{_escaped(value)}</{name}>" if value else ""


def in_default_language(name: str, value: str) -> str:
    items = f'<rdf:li xml:lang="x-default">{_escaped(value)}</rdf:li>'
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>" if value else ""


def array(name: str, kind: str, values: Iterable[str]) -> str:
    """``kind`` is Bag (in no order) or Seq (in order)."""
    return _array(name, kind, [f"<rdf:li>{_escaped(value)}</rdf:li>" for value in values])


def array_of_structures(name: str, values: Iterable[str]) -> str:
    """Each value is the XML of the fields of one."""
    items = [f'<rdf:li rdf:parseType="Resource">{fields}</rdf:li>' for fields in values]
    return _array(name, "Bag", items)


def structure(name: str, fields: str) -> str:
    return f'<{name} rdf:parseType="Resource">{fields}</{name}>' if fields else ""


def _array(name: str, kind: str, items: list[str]) -> str:
    return f"<{name}><rdf:{kind}>{''.join(items)}</rdf:{kind}></{name}>" if items else ""


def _escaped(text: str) -> str:
    return displayable(text).translate(_AS_REFERENCES)
