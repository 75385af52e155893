"""Time that counts against a server."""


class CountedTime:
    """Passes only while the server is asked: neither a hold nor the computer's sleep makes a job
    look stuck. Stopped at first. All in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.lost_s = 0.0
        self._stopped_at_s: float | None = 0.0

    def at(self, now_s: float) -> float:
        now_s = now_s if self._stopped_at_s is None else self._stopped_at_s
        return now_s - self.lost_s

    def run(self, running: bool, now_s: float) -> None:
        """Go on, or stop; nothing changes for what goes on or stands already."""
        if running and self._stopped_at_s is not None:
            self.lost_s += now_s - self._stopped_at_s
            self._stopped_at_s = None
        elif not running and self._stopped_at_s is None:
            self._stopped_at_s = now_s

    def skip(self, seconds: float) -> None:
        """That much has passed unseen; it does not count."""
        if self._stopped_at_s is None:
            self.lost_s += seconds
