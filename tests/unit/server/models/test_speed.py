import itertools

import pytest

from algovera_desktop.server.models.speed import (
    REFERENCE_GFLOPS,
    expected_seconds,
    vector_gflops,
)


def test_speed_counts_the_operations_of_the_time_that_passed() -> None:
    ticks = itertools.count(step=0.1)
    # Begun at 0.0; rounds of a sum and a product at 0.1 to 0.4; at 0.5 the time is up.
    operations = 4 * 2 * 4096 * 2048
    assert vector_gflops(lambda: next(ticks), threads=1) == pytest.approx(operations / 0.5 / 1e9)


def test_a_computer_half_as_fast_needs_twice_as_long() -> None:
    assert expected_seconds(15.0, REFERENCE_GFLOPS / 2) == pytest.approx(30.0)


def test_this_computer_has_a_speed() -> None:
    assert vector_gflops() > 0.1
