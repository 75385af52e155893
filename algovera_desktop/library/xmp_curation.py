"""What an artist has made of a picture, as XMP that other programs read too.

Rating: ``xmp:Rating``, -1 (rejected) to 5. Tags: ``dc:subject``, and for digiKam and darktable,
which look there first, ``digiKam:TagsList`` ("/" between levels) and ``lr:hierarchicalSubject``
("|"): so ``exif.cc`` of darktable and ``dmetadatasettingscontainer.cpp`` of digiKam have it. Notes:
``acdsee:notes``, which darktable shows as notes and digiKam as a caption. Of the favourite, the
albums and the trash no other program knows; they are in our own namespace. So are rating, tags and
notes once more: by them it is known what another program has changed since we wrote.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from algovera_desktop.domain.images import MAX_RATING
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.xmp_exact import exact_names, exact_of, exact_xml
from algovera_desktop.library.xmp_names import expanded
from algovera_desktop.library.xmp_values import (
    Properties,
    array,
    array_of_structures,
    displayable,
    simple,
    structures_of,
    text_of,
    texts_of,
)

_RATING = "xmp:Rating"
_SUBJECT = "dc:subject"
_DIGIKAM_TAGS = "digiKam:TagsList"
_LIGHTROOM_TAGS = "lr:hierarchicalSubject"
_NOTES = "acdsee:notes"
_OUR_RATING = "algovera:Rating"
_OUR_TAGS = "algovera:Tags"
_OUR_NOTES = "algovera:Notes"
_FAVOURITE = "algovera:Favourite"
_ALBUMS = "algovera:Albums"
_ALBUM_NAME = "algovera:Name"
_ALBUM_POSITION = "algovera:Position"
_TRASHED_AT = "algovera:TrashedAt"
_KNOWN = "algovera:Known"
_DESCRIPTION = "dc:description"

_PLAIN = (
    _RATING,
    _SUBJECT,
    _DIGIKAM_TAGS,
    _LIGHTROOM_TAGS,
    _NOTES,
    _OUR_RATING,
    _OUR_TAGS,
    _FAVOURITE,
    _ALBUMS,
    _TRASHED_AT,
    _KNOWN,
)
CURATION_NAMES = frozenset([*map(expanded, _PLAIN), *exact_names(_OUR_NOTES)])
"""Every property that we can write of this, by its expanded name."""

_MAX_POSITION = 2**63 - 1
_BETWEEN_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class AlbumPlace:
    """An album that a picture is in, and where in its order: the lowest is first."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class SidecarCuration:
    """What an artist has made of a picture. ``rating`` is 0 (none) to MAX_RATING; ``trashed_at``
    is aware, None for a picture that does not lie in the trash."""

    rating: int = 0
    is_favourite: bool = False
    tags: tuple[str, ...] = ()
    albums: tuple[AlbumPlace, ...] = ()
    notes: str = ""
    trashed_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self == SidecarCuration()


def curation_xml(curation: SidecarCuration) -> str:
    """Its properties; "" where there is nothing to say. Raises MetadataError for broken texts.

    A rating of 0 is said too: darktable gives one star to what says nothing of it.
    """
    if curation.is_empty:
        return ""
    tags = _cleaned(curation.tags)
    rating = str(curation.rating)
    trashed_at = curation.trashed_at
    return "".join(
        (
            simple(_RATING, rating),
            array(_SUBJECT, "Bag", tags),
            array(_LIGHTROOM_TAGS, "Bag", tags),
            array(_DIGIKAM_TAGS, "Seq", tags),
            simple(_NOTES, curation.notes),
            simple(_OUR_RATING, rating),
            array(_OUR_TAGS, "Bag", tags),
            exact_xml(_OUR_NOTES, curation.notes),
            simple(_FAVOURITE, "True" if curation.is_favourite else ""),
            array_of_structures(_ALBUMS, map(_album_xml, curation.albums)),
            simple(_TRASHED_AT, "" if trashed_at is None else format_time(trashed_at)),
        )
    )


def curation_from(properties: Properties) -> SidecarCuration:
    """What a packet says, whoever wrote it; what makes no sense in it is left out."""
    return SidecarCuration(
        rating=_rating(text_of(properties.get(expanded(_RATING)))),
        is_favourite=text_of(properties.get(expanded(_FAVOURITE))).strip().lower() == "true",
        tags=_tags(properties),
        albums=_albums(properties),
        notes=_notes(properties),
        trashed_at=parse_time(text_of(properties.get(expanded(_TRASHED_AT)))),
    )


