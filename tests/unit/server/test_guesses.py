"""Whoever tries keys is slowed more and more; whoever has one is not."""

import logging

import pytest

from algovera_desktop.server import guesses
from algovera_desktop.server.guesses import (
    FREE_GUESSES,
    LONGEST_PAUSE_S,
    GuessBrake,
    TooManyGuessesError,
    neighbourhood,
)

HOME, ELSEWHERE = "192.0.2.7", "192.0.2.8"
MINE, GUESSED = "01234567", "ffffffff"


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def brake(clock: Clock) -> GuessBrake:
    return GuessBrake(clock)


def guess(brake: GuessBrake, address: str = HOME, key_id: str = GUESSED) -> float:
    """Try a wrong key; for how many seconds it is not looked at, 0 if it was."""
    try:
        brake.check(address, key_id)
    except TooManyGuessesError as error:
        return error.retry_after_s
    brake.wrong(address, key_id)
    return 0.0


@pytest.mark.allows_log("wrong keys from")
def test_the_first_mistakes_cost_nothing_and_each_further_one_twice_as_much(
    brake: GuessBrake, clock: Clock
) -> None:
    assert [guess(brake) for _ in range(FREE_GUESSES)] == [0.0] * FREE_GUESSES
    pauses: list[float] = []
    for _ in range(9):
        pauses.append(guess(brake))
        clock.now_s += pauses[-1]
        assert guess(brake) == 0.0
    assert pauses == [1, 2, 4, 8, 16, 32, *[LONGEST_PAUSE_S] * 3]


@pytest.mark.allows_log("wrong keys from")
def test_a_thousand_guesses_a_second_are_a_few_a_minute(brake: GuessBrake, clock: Clock) -> None:
    looked_at = 0
    for _ in range(60_000):
        clock.now_s += 0.001
        looked_at += guess(brake) == 0.0
    assert looked_at == FREE_GUESSES + 5


@pytest.mark.allows_log("wrong keys from")
def test_another_address_is_not_slowed(brake: GuessBrake) -> None:
    for _ in range(FREE_GUESSES):
        guess(brake)
    brake.check(ELSEWHERE, GUESSED)


@pytest.mark.allows_log("wrong keys from")
def test_a_key_that_was_right_from_there_goes_on_until_it_is_wrong(brake: GuessBrake) -> None:
    brake.right(HOME, MINE)
    for _ in range(FREE_GUESSES):
        guess(brake)
    brake.check(HOME, MINE)
    with pytest.raises(TooManyGuessesError):
        brake.check(HOME, "another!")
    assert guess(brake, key_id=MINE) == 0.0
    assert guess(brake, key_id=MINE) > 0


@pytest.mark.allows_log("wrong keys from")
def test_a_right_key_does_not_end_the_pause_for_the_wrong_ones(brake: GuessBrake) -> None:
    for _ in range(FREE_GUESSES):
        guess(brake)
        brake.right(HOME, MINE)
    assert guess(brake) > 0


def test_old_mistakes_are_forgotten(brake: GuessBrake, clock: Clock) -> None:
    for _ in range(FREE_GUESSES - 1):
        guess(brake)
    clock.now_s += 601
    assert [guess(brake) for _ in range(FREE_GUESSES - 1)] == [0.0] * (FREE_GUESSES - 1)


def test_it_remembers_so_many_addresses_and_no_more(
    brake: GuessBrake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "_REMEMBERED", 100)
    for number in range(1000):
        address = f"2001:db8:0:{number:x}::1"
        guess(brake, address)
        brake.right(address, MINE)
    assert len(brake._guesses) == len(brake._proven) == 100


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense" * 100, "an unknown address"),
        ("", "an unknown address"),
    ],
)
def test_a_neighbourhood_is_what_one_person_surely_holds(address: str, place: str) -> None:
    assert neighbourhood(address) == place


@pytest.mark.allows_log("wrong keys from")
def test_a_guesser_is_logged_without_the_key(
    brake: GuessBrake, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            guess(brake)
    assert caplog.messages == [f"{FREE_GUESSES} wrong keys from {HOME}; none is looked at for 1 s"]
