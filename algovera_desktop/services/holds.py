"""Why nothing goes to a server for the time being."""

from dataclasses import dataclass
from random import Random

from algovera_desktop.domain.jobs import FailureKind, JobFailure
from algovera_desktop.services.outcomes import Troubled
from algovera_desktop.services.patience import Patience

_ENDED_BY_AN_ANSWER = frozenset({FailureKind.UNREACHABLE, FailureKind.TIMEOUT})
_ENDED_BY_THE_USER = frozenset(
    {
        FailureKind.AUTHENTICATION,
        FailureKind.CREDENTIAL,
        FailureKind.INSECURE,
        FailureKind.PAYMENT,
    }
)


_STOPS_POSTS_ONLY = frozenset({FailureKind.RATE_LIMITED, FailureKind.PROTOCOL, FailureKind.ENGINE})
"""When a POST meets it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """``until_s``: monotonic seconds; None until it is released. ``sending_only``: jobs that run
    already are asked about and fetched all the same. ``needs_word``: the user alone can end it,
    whatever else joins it meanwhile."""

    failure: JobFailure
    until_s: float | None = None
    sending_only: bool = False
    needs_word: bool = False

    @property
    def is_for_an_answer(self) -> bool:
        """Whether it ends as soon as the server answers again."""
        return self.until_s is None and self.failure.kind in _ENDED_BY_AN_ANSWER

    def joined(self, other: "Hold") -> "Hold":
        """Of this hold and one that comes while it lasts, the one that lets less through; of two
        alike the later one, for the longer time."""
        if other.sending_only and not self.sending_only:
            return self
        if self.sending_only == other.sending_only and self.until_s and other.until_s:
            return self if self.until_s > other.until_s else other
        return other


def hold_for(
    troubled: Troubled,
    *,
    is_post: bool,
    troubles: int,
    now_s: float,
    patience: Patience,
    random: Random,
) -> Hold:
    """What trouble means for its server, met by a POST or another step; ``troubles`` in a row.

    Without credits, or with a server's queue full, what was paid for is fetched nevertheless.
    """
    failure = troubled.failure
    sending_only = failure.kind is FailureKind.PAYMENT or (
        is_post and failure.kind in _STOPS_POSTS_ONLY
    )
    if failure.kind in _ENDED_BY_AN_ANSWER | _ENDED_BY_THE_USER:
        return Hold(failure, None, sending_only)
    asked_s = min(troubled.retry_after_s or 0.0, patience.longest_retry_after_s)
    return Hold(failure, now_s + max(asked_s, patience.rest_s(troubles, random)), sending_only)
