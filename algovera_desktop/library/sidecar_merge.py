"""What another program has changed in a sidecar, taken over into the library.

Three things are compared: what we had written, what stands there now, what the library says. A
rating that both have changed is the library's; of tags counts what either side has added or
removed; of notes, all that either side has written is kept. In a sidecar that we have never
written all was added.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from algovera_desktop.domain.errors import NameRefusedError
from algovera_desktop.library.changes import Change, Maker, carry_out, setting
from algovera_desktop.library.curated_names import folded, good_name
from algovera_desktop.library.id_lists import to_json
from algovera_desktop.library.sidecar import SidecarState
from algovera_desktop.library.tags import tagging, untagging
from algovera_desktop.library.xmp_curation import SidecarCuration


def merged(ours: SidecarCuration, state: SidecarState) -> SidecarCuration:
    """What the library should say now. Albums, favourite and trash are its own."""
    says, written = state.says, state.written or SidecarCuration()
    return replace(
        ours,
        rating=says.rating if ours.rating == written.rating else ours.rating,
        notes=_merged_notes(ours.notes, says.notes, written.notes),
        tags=_merged_tags(ours.tags, says.tags, written.tags),
    )


def take_over(
    connection: sqlite3.Connection, image_id: int, ours: SidecarCuration, state: SidecarState
) -> Change | None:
    """Have the library say what was changed outside, inside someone's write transaction.

    ``ours`` is what it says now. Its sidecar is due after that. None if there was nothing to take
    over. Tags that cannot be are passed over.
    """
    return carry_out(connection, _makers(to_json([image_id]), ours, merged(ours, state)))


def _merged_notes(ours: str, says: str, written: str) -> str:
    """Where both have changed them, ours and after them the lines that they have added. Merged
    once more with the same, it is the same: a sidecar may not be written for a while."""
    if ours == written:
        return says
    if says == written or says in ours:
        return ours
    if ours in says:
        return says
    known = {*ours.split("\n"), *written.split("\n")}
    added = [line for line in says.split("\n") if line not in known]
    return "\n".join([ours, *added])


def _merged_tags(
    ours: tuple[str, ...], says: tuple[str, ...], written: tuple[str, ...]
) -> tuple[str, ...]:
    removed = set(map(folded, written)) - set(map(folded, says))
    known = set(map(folded, (*ours, *written)))
    added = [tag for tag in says if folded(tag) not in known]
    return (*(tag for tag in ours if folded(tag) not in removed), *added)


def _makers(ids: str, before: SidecarCuration, after: SidecarCuration) -> Iterator[Maker]:
    yield setting("rating", ids, after.rating)
    yield setting("notes", ids, after.notes.replace("\0", ""))
    for name in before.tags:
        if name not in after.tags:
            yield untagging(name, ids)
    for name in after.tags:
        if name not in before.tags:
            try:
                yield tagging(good_name(name), ids)
            except NameRefusedError:
                continue
