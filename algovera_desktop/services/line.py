"""Places in line: positions with gaps between them, so that a move rarely touches others.

Jobs stand in the order of ``(position, id)``. What is put between two neighbours is spread
over the gap. Where the gap has run out, everything behind it moves up. A position at the end is
given once and never again, so that what was moved or cancelled from there goes back to a place
that nobody has taken. No two open jobs have one position, unless a gap is halved 32 times.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from algovera_desktop.domain.jobs import LINE_STATES, Job
from algovera_desktop.services.queue_rows import OPEN, by_ids, ids_json, select, store

POSITION_GAP = 1 << 32
"""Between neighbours in line, so that a job can be put between two others."""

_MARK = "(SELECT position, id FROM jobs WHERE id = :mark)"
_AT_OR_BEHIND = f"(position, id) >= {_MARK}"
_AHEAD = f"(position, id) < {_MARK}"
_NOT_MOVED = "id NOT IN (SELECT value FROM json_each(:moved))"


@dataclass(frozen=True, slots=True)
class _Place:
    """Between two neighbours' positions; ``after`` is None at the front. ``mark`` is the job that
    comes next, the first one to move up when the gap has run out."""

    after: int | None
    before: int
    mark: str

    def has_room(self, count: int) -> bool:
        return self.after is None or self.before - self.after > count


def end_positions(connection: sqlite3.Connection, count: int) -> list[int]:
    """Positions for jobs at the end of the line."""
    last = connection.execute("SELECT last_position FROM line").fetchone()[0]
    _lengthen(connection, count * POSITION_GAP)
    return [last + n * POSITION_GAP for n in range(1, count + 1)]


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
    if place is None:
        return store(connection, _at(moved, end_positions(connection, len(moved))))
    shifted, place = _with_room(connection, place, moved)
    return store(connection, [*_at(moved, _spread(place, len(moved))), *shifted])


def positions_behind(connection: sqlite3.Connection, job_id: str, count: int) -> list[int]:
    """Positions for new jobs directly behind one that is open; at the end of the line where
    too many have been put into that gap."""
    behind = f"{OPEN} AND {_AT_OR_BEHIND} AND id <> :mark ORDER BY position, id LIMIT 1"
    following = select(connection, behind, {"mark": job_id})
    place = _place_before(connection, following[0].id, []) if following else None
    if place is None or not place.has_room(count):
        return end_positions(connection, count)
    return _spread(place, count)


def to_free_places(connection: sqlite3.Connection, jobs: Sequence[Job]) -> list[Job]:
    """Jobs that come back to where they stood. Where another one has come to stand meanwhile they
    come right in front of it: with one position for two, their ids would have the say, which are
    drawn by chance, and nothing could be put between them any more."""
    positions = [job.position for job in jobs]
    values = {"moved": ids_json(job.id for job in jobs), "positions": json.dumps(positions)}
    others = f"SELECT position FROM jobs WHERE {OPEN} AND {_NOT_MOVED}"
    there = f"{others} AND position IN (SELECT value FROM json_each(:positions))"
    taken = {row["position"] for row in connection.execute(there, values)}

    def in_front(position: int) -> int:
        ahead = f"{others} AND position < :before ORDER BY position DESC LIMIT 1"
        rows = connection.execute(ahead, {**values, "before": position}).fetchall()
        known = (*positions, *(row["position"] for row in rows))
        nearest = max((one for one in known if one < position), default=None)
        return position - POSITION_GAP if nearest is None else (nearest + position) // 2

    return [
        replace(job, position=in_front(job.position)) if job.position in taken else job
        for job in jobs
    ]


def _place_before(
    connection: sqlite3.Connection, before: str | None, moved: Sequence[str]
) -> _Place | None:
    """The gap in front of ``before``, between jobs that stay where they are; None: the end."""
    values = {"mark": before, "moved": ids_json(moved)}
    nearest = f"SELECT id, position FROM jobs WHERE {OPEN} AND {_NOT_MOVED}"
    next_row = connection.execute(
        f"{nearest} AND {_AT_OR_BEHIND} ORDER BY position, id LIMIT 1", values
    ).fetchone()
    if next_row is None:
        return None
    values["mark"] = next_row["id"]
    last_row = connection.execute(
        f"{nearest} AND {_AHEAD} ORDER BY position DESC, id DESC LIMIT 1", values
    ).fetchone()
    after = None if last_row is None else last_row["position"]
    return _Place(after, next_row["position"], next_row["id"])


def _with_room(
    connection: sqlite3.Connection, place: _Place, moved: Sequence[Job]
) -> tuple[list[Job], _Place]:
    """The place, made wide enough, and the jobs that have to move up for that."""
    if place.has_room(len(moved)):
        return [], place
    step = (len(moved) + 1) * POSITION_GAP
    behind = select(
        connection,
        f"{OPEN} AND {_NOT_MOVED} AND {_AT_OR_BEHIND} ORDER BY position, id",
        {"mark": place.mark, "moved": ids_json(job.id for job in moved)},
    )
    _lengthen(connection, step)
    shifted = [replace(job, position=job.position + step) for job in behind]
    return shifted, replace(place, before=place.before + step)


def _lengthen(connection: sqlite3.Connection, by: int) -> None:
    connection.execute("UPDATE line SET last_position = last_position + ?", (by,))


def _spread(place: _Place, count: int) -> list[int]:
    """``count`` growing positions inside a place that is wide enough."""
    if place.after is None:
        return [place.before - n * POSITION_GAP for n in range(count, 0, -1)]
    gap = place.before - place.after
    return [place.after + gap * n // (count + 1) for n in range(1, count + 1)]


def _at(jobs: Iterable[Job], positions: Iterable[int]) -> list[Job]:
    return [replace(job, position=position) for job, position in zip(jobs, positions, strict=True)]
