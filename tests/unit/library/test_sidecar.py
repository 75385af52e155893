"""The file beside a picture: ours is read by others, theirs stays theirs, nothing is half."""

import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.errors import DiskFullError, LibraryError
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sidecar import (
    read_sidecar,
    remove_sidecar,
    sidecar_path,
    write_sidecar,
)
from algovera_desktop.library.xmp import read_packet
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration
from support.picture_samples import exiftool, needs_exiftool

CURATION = SidecarCuration(
    rating=4,
    is_favourite=True,
    tags=("Schnee & Eis", "fox"),
    albums=(AlbumPlace("Best <of>", 1 << 32), AlbumPlace("雪", -7)),
    notes="print it large\nand soon",
    trashed_at=datetime(2026, 11, 22, 1, 2, 3, 4, UTC),
)
STARS = SidecarCuration(rating=2)
NOTHING = SidecarCuration()

DARKTABLE = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   acdsee:notes="theirs, with xmp:Rating='1' in it"
   xmp:Rating="3"
   darktable:note="xmp:Rating='9'  acdsee:notes='x'"
   darktable:xmp_version="5">
   <!-- a comment -->
   <dc:subject><rdf:Bag><rdf:li>old</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject><rdf:Bag><rdf:li>a|old</rdf:li></rdf:Bag></lr:hierarchicalSubject>
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="exposure"
      darktable:params="gz02eJxjYGBg&#xA;AA=="/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
"""The form that exiv2 gives the files of darktable and digiKam."""

FOREIGN = (
    """   darktable:note="xmp:Rating='9'  acdsee:notes='x'"\n   darktable:xmp_version="5">\n""",
    DARKTABLE[DARKTABLE.index("<darktable:history>") : DARKTABLE.index("  </rdf:Description>")],
    "<!-- a comment -->",
    """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">""",
)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    picture = tmp_path / "2026-11" / "a fox.png"
    picture.parent.mkdir()
    picture.write_bytes(b"a picture")
    return picture


def beside(picture: Path) -> list[str]:
    return sorted(path.name for path in picture.parent.iterdir() if path != picture)


def test_it_lies_where_darktable_and_digikam_look(picture: Path) -> None:
    write_sidecar(picture, CURATION)
    assert beside(picture) == ["a fox.png.xmp"]
    assert sidecar_path(picture).name == "a fox.png.xmp"


