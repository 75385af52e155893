"""Waits for what cannot say that it has happened."""

import time
from collections.abc import Callable

_LOOK_EVERY_S = 0.05


def wait_until(is_so: Callable[[], object], what: Callable[[], str], timeout_s: float) -> None:
    """Look again and again until ``is_so`` answers yes; ``what`` says what did not come.

    A look that takes long is followed by as long a rest, for it keeps busy what is waited for.
    """
    began = looked = time.monotonic()
    while not is_so():
        now = time.monotonic()
        if now > began + timeout_s:
            raise AssertionError(f"waited {timeout_s:g} s for {what()}")
        time.sleep(max(_LOOK_EVERY_S, now - looked))
        looked = time.monotonic()
