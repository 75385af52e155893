"""Work of the UI thread in turns."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer

from algovera_desktop.ui.turns import Turns


def test_the_window_answers_between_two_steps(qtbot):
    done: list[str] = []

    def steps() -> Iterator[None]:
        done.append("first")
        QTimer.singleShot(0, lambda: done.append("what waited"))
        yield
        done.append("second")

    turns = Turns(steps())
    with qtbot.waitSignal(turns.finished):
        turns.start()
    assert done == ["first", "what waited", "second"]
    assert turns.is_finished


def test_who_cannot_wait_gets_the_rest_at_once(qtbot):
    done: list[int] = []

    def steps() -> Iterator[None]:
        for number in range(3):
            done.append(number)
            yield

    turns = Turns(steps())
    turns.start(60_000)
    with qtbot.waitSignal(turns.finished):
        turns.finish()
    assert done == [0, 1, 2]


def test_a_step_that_fails_is_the_last_one(qtbot):
    def steps() -> Iterator[None]:
        yield
        raise ValueError("our bug")

    turns = Turns(steps())
    with qtbot.assertNotEmitted(turns.finished), pytest.raises(ValueError, match="our bug"):
        turns.finish()
    assert turns.is_finished
