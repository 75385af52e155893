"""What went wrong, in words for the person at the screen: what happened, what to do.

The one place where an error's class becomes a sentence. The error's own text is for
"Show details" and never decides anything here.
"""

from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from algovera_desktop.domain import errors
from algovera_desktop.domain.jobs import FailureKind, JobFailure
from algovera_desktop.domain.servers import LOCAL_SERVER_ID

DISK_FULL_MESSAGE = "disk-full"

_MAX_REASON_CHARS = 240


class ActionHint(Enum):
    """The one thing to offer on a button beside the sentence."""

    NONE = "none"
    RETRY = "retry"
    SEND_AGAIN = "send_again"
    """Costs a second time if the first request went through."""
    OPEN_SERVERS = "open_servers"
    CHANGE_REQUEST = "change_request"
    OPEN_FOLDERS = "open_folders"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Description:
    """``title``: what happened, a sentence. ``advice``: what to do about it."""

    title: str
    advice: str
    action: ActionHint


def _words(title: object, advice: object, action: ActionHint) -> Description:
    # QT_TRANSLATE_NOOP hands its text through, but is annotated to return object.
    return Description(str(title), str(advice), action)


_UNEXPECTED = _words(
    QT_TRANSLATE_NOOP("Wording", "Something unexpected happened in this program."),
    QT_TRANSLATE_NOOP("Wording", "This is our mistake, not yours. A report helps us to mend it."),
    ActionHint.REPORT,
)

_EDITED = _words(
    QT_TRANSLATE_NOOP("Wording", "This picture's request is open in the form."),
    QT_TRANSLATE_NOOP("Wording", "Save it there or leave it as it was, and it goes on."),
    ActionHint.CHANGE_REQUEST,
)

_REMOVED = _words(
    QT_TRANSLATE_NOOP("Wording", "Its server was removed from the settings."),
    QT_TRANSLATE_NOOP("Wording", "Cancel it; its settings can be used on another server."),
    ActionHint.OPEN_SERVERS,
)

