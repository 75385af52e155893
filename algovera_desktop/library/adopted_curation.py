"""Curation that pictures bring along, in their files or sidecars, into their new records."""

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from algovera_desktop.domain.errors import NameRefusedError
from algovera_desktop.library.album_places import adding
from algovera_desktop.library.changes import Maker, carry_out, setting
from algovera_desktop.library.curated_names import find_name, good_name
from algovera_desktop.library.id_lists import to_json
from algovera_desktop.library.named_rows import making, next_id
from algovera_desktop.library.tags import tagging
from algovera_desktop.library.xmp_curation import SidecarCuration

K = TypeVar("K", bound=Hashable)


def adopt(
    connection: sqlite3.Connection,
    curations: Mapping[int, SidecarCuration],
    beside: Iterable[int] = (),
) -> None:
    """Give pictures, by id, what was made of them elsewhere, inside someone's write transaction.

    Tags and albums that are not there are made; in an album the pictures follow those it has, in
    their own order. Names that cannot be are passed over. The trash is left alone.

    What is taken over stands in a file already. Only the sidecars of those ``beside`` which one
    lies become due: by what is written there it is known later what another program has changed.
    """
    for make in _makers(curations):
        carry_out(connection, [make])
    for name, ids in _album_members(curations):
        album_id, makers = _album(connection, name)
        carry_out(connection, [*makers, *adding(album_id, to_json(ids), None)])
    due = set(beside)
    connection.executemany(
        "UPDATE images SET sidecar_due = ? WHERE id = ?",
        [(int(image_id in due), image_id) for image_id in curations],
    )


def _makers(curations: Mapping[int, SidecarCuration]) -> Iterator[Maker]:
    for rating, ids in _grouped(curations, lambda curation: [curation.rating]):
        if rating:
            yield setting("rating", to_json(ids), rating)
    for notes, ids in _grouped(curations, lambda curation: [curation.notes]):
        if notes:
            yield setting("notes", to_json(ids), notes.replace("\0", ""))
    favourites = [image_id for image_id, each in curations.items() if each.is_favourite]
    if favourites:
        yield setting("is_favourite", to_json(favourites), 1)
    for name, ids in _grouped(curations, lambda curation: _good(curation.tags)):
        yield tagging(name, to_json(ids))


def _album_members(curations: Mapping[int, SidecarCuration]) -> Iterator[tuple[str, list[int]]]:
    places: dict[str, list[tuple[int, int]]] = {}
    for image_id, curation in curations.items():
        for place in curation.albums:
            for name in _good([place.name]):
                places.setdefault(name, []).append((place.position, image_id))
    for name, members in places.items():
        yield name, [image_id for _, image_id in sorted(members)]


def _album(connection: sqlite3.Connection, name: str) -> tuple[int, list[Maker]]:
    """The album's id, and what makes it if there is none of that name."""
    if found := find_name(connection, "albums", name):
        return found[0], []
    return next_id(connection, "albums"), [making("albums", name)]


def _good(names: Iterable[str]) -> list[str]:
    good: list[str] = []
    for name in names:
        try:
            good.append(good_name(name))
        except NameRefusedError:
            continue
    return list(dict.fromkeys(good))


def _grouped(
    curations: Mapping[int, SidecarCuration], keys: Callable[[SidecarCuration], Iterable[K]]
) -> Iterator[tuple[K, list[int]]]:
    groups: dict[K, list[int]] = {}
    for image_id, curation in curations.items():
        for key in keys(curation):
            groups.setdefault(key, []).append(image_id)
    yield from groups.items()
