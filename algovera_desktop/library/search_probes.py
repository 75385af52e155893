"""What is known of the terms of a query that an index can name the pictures of."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from algovera_desktop.library.query.drivers import Driver
from algovera_desktop.library.query.nodes import Node
from algovera_desktop.library.query.sql import Clause

Span = tuple[int, int]
"""The first and the last id of a stretch."""

_COUNTED_FURTHER = 200_000
_SET_US = 0.3
"""To put a picture in a set, against which others are held."""


@dataclass(frozen=True, slots=True)
class Probe:
    """``count`` is how many pictures a term is about, if that is known; ``span`` holds their ids,
    if all were seen. An album and the trash are no ``term``."""

    term: Node | None
    driver: Driver
    count: float
    is_known: bool
    span: Span | None

    def among(self, column: str) -> Clause:
        """That a picture is one of these: known without its row, from a set of all of them."""
        ids = self.driver.ids
        return Clause(f"{column} IN (SELECT id FROM ({ids.sql}))", ids.values)


class Probes:
    """Counts each term as far as that takes no longer than a millisecond or few."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        drivers: Iterable[tuple[Node | None, Driver]],
        total: int,
    ) -> None:
        self._connection = connection
        self._total = total
        self._all = [self._counted(term, driver, driver.limit) for term, driver in drivers]

    @property
    def known(self) -> Sequence[Probe]:
        """Those terms of which it is known how many pictures they are about."""
        return [probe for probe in self._all if probe.is_known]

    @property
    def smallest(self) -> Probe | None:
        """The one of them that is about the fewest."""
        return min(self.known, key=lambda probe: probe.count, default=None)

    @property
    def spans(self) -> Iterator[Span]:
        return (probe.span for probe in self._all if probe.span)

    def look_further(self, estimate: Callable[[Node], float]) -> bool:
        """Find out about the others, too: a term's number is estimated, the others are counted
        further. Whether there were any."""
        if len(self.known) == len(self._all):
            return False
        self._all = [
            probe if probe.is_known else self._looked_further(probe, estimate)
            for probe in self._all
        ]
        return True

    def worth_a_set(self, rows: float, look_us: float) -> Probe | None:
        """The term of whose pictures a set is to be made before so many rows are looked at, if
        that takes less than it spares."""
        smallest = self.smallest
        if smallest is None:
            return None
        spared_us = rows * look_us * (1 - min(smallest.count / self._total, 1.0))
        return smallest if smallest.count * _SET_US < spared_us else None

    def looks_us(self, rows: float, look_us: float) -> float:
        """What it takes to look at so many rows, or at those of them that are in such a set."""
        chosen = self.worth_a_set(rows, look_us)
        if chosen is None:
            return rows * look_us
        return chosen.count * _SET_US + rows * look_us * chosen.count / self._total

    def _looked_further(self, probe: Probe, estimate: Callable[[Node], float]) -> Probe:
        if probe.term is None:
            return self._counted(None, probe.driver, _COUNTED_FURTHER)
        return replace(probe, count=max(probe.count, estimate(probe.term)), is_known=True)

    def _counted(self, term: Node | None, driver: Driver, limit: int) -> Probe:
        count, first, last = self._connection.execute(
            f"SELECT count(*), min(id), max(id) FROM ({driver.ids.sql} LIMIT ?)",
            (*driver.ids.values, limit),
        ).fetchone()
        is_known = count < limit
        return Probe(term, driver, count, is_known, (first, last) if is_known and count else None)