_BY_CLASS: dict[type[errors.AlgoveraError], Description] = {
    errors.AlgoveraError: _words(
        QT_TRANSLATE_NOOP("Wording", "That did not work."),
        QT_TRANSLATE_NOOP("Wording", "Try again. The details say more."),
        ActionHint.RETRY,
    ),
    errors.CredentialError: _words(
        QT_TRANSLATE_NOOP("Wording", "The system's keyring did not give the key."),
        QT_TRANSLATE_NOOP(
            "Wording", "Unlock the keyring, or enter the key again in Settings → Servers."
        ),
        ActionHint.OPEN_SERVERS,
    ),
    errors.InvalidRequestError: _words(
        QT_TRANSLATE_NOOP("Wording", "The model cannot do what was asked."),
        QT_TRANSLATE_NOOP("Wording", "Change the value and generate again."),
        ActionHint.CHANGE_REQUEST,
    ),
    errors.ModelGoneError: _words(
        QT_TRANSLATE_NOOP("Wording", "The model is not there any more."),
        QT_TRANSLATE_NOOP("Wording", "Choose another one in the form and generate again."),
        ActionHint.CHANGE_REQUEST,
    ),
    errors.NameRefusedError: _words(
        QT_TRANSLATE_NOOP("Wording", "This name cannot be used."),
        QT_TRANSLATE_NOOP("Wording", "A name is one line of 1 to 100 letters."),
        ActionHint.NONE,
    ),
    errors.NameTakenError: _words(
        QT_TRANSLATE_NOOP("Wording", "Another one has this name."),
        QT_TRANSLATE_NOOP("Wording", "Choose a name that is not there yet."),
        ActionHint.NONE,
    ),
    errors.JobCancelledError: _words(
        QT_TRANSLATE_NOOP("Wording", "Cancelled."), "", ActionHint.NONE
    ),
    errors.EngineError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server did not do what was asked."),
        QT_TRANSLATE_NOOP("Wording", "Try again. The details say more."),
        ActionHint.RETRY,
    ),
    errors.EngineUnreachableError: _words(
        QT_TRANSLATE_NOOP("Wording", "No connection to the server."),
        QT_TRANSLATE_NOOP(
            "Wording", "Check the network, and the address in Settings → Servers. Then try again."
        ),
        ActionHint.RETRY,
    ),
    errors.EngineTimeoutError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server took too long to answer."),
        QT_TRANSLATE_NOOP("Wording", "It may be busy. Try again in a while."),
        ActionHint.RETRY,
    ),
    errors.AuthenticationError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server refused the key."),
        QT_TRANSLATE_NOOP("Wording", "Enter the server's key again in Settings → Servers."),
        ActionHint.OPEN_SERVERS,
    ),
    errors.PaymentRequiredError: _words(
        QT_TRANSLATE_NOOP("Wording", "The account has no credits left."),
        QT_TRANSLATE_NOOP("Wording", "Add credits to the account, then try again."),
        ActionHint.RETRY,
    ),
    errors.RateLimitedError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server has too much to do and asks for patience."),
        QT_TRANSLATE_NOOP("Wording", "Try again in a while."),
        ActionHint.RETRY,
    ),
    errors.EngineFailedError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server could not make this picture."),
        QT_TRANSLATE_NOOP("Wording", "Try again, or change the request."),
        ActionHint.RETRY,
    ),
    errors.JobForgottenError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server no longer knows this picture."),
        QT_TRANSLATE_NOOP("Wording", "It has to be made anew, and may be charged again."),
        ActionHint.SEND_AGAIN,
    ),
    errors.SubmissionUncertainError: _words(
        QT_TRANSLATE_NOOP("Wording", "The request went out, but its answer was lost."),
        QT_TRANSLATE_NOOP(
            "Wording", "It may have been charged. Sending it again may charge it a second time."
        ),
        ActionHint.SEND_AGAIN,
    ),
    errors.InsecureAddressError: _words(
        QT_TRANSLATE_NOOP("Wording", "The key would travel unencrypted, so nothing was sent."),
        QT_TRANSLATE_NOOP(
            "Wording", "Use an https address, or agree to plain http in Settings → Servers."
        ),
        ActionHint.OPEN_SERVERS,
    ),
    errors.ProtocolError: _words(
        QT_TRANSLATE_NOOP("Wording", "The server's answer makes no sense."),
        QT_TRANSLATE_NOOP(
            "Wording", "Check in Settings → Servers that the address is an Algovera server's."
        ),
        ActionHint.OPEN_SERVERS,
    ),
    errors.LibraryError: _words(
        QT_TRANSLATE_NOOP("Wording", "The pictures' folder could not be used."),
        QT_TRANSLATE_NOOP(
            "Wording",
            "Check that the folder is there and can be written to, or choose another in Settings.",
        ),
        ActionHint.OPEN_FOLDERS,
    ),
    errors.LibraryBusyError: _words(
        QT_TRANSLATE_NOOP("Wording", "Another copy of this program is using the library."),
        QT_TRANSLATE_NOOP("Wording", "Close the other copy, then try again."),
        ActionHint.RETRY,
    ),
    errors.DiskFullError: _words(
        QT_TRANSLATE_NOOP("Wording", "The disk is full."),
        QT_TRANSLATE_NOOP("Wording", "Free some space, then try again. Nothing was lost."),
        ActionHint.RETRY,
    ),
    errors.NoRoomToUpgradeError: _words(
        QT_TRANSLATE_NOOP("Wording", "There is no room to bring the library up to date."),
        QT_TRANSLATE_NOOP(
            "Wording", "Free some space on its disk, then try again. Nothing was changed."
        ),
        ActionHint.RETRY,
    ),
    errors.LibraryCorruptError: _words(
        QT_TRANSLATE_NOOP("Wording", "The library's database is damaged."),
        QT_TRANSLATE_NOOP(
            "Wording", "The picture files are not touched by this. The details say what was found."
        ),
        ActionHint.REPORT,
    ),
    errors.SchemaTooNewError: _words(
        QT_TRANSLATE_NOOP("Wording", "The library was written by a later version."),
        QT_TRANSLATE_NOOP(
            "Wording",
            "Nothing of it was changed. Install the latest version of Algovera Desktop.",
        ),
        ActionHint.NONE,
    ),
}

