"""What is due when."""

from heapq import heapify, heappop, heappush
from itertools import count


class DueHeap:
    """Keys by the time when they are due, in seconds of any clock; those of the same time in the
    order in which they came. Each operation but ``make_all_due`` costs O(log n)."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def put(self, key: str, due_s: float) -> None:
        """Put a key in, or to another time."""
        number = next(self._numbers)
        self._places[key] = (due_s, number)
        heappush(self._heap, (due_s, number, key))

    def remove(self, key: str) -> None:
        self._places.pop(key, None)

    def first_s(self) -> float | None:
        """When the first key is due; None if there is none."""
        # A key that was removed or put elsewhere has left its old place behind.
        while self._heap and self._places.get(self._heap[0][2]) != self._heap[0][:2]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop(self) -> str:
        """Take the first key out; there must be one."""
        self.first_s()
        key = heappop(self._heap)[2]
        del self._places[key]
        return key

    def make_all_due(self) -> None:
        """All keys are due now, in the order that they had."""
        ordered = sorted((due_s, number, key) for key, (due_s, number) in self._places.items())
        self._places = {key: (float("-inf"), number) for number, (_, _, key) in enumerate(ordered)}
        self._heap = [(due_s, number, key) for key, (due_s, number) in self._places.items()]
        heapify(self._heap)
        self._numbers = count(len(ordered))
