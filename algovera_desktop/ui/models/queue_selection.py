"""From selected rows to jobs and back, and from a place between two rows to a place in line."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from PySide6.QtCore import QItemSelection

from algovera_desktop.ui.models.queue_model import QueueModel


def ids_of(model: QueueModel, selection: QItemSelection) -> list[str]:
    """The ids of the selected jobs, in the order of the list."""
    spans = sorted(
        (selection.at(position).top(), selection.at(position).bottom() + 1)
        for position in range(selection.count())
    )
    return [one for first, end in spans for one in model.job_ids_at(range(first, end))]


def selection_of(model: QueueModel, ids: Iterable[str]) -> QItemSelection:
    """The rows of jobs, those that are no longer there left out."""
    rows = sorted(row for row in map(model.row_of, ids) if row is not None)
    selection = QItemSelection()
    for _, run in groupby(enumerate(rows), key=lambda numbered: numbered[1] - numbered[0]):
        span = [row for _, row in run]
        selection.select(model.index(span[0]), model.index(span[-1]))
    return selection


def drop_target(model: QueueModel, ids: Sequence[str], row: int) -> tuple[int, str | None] | None:
    """Where jobs of one line land that are dropped right above ``row``.

    That is the row which they come to stand above, and its job's id, None at the end of the
    line. Above the line is its front, below it its end. None where another server's jobs are.
    """
    first = model.row_of(ids[0]) if ids else None
    if first is None:
        return None
    beside = [one for one in (row - 1, row) if 0 <= one < model.rowCount()]
    if model.server_at(first) not in {model.server_at(one) for one in beside}:
        return None
    line = model.line_at(first)
    target = min(max(row, line.start), line.stop)
    dragged = set(ids)
    below = (model.id_at(one) for one in range(target, line.stop))
    return target, next((one for one in below if one not in dragged), None)
