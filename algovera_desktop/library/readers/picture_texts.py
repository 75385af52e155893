"""All texts of a picture under one set of keywords, wherever its format keeps them."""

from contextlib import suppress

from algovera_desktop.library import exif
from algovera_desktop.library.containers import PictureContents
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_tree import as_utf8, parse
from algovera_desktop.library.xmp_values import properties_of, text_of

_EXIF_KEYWORDS = {
    exif.USER_COMMENT: "UserComment",
    exif.SOFTWARE: "Software",
    exif.MAKE: "Make",
    exif.MODEL: "Model",
    exif.IMAGE_DESCRIPTION: "ImageDescription",
    exif.MAKER_NOTE: "MakerNote",
}
_XMP_KEYWORDS = {
    "http://ns.adobe.com/xap/1.0/CreatorTool": "CreatorTool",
    "http://ns.adobe.com/exif/1.0/UserComment": "UserComment",
    "http://purl.org/dc/elements/1.1/description": "Description",
}
XMP_KEYWORD = "XML:com.adobe.xmp"

_GRAPHS = ("prompt", "workflow")


def picture_texts(contents: PictureContents) -> dict[str, str]:
    """A picture's texts by keyword: the file's own, Exif's fields under exiftool's names, XMP's
    properties by their local ones, and the packet as a whole. The first of each counts.

    ComfyUI keeps ``prompt:{…}`` and ``workflow:{…}`` in any fields of Exif that it finds free
    (``SaveAnimatedWEBP`` in its ``comfy_extras/nodes_images.py``); they are found by their form.
    Exif and XMP that are damaged are passed over: the picture is none the worse for them.
    """
    texts = dict(contents.texts)
    fields: dict[int, str] = {}
    if contents.exif is not None:
        with suppress(MetadataError):
            fields = exif.read_texts(contents.exif, _EXIF_KEYWORDS)
    for tag, text in fields.items():
        keyword, _, graph = text.partition(":")
        if keyword.lower() in _GRAPHS and graph.lstrip().startswith("{"):
            texts.setdefault(keyword.lower(), graph)
        else:
            texts.setdefault(_EXIF_KEYWORDS[tag], text)
    if contents.xmp is not None:
        _add_xmp(contents.xmp, texts)
    return texts


def _add_xmp(packet: bytes, texts: dict[str, str]) -> None:
    try:
        source = as_utf8(packet)
        properties = properties_of(parse(source))
    except MetadataError:
        return
    texts.setdefault(XMP_KEYWORD, source.decode())
    for name, keyword in _XMP_KEYWORDS.items():
        if text := text_of(properties.get(name)):
            texts.setdefault(keyword, text)
