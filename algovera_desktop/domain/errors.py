"""Every error that the program raises on purpose.

    AlgoveraError
    ├ CredentialError               no keyring, locked, refused
    ├ InvalidRequestError           field, limit, value
    │  └ ModelGoneError             nothing paints with this model there, or no longer
    ├ NameRefusedError              value
    │  └ NameTakenError             another one has that name
    ├ QuerySyntaxError              in ``library.query``, where its kinds and places are known
    ├ JobCancelledError             never logged as an error, never shown as one
    ├ EngineError                   url without secrets
    │  ├ EngineUnreachableError     nothing was sent, or a read could not be answered
    │  ├ EngineTimeoutError
    │  ├ AuthenticationError
    │  ├ PaymentRequiredError
    │  ├ RateLimitedError           retry_after_s
    │  ├ EngineFailedError          reason: the engine's own words
    │  ├ JobForgottenError          the engine does not know this job (any more)
    │  ├ SubmissionUncertainError   a POST went out, its answer was lost: it may have been charged
    │  ├ InsecureAddressError       plain http beyond loopback without the user's yes
    │  └ ProtocolError              an answer that makes no sense
    └ LibraryError
       ├ LibraryBusyError           another process holds the library
       ├ DiskFullError
       │  └ NoRoomToUpgradeError    needed_bytes
       ├ LibraryCorruptError
       └ SchemaTooNewError          written by a later version of the program

The interface branches on the class, never on the text. The text is for logs and for
"Show details"; it never holds a secret. An exception outside this tree is our bug.
"""


class AlgoveraError(Exception):
    """The root of everything that we raise on purpose."""


class CredentialError(AlgoveraError):
    """The operating system's keyring is missing, locked, or refused."""


class InvalidRequestError(AlgoveraError):
    """One parameter of a request is outside what its model can do.

    ``field`` is the parameter's name in :class:`GenerationRequest`, ``limit`` says in
    words what is allowed, ``value`` is what was asked for.
    """

    def __init__(self, field: str, limit: str, value: object) -> None:
        super().__init__(f"{field}: {limit} (got {value!r})")
        self.field = field
        self.limit = limit
        self.value = value


class ModelGoneError(InvalidRequestError):
    """The server that was asked has no such model, or has it no longer."""


class NameRefusedError(AlgoveraError):
    """A tag, an album or a saved search cannot have this name; ``value`` is the name."""

    def __init__(self, message: str, value: str = "") -> None:
        super().__init__(f"{message} (got {value!r})")
        self.value = value


class NameTakenError(NameRefusedError):
    """Another one of its kind has this name."""


class JobCancelledError(AlgoveraError):
    """The user, or the program's end, asked for this work to stop."""


class EngineError(AlgoveraError):
    """A place that makes pictures did not do what was asked.

    ``url`` is the address without query, user info or any other secret; ``""`` if none.
    """

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class EngineUnreachableError(EngineError):
    """No connection: offline, server down, name unknown, TLS refused. Nothing was sent."""


class EngineTimeoutError(EngineError):
    """A read got no answer in time, after all retries."""


class AuthenticationError(EngineError):
    """The key is missing, unknown or wrong."""


class PaymentRequiredError(EngineError):
    """The account has no credits left."""


class RateLimitedError(EngineError):
    """The engine asks for patience; ``retry_after_s`` in seconds, None if it does not say."""

    def __init__(self, message: str, *, url: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, url=url)
        self.retry_after_s = retry_after_s


class EngineFailedError(EngineError):
    """The engine says that it failed; ``reason`` in its own words."""

    def __init__(self, reason: str, *, url: str = "") -> None:
        super().__init__(reason, url=url)
        self.reason = reason


class JobForgottenError(EngineError):
    """The engine does not know this job, or no longer."""


class SubmissionUncertainError(EngineError):
    """A job was posted and the answer lost. It may be running and may have been charged."""


class InsecureAddressError(EngineError):
    """The address is plain http and not loopback, and the user has not agreed to that."""


class ProtocolError(EngineError):
    """An answer that makes no sense: HTML for JSON, a truncated or oversized body, no image."""


class LibraryError(AlgoveraError):
    """The pictures' folder or their database did not do what was asked."""


class LibraryBusyError(LibraryError):
    """Another process holds the library."""


class DiskFullError(LibraryError):
    """No space is left for a picture or its record."""


class NoRoomToUpgradeError(DiskFullError):
    """A library of an earlier version cannot be brought up to date beside itself.

    ``needed_bytes`` is what has to be free for that at least, None if that is not known.
    """

    def __init__(self, message: str, needed_bytes: int | None = None) -> None:
        super().__init__(message)
        self.needed_bytes = needed_bytes


class LibraryCorruptError(LibraryError):
    """The database is damaged."""


class SchemaTooNewError(LibraryError):
    """The database was written by a later version of the program."""
