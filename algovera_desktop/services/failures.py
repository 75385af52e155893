"""Which failure of a job each error means."""

from algovera_desktop.domain.errors import (
    AlgoveraError,
    AuthenticationError,
    CredentialError,
    DiskFullError,
    EngineError,
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    InsecureAddressError,
    InvalidRequestError,
    JobForgottenError,
    LibraryError,
    ModelGoneError,
    PaymentRequiredError,
    RateLimitedError,
)
from algovera_desktop.domain.jobs import FailureKind, JobFailure

_KINDS: dict[type[AlgoveraError], FailureKind] = {
    InvalidRequestError: FailureKind.INVALID,
    ModelGoneError: FailureKind.MODEL_GONE,
    CredentialError: FailureKind.CREDENTIAL,
    EngineUnreachableError: FailureKind.UNREACHABLE,
    EngineTimeoutError: FailureKind.TIMEOUT,
    AuthenticationError: FailureKind.AUTHENTICATION,
    PaymentRequiredError: FailureKind.PAYMENT,
    RateLimitedError: FailureKind.RATE_LIMITED,
    EngineFailedError: FailureKind.ENGINE,
    JobForgottenError: FailureKind.FORGOTTEN,
    InsecureAddressError: FailureKind.INSECURE,
    EngineError: FailureKind.PROTOCOL,
    DiskFullError: FailureKind.DISK_FULL,
    LibraryError: FailureKind.LIBRARY,
}


def failure_of(error: Exception) -> JobFailure:
    """What the user is told of an error that ended a job.

    Of an error outside our tree only the class is told: its text may hold a secret.
    """
    for kind in type(error).__mro__:
        if kind in _KINDS:
            return JobFailure(_KINDS[kind], str(error))
    return JobFailure(FailureKind.INTERNAL, type(error).__name__)
