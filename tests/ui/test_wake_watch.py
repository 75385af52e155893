"""A computer that sleeps is played by its clock; the timer is the real one."""

import pytest
from PySide6.QtCore import QTimer

from algovera_desktop.ui.wake_watch import WakeWatch, clock_with_sleep

TICK_S = 0.01
LOOKS = 5


class SetClock:
    """A clock that a test sets; it counts how often it was looked at."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now_s


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def watch(qapp, clock):
    watch = WakeWatch(clock=clock, tick_s=TICK_S)
    yield watch
    for timer in watch.findChildren(QTimer):
        timer.stop()
    watch.deleteLater()


def let_it_look(qtbot, clock: SetClock) -> None:
    target = clock.looks + LOOKS
    qtbot.waitUntil(lambda: clock.looks >= target)


def test_time_that_passed_in_sleep_is_noticed_once(qtbot, watch, clock):
    woken = []
    watch.woke.connect(lambda: woken.append(clock.now_s))
    clock.now_s += 3600
    qtbot.waitUntil(lambda: woken == [4600.0])
    let_it_look(qtbot, clock)
    assert woken == [4600.0]
    clock.now_s += 60
    qtbot.waitUntil(lambda: woken == [4600.0, 4660.0])


def test_a_little_delay_is_no_sleep(qtbot, watch, clock):
    with qtbot.assertNotEmitted(watch.woke):
        for _ in range(LOOKS):
            clock.now_s += 9
            let_it_look(qtbot, clock)


def test_a_clock_that_goes_back_does_no_harm(qtbot, watch, clock):
    with qtbot.assertNotEmitted(watch.woke):
        clock.now_s -= 3600
        let_it_look(qtbot, clock)
    with qtbot.waitSignal(watch.woke):
        clock.now_s += 3600


def test_the_real_clock_says_nothing_while_the_computer_is_awake(qtbot):
    looks = []

    def look() -> float:
        looks.append(clock_with_sleep())
        return looks[-1]

    watch = WakeWatch(clock=look, tick_s=TICK_S)
    with qtbot.assertNotEmitted(watch.woke):
        qtbot.waitUntil(lambda: len(looks) > LOOKS)
    assert looks == sorted(looks)
    for timer in watch.findChildren(QTimer):
        timer.stop()