KNOWN_XML = simple(_KNOWN, "True")
"""Says in a packet that what another program has in it was seen when we wrote there."""


def last_written_from(properties: Properties) -> SidecarCuration | None:
    """What we had written the last time where others write too, whatever stands there now; None
    if we never wrote there."""
    if expanded(_KNOWN) not in properties:
        return None
    try:
        notes = exact_of(properties, _OUR_NOTES)
    except MetadataError:
        notes = ""
    return SidecarCuration(
        rating=_rating(text_of(properties.get(expanded(_OUR_RATING)))),
        tags=_cleaned(texts_of(properties.get(expanded(_OUR_TAGS)))),
        notes=notes,
    )


def format_time(time: datetime) -> str:
    """An aware time as XMP's date (ISO 16684-1, 8.2.1.2), in UTC, to the microsecond."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def parse_time(text: str) -> datetime | None:
    """XMP's date in UTC; one without a zone is this machine's. None for what is no time."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _album_xml(place: AlbumPlace) -> str:
    return simple(_ALBUM_NAME, place.name) + simple(_ALBUM_POSITION, str(place.position))


def _albums(properties: Properties) -> tuple[AlbumPlace, ...]:
    places: dict[str, AlbumPlace] = {}
    for fields in structures_of(properties.get(expanded(_ALBUMS))):
        for name in _cleaned([text_of(fields.get(expanded(_ALBUM_NAME)))]):
            position = _position(text_of(fields.get(expanded(_ALBUM_POSITION))))
            places.setdefault(name, AlbumPlace(name, position))
    return tuple(places.values())


def _position(text: str) -> int:
    try:
        position = int(text[:20])
    except ValueError:
        return 0
    return position if abs(position) <= _MAX_POSITION else 0


def _rating(text: str) -> int:
    try:
        value = float(text[:20])
    except ValueError:
        return 0
    return min(max(round(value), 0), MAX_RATING) if math.isfinite(value) else 0


def _tags(properties: Properties) -> tuple[str, ...]:
    """The keywords; where another program wrote only the ways that lead to them, their ends."""
    if tags := _cleaned(texts_of(properties.get(expanded(_SUBJECT)))):
        return _unlevelled(tags, properties)
    for name, separator in ((_DIGIKAM_TAGS, "/"), (_LIGHTROOM_TAGS, "|")):
        ways = texts_of(properties.get(expanded(name)))
        if tags := _cleaned(way.rpartition(separator)[2] for way in ways):
            return tags
    return ()


def _unlevelled(tags: tuple[str, ...], properties: Properties) -> tuple[str, ...]:
    """The tags, with those of ours whole again that another program has taken for a way through
    levels: of "x|y" darktable makes the keywords "x" and "y", of "a/b" digiKam makes "b"."""
    ours = texts_of(properties.get(expanded(_OUR_TAGS)))
    whole: list[str] = []
    parts: set[str] = set()
    for name, separator in ((_DIGIKAM_TAGS, "/"), (_LIGHTROOM_TAGS, "|")):
        for way in texts_of(properties.get(expanded(name))):
            levels = way.split(separator)
            if way in ours and way not in tags and levels[-1] in tags:
                whole.append(way)
                parts.update(levels)
    rest = [tag for tag in tags if tag not in parts or tag in ours]
    return tuple(dict.fromkeys([*rest, *whole]))


def _cleaned(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, on one line, without what XML cannot hold."""
    lines = (_BETWEEN_LINES.sub(" ", displayable(name)).strip() for name in names)
    return tuple(dict.fromkeys(line for line in lines if line))


def _notes(properties: Properties) -> str:
    """What another program has written over ours since. digiKam puts its caption there, which is
    our prompt: then ours, which stand once more beside, are meant."""
    notes = text_of(properties.get(expanded(_NOTES)))
    try:
        ours = exact_of(properties, _OUR_NOTES)
    except MetadataError:
        return notes
    is_caption = notes == text_of(properties.get(expanded(_DESCRIPTION)))
    return ours if is_caption or notes in ("", displayable(ours)) else notes
