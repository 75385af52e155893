"""A stall is told with what the thread did in it; a thread that answers is left alone."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def make_watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], Any]]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from stalls import StallWatch

    watches: list[StallWatch] = []

    def make(longer_than_ms: float) -> StallWatch:
        watches.append(StallWatch(longer_than_ms))
        watches[-1].start()
        return watches[-1]

    yield make
    for watch in watches:
        watch.end()
    sys.modules.pop("stalls")


def dawdle(watch: Any) -> None:
    """Until it was seen: on a busy machine the watch gets its turn late."""
    seen, give_up_at = watch.looks, time.monotonic() + 30
    while watch.looks < seen + 2 and time.monotonic() < give_up_at:
        pass


def test_what_dawdles_is_named(make_watch, capsys: pytest.CaptureFixture[str]) -> None:
    watch = make_watch(1)
    watch.beat()
    dawdle(watch)
    watch.beat()
    assert "in dawdle" in capsys.readouterr().err


def test_a_thread_that_is_not_late_is_not_told_of(
    make_watch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = make_watch(60_000)
    watch.beat()
    watch.beat()
    assert capsys.readouterr().err == ""
