"""Places in line: positions with gaps between them, so that a move rarely touches others.

Jobs stand in the order of ``(position, id)``. What is put between two neighbours is spread
over the gap. Where the gap has run out, everything behind it moves up: never down, so that what
was added last stays last when the move is undone.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from algovera_desktop.domain.jobs import LINE_STATES, Job
from algovera_desktop.services.queue_rows import OPEN, by_ids, ids_json, select, store

POSITION_GAP = 1 << 32
"""Between neighbours in line, so that a job can be put between two others."""

_LAST = f"SELECT max(position) AS position FROM jobs WHERE {OPEN}"
_MARK = "(SELECT position, id FROM jobs WHERE id = :mark)"
_AT_OR_BEHIND = f"(position, id) >= {_MARK}"
_AHEAD = f"(position, id) < {_MARK}"
_NOT_MOVED = "id NOT IN (SELECT value FROM json_each(:moved))"


@dataclass(frozen=True, slots=True)
class _Place:
    """Between two neighbours' positions; None where there is no neighbour."""

    after: int | None
    before: int | None
    mark: str | None
    """The job that comes next, the first one to move up when the gap has run out."""

    def has_room(self, count: int) -> bool:
        return self.after is None or self.before is None or self.before - self.after > count


def end_positions(connection: sqlite3.Connection, count: int) -> list[int]:
    """Positions for jobs at the end of the line."""
    last = connection.execute(_LAST).fetchone()["position"]
    return _spread(_Place(last, None, None), count)


def move_before(
    connection: sqlite3.Connection, ids: Sequence[str], before: str | None
) -> list[Job]:
    """Put jobs that stand in line, in their present order, before another one; None: at the end.

    Returns every job whose position changed. ``before`` may be one of them: then they gather
    where it stands. One that no longer exists changes nothing.
    """
    moved = [job for job in by_ids(connection, ids) if job.state in LINE_STATES]
    if before is not None and not select(connection, "id = ?", (before,)):
        return []
    place = _place_before(connection, before, [job.id for job in moved])
    shifted, place = _with_room(connection, place, moved)
    placed = _at(moved, _spread(place, len(moved)))
    return store(connection, [*placed, *shifted])


def positions_behind(connection: sqlite3.Connection, job_id: str, count: int) -> list[int]:
    """Positions for new jobs directly behind one that is open; at the end of the line where
    too many have been put into that gap."""
    behind = f"{OPEN} AND {_AT_OR_BEHIND} AND id <> :mark ORDER BY position, id LIMIT 1"
    following = select(connection, behind, {"mark": job_id})
    if not following:
        return end_positions(connection, count)
    place = _place_before(connection, following[0].id, [])
    return _spread(place, count) if place.has_room(count) else end_positions(connection, count)


def _place_before(
    connection: sqlite3.Connection, before: str | None, moved: Sequence[str]
) -> _Place:
    """The gap in front of ``before``, or at the end, between jobs that stay where they are."""
    values = {"mark": before, "moved": ids_json(moved)}
    nearest = f"SELECT id, position FROM jobs WHERE {OPEN} AND {_NOT_MOVED}"
    next_row = None
    if before is not None:
        next_row = connection.execute(
            f"{nearest} AND {_AT_OR_BEHIND} ORDER BY position, id LIMIT 1", values
        ).fetchone()
    ahead = "" if next_row is None else f"AND {_AHEAD}"
    if next_row is not None:
        values["mark"] = next_row["id"]
    last_row = connection.execute(
        f"{nearest} {ahead} ORDER BY position DESC, id DESC LIMIT 1", values
    ).fetchone()
    return _Place(
        None if last_row is None else last_row["position"],
        None if next_row is None else next_row["position"],
        None if next_row is None else next_row["id"],
    )


def _with_room(
    connection: sqlite3.Connection, place: _Place, moved: Sequence[Job]
) -> tuple[list[Job], _Place]:
    """The place, made wide enough, and the jobs that have to move up for that."""
    if place.before is None or place.has_room(len(moved)):
        return [], place
    step = (len(moved) + 1) * POSITION_GAP
    behind = select(
        connection,
        f"{OPEN} AND {_NOT_MOVED} AND {_AT_OR_BEHIND} ORDER BY position, id",
        {"mark": place.mark, "moved": ids_json(job.id for job in moved)},
    )
    shifted = [replace(job, position=job.position + step) for job in behind]
    return shifted, replace(place, before=place.before + step)


def _spread(place: _Place, count: int) -> list[int]:
    """``count`` growing positions inside a place that is wide enough."""
    if place.before is None:
        return [(place.after or 0) + n * POSITION_GAP for n in range(1, count + 1)]
    if place.after is None:
        return [place.before - n * POSITION_GAP for n in range(count, 0, -1)]
    gap = place.before - place.after
    return [place.after + gap * n // (count + 1) for n in range(1, count + 1)]


def _at(jobs: Iterable[Job], positions: Iterable[int]) -> list[Job]:
    return [replace(job, position=position) for job, position in zip(jobs, positions, strict=True)]
