import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.ui.duration_words import duration_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "about 1 s"),
        (7.4, "about 7 s"),
        (41.0, "about 40 s"),
        (58.0, "about 60 s"),
        (74.0, "about 70 s"),
        (100.0, "about 2 min"),
        (59 * 60.0, "about 59 min"),
        (59.6 * 60, "about 1 h"),
        (62 * 60.0, "about 1 h"),
        (200 * 60.0, "about 3 h 20 min"),
        (12.4 * 3600, "about 12 h"),
        (240 * 3600.0, "about 240 h"),
    ],
)
def test_a_duration_is_told_no_more_exactly_than_it_is_worth(qapp, seconds, words):
    assert duration_words(seconds) == words


@given(seconds=st.floats(1, 1e6))
def test_what_is_said_is_never_off_by_more_than_a_third(qapp, seconds):
    said = duration_words(seconds).removeprefix("about ").split()
    units = {"s": 1, "min": 60, "h": 3600}
    told = sum(int(n) * units[unit] for n, unit in zip(said[::2], said[1::2], strict=True))
    assert abs(told - seconds) <= seconds / 3 + 0.5
