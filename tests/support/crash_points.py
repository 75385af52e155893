"""The moments between two durable steps of a job at which a program can die, as data.

    arm(CRASH_POINTS["the POST is sent"], passage=2)

kills this process, with SIGKILL, when it comes to that point for the second time. The program
knows nothing of it: what it calls is wrapped from outside.
"""

import functools
import importlib
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

_Wrapped = Callable[..., Any]


class Moment(Enum):
    """When to die: before a call, after it, or within the transaction that it writes, when all
    has been said to SQLite but COMMIT."""

    BEFORE = "before"
    COMMITTING = "committing"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """One moment: of a call to ``target`` (``module:Class.method``), made ``within`` another
    call on the same thread where that is named, and ``only`` if that holds for its arguments."""

    target: str
    moment: Moment
    within: str | None = None
    only: Callable[..., bool] = lambda *_: True


_QUEUE = "algovera_desktop.services.queue:JobQueue"
_ENGINE = "algovera_desktop.engines.algovera:AlgoveraEngine"
_FILES = "algovera_desktop.library.files:PictureFiles"
_ADOPTION = "algovera_desktop.services.recovery:PictureRecovery.run"
_TRANSACTION = "algovera_desktop.library.database:Database.write"


def _written(call: str) -> CrashPoint:
    return CrashPoint(f"{_QUEUE}.{call}", Moment.AFTER)


def _half_written(call: str) -> CrashPoint:
    return CrashPoint(_TRANSACTION, Moment.COMMITTING, within=f"{_QUEUE}.{call}")


def _in_save(target: str, moment: Moment) -> CrashPoint:
    return CrashPoint(target, moment, within=f"{_FILES}.save")


def _is_post(connection: Any, *_: object) -> bool:
    # What http.client itself goes by when it reads the answer.
    return connection._method == "POST"


CRASH_POINTS: dict[str, CrashPoint] = {
    "the job is added": _written("add"),
    "the claim is being committed": _half_written("claim"),
    "the claim is committed": _written("claim"),
    "the POST is sent": CrashPoint(
        "http.client:HTTPConnection.getresponse", Moment.BEFORE, only=_is_post
    ),
    "the POST is answered": CrashPoint(f"{_ENGINE}.submit", Moment.AFTER),
    "the remote id is being committed": _half_written("accepted"),
    "the remote id is committed": _written("accepted"),
    "the hold is being committed": _half_written("held"),
    "the hold is committed": _written("held"),
    "the doubt is being committed": _half_written("uncertain"),
    "the doubt is committed": _written("uncertain"),
    "the failure is being committed": _half_written("failed"),
    "the failure is committed": _written("failed"),
    "the status is told": CrashPoint(f"{_ENGINE}.status", Moment.AFTER),
    "the end is being committed": _half_written("fetching"),
    "the end is committed": _written("fetching"),
    "the picture is fetched": CrashPoint(f"{_ENGINE}.fetch", Moment.AFTER),
    "the file is begun": _in_save("pathlib:Path.open", Moment.AFTER),
    "the file is written": _in_save("os:fsync", Moment.BEFORE),
    "the file is renamed": _in_save("pathlib:Path.replace", Moment.AFTER),
    "the file is stored": CrashPoint(f"{_FILES}.save", Moment.AFTER),
    "the record is being committed": _half_written("completed"),
    "the record is committed": _written("completed"),
    "half-written files are removed": CrashPoint(f"{_FILES}.remove_unfinished", Moment.AFTER),
    "the adoption is being committed": CrashPoint(
        _TRANSACTION, Moment.COMMITTING, within=_ADOPTION
    ),
    "the adoption is committed": CrashPoint(_TRANSACTION, Moment.AFTER, within=_ADOPTION),
    "the recovery is being committed": _half_written("recover"),
    "the recovery is committed": _written("recover"),
    "the second claim is being committed": _half_written("settle"),
    "the second claim is committed": _written("settle"),
}
"""By what has just happened, or is happening, when the program dies."""


def arm(point: CrashPoint, passage: int) -> None:
    """Let this process die at the point's ``passage``-th time, counted from 1 over all threads."""
    trigger = _Trigger(point, passage)
    if point.within is not None:
        _wrap(point.within, trigger.marking)
    _wrap(point.target, trigger.wrapping)


class _Trigger:
    """Counts how often the point is passed, and ends the process."""

    def __init__(self, point: CrashPoint, passage: int) -> None:
        self._point = point
        self._left = passage
        self._lock = threading.Lock()
        self._place = threading.local()

    def marking(self, call: _Wrapped) -> _Wrapped:
        """``call``, remembering while it lasts that this thread is in it."""

        @functools.wraps(call)
        def marked(*arguments: Any, **named: Any) -> Any:
            self._place.is_within = True
            try:
                return call(*arguments, **named)
            finally:
                self._place.is_within = False

        return marked

    def wrapping(self, call: _Wrapped) -> _Wrapped:
        """``call``, deadly at the point."""

        @functools.wraps(call)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            if not self._is_here(*arguments):
                return call(*arguments, **named)
            if self._point.moment is Moment.BEFORE:
                self._pass()
            if self._point.moment is Moment.COMMITTING:
                database, operation = arguments
                arguments = database, self._passing_after(operation)
            result = call(*arguments, **named)
            if self._point.moment is Moment.AFTER:
                self._pass()
            return result

        return wrapped

    def _passing_after(self, operation: _Wrapped) -> _Wrapped:
        def passing(connection: object) -> Any:
            result = operation(connection)
            self._pass()
            return result

        return passing

    def _is_here(self, *arguments: Any) -> bool:
        is_within = self._point.within is None or getattr(self._place, "is_within", False)
        return is_within and self._point.only(*arguments)

    def _pass(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _wrap(name: str, wrapper: Callable[[_Wrapped], _Wrapped]) -> None:
    module_name, _, path = name.partition(":")
    *owners, attribute = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module_name))
    setattr(owner, attribute, wrapper(getattr(owner, attribute)))
