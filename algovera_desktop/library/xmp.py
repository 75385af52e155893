"""XMP packets (ISO 16684-1:2019): what a picture is, written into its file for everybody.

    dc:description                  the prompt
    xmp:CreatorTool, CreateDate     our program; when the picture came to be, in UTC
    Iptc4xmpExt:DigitalSourceType   that it is synthetic, in IPTC's own words
    xmpMM:DocumentID, DerivedFrom   its identity; the SHA-256 of the picture it was varied from
    algovera:...                    what its record in the library says beyond that

Nothing here is secret, and no address of a server is among it. What an artist makes of a picture
later is in ``xmp_curation``, and is read from any packet.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_curation import (
    SidecarCuration,
    curation_from,
    curation_xml,
    format_time,
    parse_time,
)
from algovera_desktop.library.xmp_exact import exact_of, exact_xml
from algovera_desktop.library.xmp_names import RDF, description, expanded
from algovera_desktop.library.xmp_tree import as_utf8, parse
from algovera_desktop.library.xmp_values import (
    Properties,
    in_default_language,
    properties_of,
    simple,
    structure,
    structures_of,
    text_of,
)

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED_MODEL = _SOURCE_TYPES + "trainedAlgorithmicMedia"
"""Made by a model that was trained on pictures of others."""

ALGORITHM = _SOURCE_TYPES + "algorithmicMedia"
"""Made by an algorithm that was not trained on anything."""

_UNTRAINED_MODELS = frozenset({"sketch"})
_DOCUMENT = "xmp.did:"
_PARENT = "sha256:"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BEGINNING = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = b'\n<?xpacket end="r"?>'
_MAX_WHOLE_NUMBER = 2**63 - 1
_MAX_DIGITS = 30


@dataclass(frozen=True, slots=True)
class PictureOrigin:
    """What was asked of whom when the picture was made here: all that its record needs."""

    request: GenerationRequest
    server_name: str = ""
    model_title: str = ""
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class XmpFields:
    """What a packet says; "" and None for what it does not.

    ``created_at`` is aware, in UTC. ``digital_source_type`` is one of IPTC's addresses.
    ``origin`` is only in what this program wrote.
    """

    description: str = ""
    creator_tool: str = ""
    created_at: datetime | None = None
    digital_source_type: str = ""
    parent_sha256: str = ""
    origin: PictureOrigin | None = None
    curation: SidecarCuration = field(default_factory=SidecarCuration)


def source_type_of(model: str) -> str:
    """The address of IPTC's term for what a base model makes."""
    return ALGORITHM if model in _UNTRAINED_MODELS else TRAINED_MODEL


def write_packet(fields: XmpFields) -> bytes:
    """A packet in UTF-8. Characters that XML cannot hold are left out of the texts, but not out
    of the request. Raises MetadataError for a text with half a character."""
    origin = fields.origin
    body = "".join(
        (
            in_default_language("dc:description", fields.description),
            simple("xmp:CreatorTool", fields.creator_tool),
            simple("xmp:CreateDate", format_time(fields.created_at) if fields.created_at else ""),
            simple("Iptc4xmpExt:DigitalSourceType", fields.digital_source_type),
            "" if origin is None else simple("xmpMM:DocumentID", _document_id(origin)),
            structure("xmpMM:DerivedFrom", _parent_xml(fields.parent_sha256)),
            "" if origin is None else _origin_xml(origin),
            curation_xml(fields.curation),
        )
    )
    return _BEGINNING + meta(description(body)).encode() + _END


def meta(descriptions: str) -> str:
    """The elements around the descriptions."""
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f"{descriptions}</rdf:RDF></x:xmpmeta>"
    )


def read_packet(data: bytes) -> XmpFields:
    """What a packet, or a sidecar file, says, whoever wrote it. Raises MetadataError."""
    return fields_from(properties_of(parse(as_utf8(data))))


def fields_from(properties: Properties) -> XmpFields:
    """What these properties say; what makes no sense in them is left out."""
    return XmpFields(
        description=_text(properties, "dc:description"),
        creator_tool=_text(properties, "xmp:CreatorTool"),
        created_at=parse_time(_text(properties, "xmp:CreateDate")),
        digital_source_type=_text(properties, "Iptc4xmpExt:DigitalSourceType").strip(),
        parent_sha256=_parent_sha256(properties),
        origin=_origin_from(properties),
        curation=curation_from(properties),
    )


def _text(properties: Properties, name: str) -> str:
    return text_of(properties.get(expanded(name)))


def _document_id(origin: PictureOrigin) -> str:
    return _DOCUMENT + origin.job_id if origin.job_id else ""


def _parent_xml(sha256: str) -> str:
    return simple("stRef:documentID", _PARENT + sha256 if sha256 else "")


def _parent_sha256(properties: Properties) -> str:
    for fields in structures_of(properties.get(expanded("xmpMM:DerivedFrom"))):
        sha256 = _text(fields, "stRef:documentID").removeprefix(_PARENT)
        if _SHA256.fullmatch(sha256):
            return sha256
    return ""


def _origin_xml(origin: PictureOrigin) -> str:
    request = origin.request
    values = {
        "Model": request.model,
        "Width": str(request.width),
        "Height": str(request.height),
        "Steps": str(request.steps),
        "GuidanceScale": repr(request.guidance_scale),
        "Seed": str(request.seed),
        "Server": origin.server_name,
        "ModelTitle": origin.model_title,
        "JobId": origin.job_id,
    }
    prompts = (
        exact_xml("algovera:Prompt", request.prompt),
        exact_xml("algovera:NegativePrompt", request.negative_prompt),
    )
    return "".join(
        [*prompts, *(simple(f"algovera:{name}", value) for name, value in values.items())]
    )


def _origin_from(properties: Properties) -> PictureOrigin | None:
    try:
        request = GenerationRequest(
            prompt=exact_of(properties, "algovera:Prompt"),
            negative_prompt=exact_of(properties, "algovera:NegativePrompt"),
            model=_text(properties, "algovera:Model"),
            width=_whole_number(properties, "Width"),
            height=_whole_number(properties, "Height"),
            steps=_whole_number(properties, "Steps"),
            guidance_scale=_number(properties, "GuidanceScale"),
            seed=_whole_number(properties, "Seed"),
        )
    except ValueError:
        return None
    return PictureOrigin(
        request,
        server_name=_text(properties, "algovera:Server"),
        model_title=_text(properties, "algovera:ModelTitle"),
        job_id=_text(properties, "algovera:JobId"),
    )


def _whole_number(properties: Properties, name: str) -> int:
    value = int(_text(properties, f"algovera:{name}")[:_MAX_DIGITS])
    if not -_MAX_WHOLE_NUMBER <= value <= _MAX_WHOLE_NUMBER:
        raise MetadataError(f"{name} is too large")
    return value


def _number(properties: Properties, name: str) -> float:
    value = float(_text(properties, f"algovera:{name}")[:_MAX_DIGITS])
    if not math.isfinite(value):
        raise MetadataError(f"{name} is no number")
    return value
