"""Every error of ours is some failure of a job."""

import inspect

import pytest

from algovera_desktop.domain import errors
from algovera_desktop.domain.jobs import FailureKind, JobFailure
from algovera_desktop.services.failures import failure_of

ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.AlgoveraError)
    # These end a job otherwise than by failing, or never meet one.
    and kind not in (errors.AlgoveraError, errors.JobCancelledError)
    and not issubclass(kind, errors.NameRefusedError)
]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_the_tree_has_its_failure(kind: type[errors.AlgoveraError]) -> None:
    is_refused = issubclass(kind, errors.InvalidRequestError)
    arguments = ("width", "must be even", 3) if is_refused else ("words",)
    error = kind(*arguments)
    failure = failure_of(error)
    assert failure.kind is not FailureKind.INTERNAL
    assert failure.detail == str(error)


def test_an_error_outside_the_tree_tells_only_its_class() -> None:
    failure = failure_of(KeyError("https://host/?api_key=secret"))
    assert failure == JobFailure(FailureKind.INTERNAL, "KeyError")
