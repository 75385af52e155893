"""The namespaces of XMP that we write and read, and the prefix that each has in what we write.

``dc``, ``xmp``, ``xmpMM``, ``stRef``: ISO 16684-1:2019, clause 8. ``Iptc4xmpExt``: IPTC Photo
Metadata Standard 2023.1. ``lr``, ``digiKam``, ``acdsee``: as exiv2, and so darktable and digiKam,
know them. ``algovera`` is ours, for what has no place in any of the others.
"""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "algovera": "urn:algovera-desktop:1.0/",
}


def expanded(name: str) -> str:
    """``dc:subject`` as ``http://purl.org/dc/elements/1.1/subject``."""
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local


def description(body: str) -> str:
    """An rdf:Description of this file around properties, with every namespace that it uses: it
    can stand in any packet."""
    used = [("rdf", RDF), *((p, uri) for p, uri in NAMESPACES.items() if f"<{p}:" in body)]
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in used)
    return f'<rdf:Description rdf:about=""{declared}>{body}</rdf:Description>'
