"""How quickly a cluster notices, and how long it waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. A worker that was silent for ``silence_s`` is dead.

    ``visibility_s``: after which Celery hands out a message anew that nobody has finished; longer
    than any picture takes. ``patience_s``: how long a job waits for a worker that has its model,
    and how long models are offered that no worker has any more. ``keep_taken_s``: how long Redis
    keeps a picture that the server has taken.
    """

    beat_s: float = 2.0
    silence_s: float = 12.0
    visibility_s: float = 3600.0
    patience_s: float = 600.0
    keep_taken_s: float = 600.0

    @property
    def keep_s(self) -> float:
        """How long Redis keeps what belongs to a job that nobody asks for any more."""
        return max(86_400.0, 4 * self.visibility_s)


MAX_ATTEMPTS = 2
"""How many workers may die over one picture before it is thought to be the cause."""


def died_in_words(attempts: int) -> str:
    return f"{attempts} workers died while they painted this picture."
