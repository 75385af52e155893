"""Which indexes can name the pictures that a term is about, without looking at any other."""

from dataclasses import dataclass

from algovera_desktop.library.query.nodes import (
    Extra,
    Has,
    Is,
    MadeIn,
    Named,
    NameField,
    Node,
    Not,
    NumberField,
    NumberIn,
    SizeIs,
    State,
)
from algovera_desktop.library.query.sql import (
    COLUMNS,
    Clause,
    between,
    made_in,
    named_ids,
)
from algovera_desktop.library.query.vocabulary import Vocabulary

FEW = 20_000
"""So many are counted in half a millisecond. Where more have something, a walk through a million
in order meets two hundred of them among the first ten thousand."""

_MANY = 250_000
"""A span of time may name so many: ids grow with time, so it bounds them."""

_INDEXES = {
    NumberField.RATING: "images_rating",
    NumberField.SEED: "images_seed",
    NumberField.STEPS: "images_steps",
    NumberField.GUIDANCE: "images_guidance",
}
_STATES = {
    State.FAVOURITE: ("images_favourite", "images.is_favourite"),
    State.IMPORTED: ("images_imported", "images.tool <> ''"),
    State.MISSING: ("images_missing", "images.missing_since IS NOT NULL"),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """A SELECT of ids, quick for as many as ``limit``: of all pictures for which a term holds, and
    perhaps of some more."""

    ids: Clause
    limit: int = FEW


def driver(node: Node, vocabulary: Vocabulary) -> Driver | None:
    """What names the pictures that are not in the trash for which ``node`` holds."""
    match node:
        case NumberIn(field, interval):
            return _indexed(_INDEXES[field], between(COLUMNS[field], interval))
        case SizeIs(width, height):
            area = Clause("images.width * images.height = ?", (width * height,))
            return _indexed("images_area", area)
        case MadeIn(interval):
            return _indexed("images_created", made_in(interval), _MANY)
        case Is(state) if state in _STATES:
            index, condition = _STATES[state]
            return _indexed(index, Clause(condition))
        case Has(Extra.NOTE):
            return _indexed("images_noted", Clause("images.notes <> ''"))
        case Not(Has(Extra.TAG)):
            return _indexed("images_untagged", Clause("images.tags = ''"))
        case Has(Extra.TAG):
            return Driver(Clause("SELECT image_id AS id FROM image_tags"))
        case Has(Extra.ALBUM):
            return Driver(Clause("SELECT image_id AS id FROM album_images"))
        case Named(NameField.TAG | NameField.ALBUM as field):
            return Driver(named_ids(field, vocabulary.meant_by(node)))
        case _:
            return None


def _indexed(index: str, condition: Clause, limit: int = FEW) -> Driver:
    sql = (
        f"SELECT images.id FROM images INDEXED BY {index}"
        f" WHERE {condition.sql} AND images.trashed_at IS NULL"
    )
    return Driver(Clause(sql, condition.values), limit)
