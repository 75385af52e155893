import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.ui.line_block import LineBlock, Move

lines = st.integers(0, 8).map(lambda count: [str(number) for number in range(count)])


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[str], set[str]]:
    line = draw(lines)
    return line, draw(st.sets(st.sampled_from([*line, "gone"])))


def after(line: list[str], move: Move) -> list[str]:
    """The line once the queue has moved what it is told to move."""
    ids, before = move
    others = [job_id for job_id in line if job_id not in ids]
    place = len(others) if before is None else others.index(before)
    return [*others[:place], *ids, *others[place:]] if ids else line


@pytest.mark.parametrize("way", ["to_front", "up", "down", "before"])
@settings(deadline=None)
@given(data=st.data())
def test_a_move_brings_the_chosen_together_and_leaves_the_others_in_order(way, data):
    line, chosen = data.draw(blocks())
    block = LineBlock(line, chosen)
    if way == "before":
        move = block.before(data.draw(st.sampled_from([*line, None])))
    else:
        move = getattr(block, way)()
    moved = after(line, move)
    mine = [job_id for job_id in line if job_id in chosen]
    assert sorted(moved) == sorted(line)
    assert [job_id for job_id in moved if job_id not in chosen] == [
        job_id for job_id in line if job_id not in chosen
    ]
    if mine:
        first = moved.index(mine[0])
        assert moved[first : first + len(mine)] == mine
    assert bool(move[0]) == (moved != line)


@settings(deadline=None)
@given(blocks())
def test_up_and_down_pass_by_one_and_stop_at_the_ends(given_block):
    line, chosen = given_block
    mine = [job_id for job_id in line if job_id in chosen]
    if not mine:
        assert LineBlock(line, chosen).up() == LineBlock(line, chosen).down() == ((), None)
        return
    up = after(line, LineBlock(line, chosen).up())
    down = after(line, LineBlock(line, chosen).down())
    assert up.index(mine[0]) == max(line.index(mine[0]) - 1, 0)
    assert down.index(mine[-1]) == min(line.index(mine[-1]) + 1, len(line) - 1)


def test_a_job_that_is_not_in_this_line_is_left_to_the_queue():
    assert LineBlock(["a", "b"], {"b"}).before("elsewhere") == (["b"], "elsewhere")