def test_what_is_written_comes_back(picture: Path) -> None:
    assert read_sidecar(picture) is None
    for curation in (CURATION, STARS):
        write_sidecar(picture, curation)
        assert read_sidecar(picture) == curation


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
curations = st.builds(
    SidecarCuration,
    rating=st.integers(0, 5),
    is_favourite=st.booleans(),
    tags=st.lists(names, unique=True, max_size=3).map(tuple),
    albums=st.lists(
        st.builds(AlbumPlace, names, st.integers(-(2**62), 2**62)),
        unique_by=lambda place: place.name,
        max_size=3,
    ).map(tuple),
    notes=words.filter(lambda text: text != "a fox"),
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(curations, curations, st.booleans())
def test_any_curation_takes_the_place_of_any_other_and_leaves_what_is_foreign(
    picture: Path, first: SidecarCuration, second: SidecarCuration, is_foreign: bool
) -> None:
    remove_sidecar(picture)
    if is_foreign:
        sidecar_path(picture).write_text(DARKTABLE)
    for curation in (first, second):
        write_sidecar(picture, curation, "a fox")
        assert (read_sidecar(picture) or NOTHING) == curation
        if is_foreign:
            text = sidecar_path(picture).read_text()
            assert [part for part in FOREIGN if part not in text] == []
    if not is_foreign:
        assert sidecar_path(picture).exists() == (second != NOTHING)


def test_what_darktable_wrote_is_read(picture: Path) -> None:
    sidecar_path(picture).write_text(DARKTABLE)
    notes = "theirs, with xmp:Rating='1' in it"
    assert read_sidecar(picture) == SidecarCuration(3, tags=("old",), notes=notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_is_foreign_stays_byte_for_byte(picture: Path, encoding: str) -> None:
    declared = DARKTABLE.replace("UTF-8", encoding)
    sidecar_path(picture).write_bytes(declared.encode(encoding))
    write_sidecar(picture, CURATION, "a fox")
    text = sidecar_path(picture).read_text("utf-8")
    assert [part for part in FOREIGN if part not in text] == []
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta')
    for ours in ("theirs, with", 'xmp:Rating="3"', ">old<"):
        assert ours not in text
    write_sidecar(picture, NOTHING, "a fox")
    assert read_sidecar(picture) == NOTHING


def test_writing_the_same_again_does_not_touch_the_file(picture: Path) -> None:
    sidecar_path(picture).write_text(DARKTABLE)
    write_sidecar(picture, CURATION, "a fox")
    os.utime(sidecar_path(picture), ns=(1, 1))
    write_sidecar(picture, CURATION, "a fox")
    assert sidecar_path(picture).stat().st_mtime_ns == 1


def test_the_prompt_is_there_unless_another_has_described_the_picture(picture: Path) -> None:
    write_sidecar(picture, STARS, "a fox")
    assert read_packet(sidecar_path(picture).read_bytes()).description == "a fox"
    theirs = sidecar_path(picture).read_text().replace("a fox", "Ein Fuchs")
    sidecar_path(picture).write_text(theirs)
    write_sidecar(picture, CURATION, "a fox")
    assert read_packet(sidecar_path(picture).read_bytes()).description == "Ein Fuchs"


def test_a_sidecar_with_nothing_but_ours_goes_when_there_is_nothing_to_say(picture: Path) -> None:
    write_sidecar(picture, CURATION, "a fox")
    write_sidecar(picture, NOTHING, "a fox")
    write_sidecar(picture, NOTHING, "a fox")
    assert beside(picture) == []


def test_a_description_of_another_program_keeps_the_file(picture: Path) -> None:
    write_sidecar(picture, CURATION, "a fox")
    theirs = sidecar_path(picture).read_text().replace("a fox", "Ein Fuchs")
    sidecar_path(picture).write_text(theirs)
    write_sidecar(picture, NOTHING, "a fox")
    assert read_packet(sidecar_path(picture).read_bytes()).description == "Ein Fuchs"


@pytest.mark.allows_log("is no XMP")
def test_a_sidecar_that_nobody_can_read_is_set_aside_and_none_is_lost(picture: Path) -> None:
    broken = [DARKTABLE[:900].encode(), b"not XML", b"<x/>", b"<!DOCTYPE x><x/>"]
    for content in broken:
        sidecar_path(picture).write_bytes(content)
        with pytest.raises(MetadataError):
            read_sidecar(picture)
        write_sidecar(picture, CURATION)
        assert read_sidecar(picture) == CURATION
    aside = sorted(picture.parent.glob("*.unreadable*"))
    assert [path.read_bytes() for path in aside] == broken


def test_an_empty_file_that_a_crash_of_another_program_left_is_none(picture: Path) -> None:
    sidecar_path(picture).write_bytes(b"")
    assert read_sidecar(picture) is None
    write_sidecar(picture, CURATION)
    assert (read_sidecar(picture), beside(picture)) == (CURATION, ["a fox.png.xmp"])


def test_a_file_that_is_too_long_is_left_alone(picture: Path) -> None:
    sidecar_path(picture).write_bytes(b" " * (9 << 20))
    for call in (lambda: read_sidecar(picture), lambda: write_sidecar(picture, CURATION)):
        with pytest.raises(LibraryError):
            call()
    assert sidecar_path(picture).stat().st_size == 9 << 20


@pytest.mark.parametrize("curation", [CURATION, NOTHING])
def test_what_a_killed_write_left_goes_with_the_next(
    picture: Path, curation: SidecarCuration
) -> None:
    part = picture.with_name(".a fox.png.xmp.part")
    for _ in range(2):
        part.write_bytes(b"half")
        write_sidecar(picture, curation)
        assert not part.exists()


def test_half_a_character_is_refused_and_changes_nothing(picture: Path) -> None:
    write_sidecar(picture, CURATION)
    before = sidecar_path(picture).read_bytes()
    with pytest.raises(MetadataError):
        write_sidecar(picture, replace(CURATION, notes="half \ud83e"))
    with pytest.raises(MetadataError):
        write_sidecar(picture, STARS, "half \ud83e")
    assert sidecar_path(picture).read_bytes() == before


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, DiskFullError), (errno.EIO, LibraryError)]
)
def test_a_write_that_fails_leaves_the_file_that_was_there_and_no_half_one(
    picture: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[LibraryError]
) -> None:
    write_sidecar(picture, STARS)

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(expected) as raised:
        write_sidecar(picture, CURATION)
    assert type(raised.value) is expected
    assert read_sidecar(picture) == STARS
    assert beside(picture) == ["a fox.png.xmp"]


def test_a_folder_that_is_not_there_is_a_library_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError):
        write_sidecar(tmp_path / "gone" / "a.png", CURATION)


@pytest.mark.parametrize(
    "hostile",
    [
        DARKTABLE.replace('xmp:Rating="3"', 'xmp:Rating="3"' + " " * (4 << 20)),
        DARKTABLE.replace(
            'xmp:Rating="3"', 'xmp:Rating="3" darktable:x="' + " a" * (2 << 20) + '"'
        ),
        DARKTABLE.replace(">old<", f">{'o' * (4 << 20)}<"),
        DARKTABLE.replace(">old<", ">" + "o\n" * (2 << 20) + "<"),
        DARKTABLE.replace(">old<", ">" + "&#10;" * (1 << 20) + "<"),
    ],
    ids=["blanks in a tag", "a long attribute", "a long text", "many lines", "many references"],
)
def test_a_file_of_millions_of_anything_is_merged_all_the_same(picture: Path, hostile: str) -> None:
    sidecar_path(picture).write_text(hostile)
    write_sidecar(picture, CURATION)
    assert read_sidecar(picture) == CURATION


