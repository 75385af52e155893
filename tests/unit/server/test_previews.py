"""Previews are small, at most one a second, and cost a twentieth of the time at most."""

import io

import pytest
from PIL import Image

from algovera_desktop.server.previews import PreviewClock


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_first_is_due_after_a_second_and_the_next_a_second_later() -> None:
    time = Clock()
    clock = PreviewClock(time)
    assert not clock.is_due()
    time.now_s += 1
    assert clock.is_due()
    clock.take(lambda: Image.new("RGB", (8, 8)))
    assert not clock.is_due()
    time.now_s += 1
    assert clock.is_due()


def test_a_dear_one_is_followed_by_a_long_pause() -> None:
    time = Clock()
    clock = PreviewClock(time)

    def decode() -> Image.Image:
        time.now_s += 7
        return Image.new("RGB", (8, 8))

    clock.take(decode)
    time.now_s += 139
    assert not clock.is_due()
    time.now_s += 2
    assert clock.is_due()


@pytest.mark.parametrize("trouble", [ValueError, RuntimeError, MemoryError])
def test_one_that_fails_is_the_last_and_is_told_in_the_log(
    capsys: pytest.CaptureFixture[str], trouble: type[Exception]
) -> None:
    def decode() -> Image.Image:
        raise trouble("no decoder")

    time = Clock()
    clock = PreviewClock(time)
    assert clock.take(decode) is None
    time.now_s += 10_000
    assert not clock.is_due()
    assert capsys.readouterr().err.count(f"{trouble.__name__}: no decoder") == 1


def test_a_model_of_which_nobody_knows_one_is_not_asked_again() -> None:
    time = Clock()
    clock = PreviewClock(time)
    assert clock.take(lambda: None) is None
    time.now_s += 10_000
    assert not clock.is_due()


def test_they_are_jpegs_with_the_longer_side_of_256() -> None:
    jpeg = PreviewClock().take(lambda: Image.new("RGBA", (96, 48)))
    assert jpeg is not None
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (256, 128))
