"""XMP packets: what is written comes back, others' ways of writing are read, nothing breaks us."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp import (
    ALGORITHM,
    TRAINED_MODEL,
    PictureOrigin,
    XmpFields,
    read_packet,
    source_type_of,
    write_packet,
)
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration
from algovera_desktop.library.xmp_tree import as_utf8, parse

WRITABLE = st.text(
    st.characters(
        exclude_categories=["Cs"],
        exclude_characters=[*map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))],
    ),
    max_size=60,
)
"""What XML can hold. Halves of surrogate pairs are no text, and stand nowhere in the library."""

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.sampled_from([UTC]))
REQUESTS = st.builds(
    GenerationRequest,
    prompt=ANY_TEXT,
    model=WRITABLE,
    width=WHOLE,
    height=WHOLE,
    steps=WHOLE,
    guidance_scale=st.floats(allow_nan=False, allow_infinity=False),
    seed=WHOLE,
    negative_prompt=ANY_TEXT,
)
CURATIONS = st.builds(
    SidecarCuration,
    rating=st.integers(0, 5),
    is_favourite=st.booleans(),
    tags=st.lists(NAMES, unique=True, max_size=4).map(tuple),
    albums=st.lists(
        st.builds(AlbumPlace, NAMES, WHOLE), unique_by=lambda a: a.name, max_size=3
    ).map(tuple),
    notes=ANY_TEXT,
    trashed_at=st.none() | TIMES,
)
FIELDS = st.builds(
    XmpFields,
    description=WRITABLE,
    creator_tool=WRITABLE,
    created_at=st.none() | TIMES,
    digital_source_type=st.sampled_from(["", TRAINED_MODEL, ALGORITHM]),
    parent_sha256=st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64),
    origin=st.none() | st.builds(PictureOrigin, REQUESTS, WRITABLE, WRITABLE, WRITABLE),
    curation=CURATIONS,
)


def in_rdf(body: str, *, attributes: str = "") -> bytes:
    """A packet as another program might write it."""
    namespaces = """xmlns:x='adobe:ns:meta/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'
        xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:acdsee='http://ns.acdsee.com/iptc/1.0/'
        xmlns:lr='http://ns.adobe.com/lightroom/1.0/' xmlns:a='urn:algovera-desktop:1.0/'
        xmlns:digiKam='http://www.digikam.org/ns/1.0/'"""
    return f"""<x:xmpmeta {namespaces}>
      <r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
      <r:Description r:about='' {attributes}>{body}</r:Description></r:RDF></x:xmpmeta>""".encode()


@given(FIELDS)
def test_what_is_written_comes_back(fields: XmpFields) -> None:
    assert read_packet(write_packet(fields)) == fields


@given(FIELDS, st.sampled_from(["utf-8-sig", "utf-16", "utf-32", "utf-16-be"]))
def test_a_packet_is_read_in_each_encoding_that_the_standard_allows(
    fields: XmpFields, encoding: str
) -> None:
    packet = write_packet(fields).decode().partition("\n")[2].rpartition("\n")[0]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert read_packet((mark + packet).encode(encoding)) == fields


@given(ANY_TEXT)
@example("\0")
@example("a\0b\x1f\ufffe\r\n\t")
def test_a_prompt_that_xml_cannot_hold_is_exact_in_the_request_and_readable_beside(
    prompt: str,
) -> None:
    request = GenerationRequest(prompt, "sketch", negative_prompt=prompt[::-1])
    packet = write_packet(XmpFields(description=prompt, origin=PictureOrigin(request)))
    fields = read_packet(packet)
    assert fields.origin == PictureOrigin(request)
    assert set(fields.description) <= set(prompt)
    assert fields.description.isprintable() or not prompt.isprintable()


@pytest.mark.parametrize(
    "fields",
    [
        XmpFields(description="half \ud83e"),
        XmpFields(origin=PictureOrigin(GenerationRequest("half \ud83e", "sketch"))),
        XmpFields(curation=SidecarCuration(tags=("half \ud83e",))),
        XmpFields(curation=SidecarCuration(notes="half \ud83e")),
    ],
)
def test_half_a_character_is_refused(fields: XmpFields) -> None:
    with pytest.raises(MetadataError):
        write_packet(fields)


def test_what_a_model_makes_has_the_words_of_iptc() -> None:
    base = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    assert source_type_of("sketch") == base + "algorithmicMedia"
    assert source_type_of("stable diffusion v1.5") == base + "trainedAlgorithmicMedia"


def test_a_time_is_told_in_utc_to_the_microsecond() -> None:
    berlin = timezone(timedelta(hours=1))
    packet = write_packet(XmpFields(created_at=datetime(2026, 11, 22, 0, 30, 5, 1, berlin)))
    assert b"2026-11-21T23:30:05.000001+00:00" in packet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T14:30:05Z", datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC)),
        ("2026-11-22T14:30:05.25+01:00", datetime(2026, 11, 22, 13, 30, 5, 250_000, UTC)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_a_time_of_another_program_is_read(text: str, expected: datetime | None) -> None:
    assert read_packet(in_rdf("", attributes=f"xmp:CreateDate='{text}'")).created_at == expected


def test_properties_that_are_attributes_are_read() -> None:
    attributes = "xmp:Rating='4' acdsee:notes='two&#10;lines' a:Favourite='True' dc:subject='one'"
    expected = SidecarCuration(4, True, ("one",), notes="two\nlines")
    assert read_packet(in_rdf("", attributes=attributes)).curation == expected


@pytest.mark.parametrize(
    "places",
    [
        "<r:li r:parseType='Resource'><a:Name>A</a:Name><a:Position>7</a:Position></r:li>",
        "<r:li a:Name='A' a:Position='7'/>",
        "<r:li><r:Description a:Name='A'><a:Position>7</a:Position></r:Description></r:li>",
    ],
)
def test_albums_are_read_in_each_way_that_rdf_writes_a_structure(places: str) -> None:
    packet = in_rdf(f"<a:Albums><r:Bag>{places}</r:Bag></a:Albums>")
    assert read_packet(packet).curation.albums == (AlbumPlace("A", 7),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("5", 5), ("3.0", 3), ("-1", 0), ("17", 5), ("nan", 0), ("inf", 0), ("many", 0), ("", 0)],
)
def test_a_rating_of_another_program_becomes_one_of_ours(written: str, expected: int) -> None:
    packet = in_rdf(f"<xmp:Rating>{written}</xmp:Rating>")
    assert read_packet(packet).curation.rating == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<dc:subject><r:Seq><r:li> b </r:li><r:li>a</r:li></r:Seq></dc:subject>", ("b", "a")),
        ("<dc:subject><r:Bag><r:li>a</r:li><r:li>a</r:li><r:li/></r:Bag></dc:subject>", ("a",)),
        ("<digiKam:TagsList><r:Seq><r:li>x/y</r:li></r:Seq></digiKam:TagsList>", ("y",)),
        (
            "<lr:hierarchicalSubject><r:Bag><r:li>x|y</r:li></r:Bag></lr:hierarchicalSubject>",
            ("y",),
        ),
        ("<dc:subject><r:Bag><r:li>one\n line</r:li></r:Bag></dc:subject>", ("one  line",)),
    ],
)
def test_tags_of_another_program_are_read(body: str, expected: tuple[str, ...]) -> None:
    assert read_packet(in_rdf(body)).curation.tags == expected


def test_a_description_in_several_languages_is_read_in_the_default_one() -> None:
    items = "<r:li xml:lang='de'>Fuchs</r:li><r:li xml:lang='x-default'>fox</r:li>"
    packet = in_rdf(f"<dc:description><r:Alt>{items}</r:Alt></dc:description>")
    assert read_packet(packet).description == "fox"


def test_a_caption_that_digikam_copies_over_the_notes_does_not_take_their_place() -> None:
    attributes = "dc:description='a fox' acdsee:notes='a fox' a:Notes='print it large'"
    assert read_packet(in_rdf("", attributes=attributes)).curation.notes == "print it large"


def test_notes_that_another_program_wrote_are_newer_than_ours() -> None:
    attributes = "dc:description='a fox' acdsee:notes='print it small' a:Notes='print it large'"
    assert read_packet(in_rdf("", attributes=attributes)).curation.notes == "print it small"


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("Steps", "many"),
        ("Width", "9" * 29),
        ("Seed", "9" * 5000),
        ("GuidanceScale", "nan"),
        ("GuidanceScale", ""),
        ("PromptAsJson", "{}"),
        ("PromptAsJson", "[" * 50_000),
        ("PromptAsJson", '"half \\ud83e"'),
    ],
)
def test_a_request_that_makes_no_sense_is_none(name: str, nonsense: str) -> None:
    good = PictureOrigin(GenerationRequest("fox\0", "sketch"))
    packet = write_packet(XmpFields(description="a fox", origin=good)).decode()
    beginning, _, rest = packet.partition(f"<algovera:{name}>")
    broken = f"{beginning}<algovera:{name}>{nonsense}{rest[rest.index('</') :]}"
    fields = read_packet(broken.encode())
    assert (fields.description, fields.origin) == ("a fox", None)


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'


@pytest.mark.parametrize(
    "packet",
    [
        BOMB.encode(),
        f'<?xml version="1.0"?>\n{BOMB}'.encode("utf-16"),
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<x>&undefined;</x>",
        b"<x>" * 200 + b"</x>" * 200,
        b"<x>" + b"<y/>" * 200_000 + b"</x>",
        b" " * (9 << 20) + b"<x/>",
        b"<x",
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xff\xff\xff",
        b"<x>\xf0\x9f</x>",
        b"<x/>",
        b"<p:x/>",
        b"<x a='1' a='2'/>",
    ],
    ids=range(17),
)
def test_a_hostile_or_broken_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(MetadataError):
        read_packet(packet)


def survives(packet: bytes) -> None:
    try:
        fields = read_packet(packet)
    except MetadataError:
        return
    again = read_packet(write_packet(replace(fields, digital_source_type="")))
    assert again.curation == fields.curation


@given(st.binary(max_size=300))
def test_noise_raises_nothing_but_the_one_error(noise: bytes) -> None:
    survives(noise)


@given(FIELDS, st.data())
def test_a_damaged_packet_raises_nothing_but_the_one_error(
    fields: XmpFields, data: st.DataObject
) -> None:
    packet = bytearray(write_packet(fields))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(packet)))
        end = data.draw(st.integers(start, min(len(packet), start + 20)))
        packet[start:end] = data.draw(
            st.sampled_from([b"", b"<", b">", b'"', b"&#0;", b"/", b"]]>"])
        )
    survives(bytes(packet))


@given(FIELDS)
def test_each_element_knows_where_it_stands(fields: XmpFields) -> None:
    source = as_utf8(write_packet(fields))
    for element in parse(source).walk():
        written = source[element.start : element.end]
        assert written.startswith(b"<")
        assert written.endswith(b">")
        local = element.name.rpartition("/")[2].rpartition("#")[2].encode()
        assert local in source[element.start : element.tag_end]
        if element.tag_end < element.end:
            assert source[: element.end].endswith(local + b">")
