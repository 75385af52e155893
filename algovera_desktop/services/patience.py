"""How long jobs and servers are waited for."""

from dataclasses import dataclass
from random import Random

_POLL_GROWTH = 1.25
_REST_GROWTH = 2.0
_MOST_GROWN = 16
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds where nothing else is said.

    ``unchanged_s``: a job is waited for without any change in what its server says of it.
    ``long_poll_s``: a server that offers it may answer so much later. Pauses between questions
    about one job grow from ``first_pause_s`` to ``longest_pause_s``, rests after trouble that
    meets all jobs of a server from ``first_rest_s`` to ``longest_rest_s``; a server that asks for
    patience gets up to ``longest_retry_after_s``. ``strange_answers`` (how many) in a row that
    make no sense, such as a proxy's error page, are borne, and in any case for ``strange_s``; that
    a job is not known has to be said ``forgotten_answers`` times in a row over ``forgotten_s``,
    for a gateway says it, too, while the server behind it is replaced.
    After ``lost_answers`` POSTs in a row that may each have been charged, nothing more is sent
    until the user says so, unless they can be repeated at no cost.
    """

    unchanged_s: float = 3600.0
    long_poll_s: float = 10.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 10.0
    first_rest_s: float = 5.0
    longest_rest_s: float = 60.0
    longest_retry_after_s: float = 3600.0
    strange_answers: int = 5
    strange_s: float = 60.0
    forgotten_answers: int = 3
    forgotten_s: float = 5.0
    lost_answers: int = 3

    def pause_s(self, age: int, random: Random) -> float:
        """Between two questions about a job that was asked ``age`` times before."""
        grown = self.first_pause_s * _POLL_GROWTH ** min(age, _MOST_GROWN)
        return _a_little_off(min(grown, self.longest_pause_s), random)

    def rest_s(self, troubles: int, random: Random) -> float:
        """After so many troubles in a row, from 1."""
        grown = self.first_rest_s * _REST_GROWTH ** min(troubles - 1, _MOST_GROWN)
        return _a_little_off(min(grown, self.longest_rest_s), random)


def _a_little_off(seconds: float, random: Random) -> float:
    """So that many clients that lost a server together do not come back together."""
    return seconds * random.uniform(1 - _JITTER, 1 + _JITTER)
