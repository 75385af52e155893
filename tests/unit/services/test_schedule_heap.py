"""The heap of what is due, against a list that is sorted."""

from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.services.due_heap import DueHeap

KEYS = st.sampled_from("abcde")
TIMES = st.sampled_from([float("-inf"), 0.0, 1.0, 2.0])
PUTS = st.tuples(st.just("put"), KEYS, TIMES)
OTHERS = st.tuples(st.sampled_from(["remove", "pop", "make all due"]), KEYS, TIMES)


@given(st.lists(PUTS | OTHERS, max_size=60))
def test_the_heap_gives_what_a_sorted_list_gives(steps: list[tuple[str, str, float]]) -> None:
    heap, model = DueHeap(), list[tuple[float, str]]()
    for what, key, due_s in steps:
        if what == "put":
            heap.put(key, due_s)
            model = [entry for entry in model if entry[1] != key] + [(due_s, key)]
        elif what == "remove":
            heap.remove(key)
            model = [entry for entry in model if entry[1] != key]
        elif what == "make all due":
            heap.make_all_due()
            model = [(float("-inf"), one) for _, one in sorted(model, key=lambda entry: entry[0])]
        elif model:
            first = min(model, key=lambda entry: entry[0])
            assert heap.pop() == first[1]
            model.remove(first)
        assert len(heap) == len(model)
        assert heap.first_s() == min((due_s for due_s, _ in model), default=None)
        assert all((key in heap) == any(entry[1] == key for entry in model) for key in "abcde")