_CLASS_OF_KIND: dict[FailureKind, type[errors.AlgoveraError]] = {
    FailureKind.UNREACHABLE: errors.EngineUnreachableError,
    FailureKind.TIMEOUT: errors.EngineTimeoutError,
    FailureKind.AUTHENTICATION: errors.AuthenticationError,
    FailureKind.PAYMENT: errors.PaymentRequiredError,
    FailureKind.RATE_LIMITED: errors.RateLimitedError,
    FailureKind.ENGINE: errors.EngineFailedError,
    FailureKind.FORGOTTEN: errors.JobForgottenError,
    FailureKind.INVALID: errors.InvalidRequestError,
    FailureKind.MODEL_GONE: errors.ModelGoneError,
    FailureKind.PROTOCOL: errors.ProtocolError,
    FailureKind.DISK_FULL: errors.DiskFullError,
    FailureKind.LIBRARY: errors.LibraryError,
    FailureKind.CREDENTIAL: errors.CredentialError,
    FailureKind.INSECURE: errors.InsecureAddressError,
}

_OF_NO_CLASS = {
    FailureKind.INTERNAL: _UNEXPECTED,
    FailureKind.EDITED: _EDITED,
    FailureKind.REMOVED: _REMOVED,
}


def describe_error(error: BaseException) -> Description:
    """Words for an exception; one outside our tree is described as our bug."""
    for ancestor in type(error).__mro__:
        if ancestor in _BY_CLASS:
            return _with_particulars(_translated(_BY_CLASS[ancestor]), error)
    return _translated(_UNEXPECTED)


def message_key(error: BaseException, usual: str) -> str:
    """The key of a message about an exception. Of a full disk there is one message, which is not
    true any more once something was stored."""
    return DISK_FULL_MESSAGE if isinstance(error, errors.DiskFullError) else usual


def describe_failure(failure: JobFailure) -> Description:
    """Words for a job's failure as the queue keeps it."""
    if failure.kind in _OF_NO_CLASS:
        return _translated(_OF_NO_CLASS[failure.kind])
    described = _translated(_BY_CLASS[_CLASS_OF_KIND[failure.kind]])
    if failure.kind is FailureKind.ENGINE:
        return _with_reason(described, failure.detail)
    return described


_MAY_BE_PAINTED_TWICE = QT_TRANSLATE_NOOP(
    "Wording", "It may be painted already. Sending it again may paint it twice, at no cost."
)


def describe_uncertain_job(server_id: str) -> Description:
    """Words for a job in the state ``unknown``; this computer's own server charges nothing."""
    described = _BY_CLASS[errors.SubmissionUncertainError]
    if server_id == LOCAL_SERVER_ID:
        described = replace(described, advice=_MAY_BE_PAINTED_TWICE)
    return _translated(described)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Wording", text)


def _translated(description: Description) -> Description:
    advice = _tr(description.advice) if description.advice else ""
    return replace(description, title=_tr(description.title), advice=advice)


def _with_particulars(described: Description, error: BaseException) -> Description:
    if isinstance(error, errors.EngineFailedError):
        return _with_reason(described, error.reason)
    if isinstance(error, errors.RateLimitedError) and error.retry_after_s is not None:
        seconds = max(1, round(error.retry_after_s))
        return replace(
            described,
            advice=QCoreApplication.translate("Wording", "Try again in %n s.", "", seconds),
        )
    if isinstance(error, errors.NoRoomToUpgradeError) and error.needed_bytes is not None:
        advice = _tr("It takes {size} on its disk. Free that, then try again. Nothing was changed.")
        form = QLocale.DataSizeFormat.DataSizeSIFormat
        size = QLocale().formattedDataSize(error.needed_bytes, 1, form)
        return replace(described, advice=advice.replace("{size}", size))
    if type(error) is errors.InvalidRequestError:
        return replace(described, title=f"{described.title} ({error.field}: {error.limit})")
    return described


def _with_reason(described: Description, reason: str) -> Description:
    words = " ".join(reason.split())
    if not words:
        return described
    if len(words) > _MAX_REASON_CHARS:
        words = words[: _MAX_REASON_CHARS - 1] + "…"
    says = QCoreApplication.translate("Wording", "It says: “{reason}”").replace("{reason}", words)
    return replace(described, advice=f"{says} {described.advice}")
