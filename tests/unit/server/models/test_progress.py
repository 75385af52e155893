"""The speed is that of the last seconds, and the time left follows from it."""

from algovera_desktop.server.models.progress import Pace, Progress


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_nobody_knows_a_speed_at_the_beginning() -> None:
    progress = Progress(lambda: None, Clock())
    assert progress.pace == Pace(0, 0, None)
    progress.start(100, 1000)
    assert progress.pace == Pace(100, 1000, None)
    assert progress.pace.seconds_left is None


def test_what_was_there_before_counts_as_done_and_not_as_speed() -> None:
    clock = Clock()
    progress = Progress(lambda: None, clock)
    progress.start(500, 1000)
    clock.now_s = 1.0
    progress.add(100)
    assert progress.pace == Pace(600, 1000, 100.0)
    assert progress.pace.seconds_left == 4.0


def test_the_speed_follows_the_last_seconds_and_falls_to_nothing() -> None:
    clock = Clock()
    progress = Progress(lambda: None, clock)
    progress.start(0, 1_000_000)
    for second in range(1, 31):
        clock.now_s = float(second)
        progress.add(1000 if second <= 10 else 10)
    assert progress.pace.bytes_per_s is not None
    assert 9 <= progress.pace.bytes_per_s <= 11
    clock.now_s = 10_000.0
    assert (progress.pace.bytes_per_s or 0) < 0.1


def test_listeners_hear_a_few_times_a_second_however_small_the_pieces() -> None:
    clock, told = Clock(), []
    progress = Progress(lambda: told.append(clock.now_s), clock)
    progress.start(0, 10_000)
    for step in range(1000):
        clock.now_s = step / 1000
        progress.add(1)
    assert 3 <= len(told) <= 6
