"""Waits for what cannot say that it has happened."""

import time
from collections.abc import Callable

_LOOK_EVERY_S = 0.03


def wait_until(is_so: Callable[[], object], what: Callable[[], str], timeout_s: float) -> None:
    """Look again and again until ``is_so`` answers yes; ``what`` says what did not come."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s for {what()}")
        time.sleep(_LOOK_EVERY_S)