@needs_exiftool
@pytest.mark.parametrize("is_foreign", [False, True])
def test_exiftool_reads_it_and_has_nothing_against_it(picture: Path, is_foreign: bool) -> None:
    path = sidecar_path(picture)
    if is_foreign:
        path.write_text(DARKTABLE)
    write_sidecar(picture, CURATION, "a fox")
    (found,) = json.loads(exiftool("-json", "-G1", "-struct", "-XMP:all", path))
    assert found["XMP-xmp:Rating"] == 4
    assert found["XMP-dc:Subject"] == list(CURATION.tags)
    assert found["XMP-lr:HierarchicalSubject"] == list(CURATION.tags)
    assert found["XMP-digiKam:TagsList"] == list(CURATION.tags)
    assert found["XMP-acdsee:Notes"] == CURATION.notes
    assert found["XMP-dc:Description"] == "a fox"
    assert ("XMP-darktable:History" in found) == is_foreign
    assert exiftool("-a", "-s3", "-validate", "-warning", "-error", path) == "OK\n"


@needs_exiftool
def test_what_exiftool_changes_is_read_and_merged_again(picture: Path) -> None:
    path = sidecar_path(picture)
    write_sidecar(picture, CURATION, "a fox")
    changes = ("-XMP-xmp:Rating=1", "-XMP-dc:Subject+=neu", "-XMP-dc:Title=Theirs")
    exiftool("-overwrite_original", *changes, path)
    changed = replace(CURATION, rating=1, tags=(*CURATION.tags, "neu"))
    assert read_sidecar(picture) == changed
    write_sidecar(picture, STARS, "a fox")
    assert read_sidecar(picture) == STARS
    (found,) = json.loads(exiftool("-json", "-G1", "-XMP:all", path))
    assert found["XMP-dc:Title"] == "Theirs"
    assert found["XMP-xmp:Rating"] == 2


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
)
@pytest.mark.allows_log("is no XMP")
def test_whatever_is_in_the_file_what_is_written_comes_back(
    picture: Path, damage: list[tuple[float, int]], cut: float
) -> None:
    content = bytearray(DARKTABLE.encode())
    for place, value in damage:
        content[int(place * len(content))] = value
    sidecar_path(picture).write_bytes(content[: int(cut * len(content)) or None])
    write_sidecar(picture, CURATION, "a fox")
    assert read_sidecar(picture) == CURATION


def test_no_stars_are_said_as_such_for_a_program_that_gives_one_by_itself(picture: Path) -> None:
    write_sidecar(picture, SidecarCuration(tags=("fox",)))
    assert "<xmp:Rating>0</xmp:Rating>" in sidecar_path(picture).read_text("utf-8")


def levelled(keywords: str, ways: str, levels: str) -> str:
    """What darktable and digiKam leave of a sidecar of ours with the tags "fox", "x|y", "a/b"."""
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
     <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
       xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
       xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:algovera="urn:algovera-desktop:1.0/"
       algovera:Known="True">
      <dc:subject><rdf:Bag>{_items(keywords)}</rdf:Bag></dc:subject>
      <lr:hierarchicalSubject><rdf:Bag>{_items(ways)}</rdf:Bag></lr:hierarchicalSubject>
      <digiKam:TagsList><rdf:Seq>{_items(levels)}</rdf:Seq></digiKam:TagsList>
      <algovera:Tags><rdf:Bag>{_items("fox x|y a/b")}</rdf:Bag></algovera:Tags>
     </rdf:Description></rdf:RDF></x:xmpmeta>"""


def _items(names: str) -> str:
    return "".join(f"<rdf:li>{name}</rdf:li>" for name in names.split())


@pytest.mark.parametrize(
    ("packet", "tags"),
    [
        (levelled("fox a/b x y", "fox a/b x|y", "fox x|y a/b"), {"fox", "a/b", "x|y"}),
        (levelled("fox b x|y", "fox a|b x|y", "fox a/b x|y"), {"fox", "a/b", "x|y"}),
        (levelled("fox a/b", "fox a/b", "fox x|y a/b"), {"fox", "a/b"}),
        (levelled("fox b", "fox b", "fox x|y b"), {"fox", "b"}),
        (
            levelled("fox a/b x y new", "fox a/b x|y new", "fox x|y a/b"),
            {"fox", "a/b", "x|y", "new"},
        ),
    ],
    ids=["darktable", "digikam", "one taken off", "another put on", "one added"],
)
def test_a_tag_that_another_program_took_for_levels_is_whole_again(
    picture: Path, packet: str, tags: set[str]
) -> None:
    sidecar_path(picture).write_text(packet, "utf-8")
    found = read_sidecar(picture)
    assert found is not None
    assert set(found.tags) == tags
