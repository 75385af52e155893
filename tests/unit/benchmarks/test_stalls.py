"""A stall is told with what the thread did in it; a thread that answers is left alone."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from stalls import StallWatch

    watch = StallWatch(longer_than_ms=60)
    watch.start()
    yield watch
    watch.end()
    sys.modules.pop("stalls")


def dawdle(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_what_dawdles_is_named(watch, capsys: pytest.CaptureFixture[str]) -> None:
    watch.beat()
    dawdle(0.3)
    watch.beat()
    assert "in dawdle" in capsys.readouterr().err


def test_a_thread_that_is_not_late_is_not_told_of(
    capsys: pytest.CaptureFixture[str], watch
) -> None:
    watch.beat()
    watch.beat()
    assert capsys.readouterr().err == ""
