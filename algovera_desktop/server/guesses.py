"""Slows down whoever tries keys, without keeping out those who have one.

Keys cannot be guessed, being 256 random bits: what is saved is the server's time and its log.
"""

import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

FREE_GUESSES = 10
LONGEST_PAUSE_S = 60.0
_FORGOTTEN_AFTER_S = 600.0
_REMEMBERED = 10_000
"""Addresses, and as many pairs of address and key: a few megabytes at most."""

_log = logging.getLogger(__name__)


class TooManyGuessesError(Exception):
    """So many wrong keys came from this address that the next is not looked at yet."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class _Guesses:
    count: int = 0
    last_s: float = 0.0
    paused_until_s: float = 0.0


class GuessBrake:
    """Counts wrong keys by address. After the first ten each one doubles a pause, from one
    second to a minute, in which no key from there is looked at, except those that were right
    from there before: colleagues behind the same address work on.

    Belongs to one thread. ``clock`` in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guesses: OrderedDict[str, _Guesses] = OrderedDict()
        self._proven: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, address: str, key_id: str) -> None:
        """Raise TooManyGuessesError if a key of this id may not be tried from there now."""
        place = neighbourhood(address)
        guesses = self._guesses.get(place)
        if guesses is None or (place, key_id) in self._proven:
            return
        pause_s = guesses.paused_until_s - self._clock()
        if pause_s > 0:
            raise TooManyGuessesError(pause_s)

    def right(self, address: str, key_id: str) -> None:
        """A key of this id was right."""
        _remember(self._proven, (neighbourhood(address), key_id), None)

    def wrong(self, address: str, key_id: str) -> None:
        """A key that claims this id was wrong."""
        place, now = neighbourhood(address), self._clock()
        self._proven.pop((place, key_id), None)
        guesses = self._guesses.get(place)
        if guesses is None or now - guesses.last_s > _FORGOTTEN_AFTER_S:
            guesses = _Guesses()
        guesses.count += 1
        guesses.last_s = now
        _remember(self._guesses, place, guesses)
        too_many = guesses.count - FREE_GUESSES
        if too_many >= 0:
            pause_s = min(2.0 ** min(too_many, 10), LONGEST_PAUSE_S)
            guesses.paused_until_s = now + pause_s
            _log.warning(
                "%d wrong keys from %s; none is looked at for %g s",
                guesses.count,
                place,
                pause_s,
            )


def neighbourhood(address: str) -> str:
    """What one person surely holds: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "an unknown address"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _remember(table: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > _REMEMBERED:
        table.popitem(last=False)
