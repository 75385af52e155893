"""What the model manager says of a model."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.domain.errors import (
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
)
from algovera_desktop.domain.managed_models import ManagedModel, ModelState
from algovera_desktop.ui.duration_words import duration_words
from algovera_desktop.ui.wording import describe_error


def translate(text: str) -> str:
    return QCoreApplication.translate("ModelManager", text)


def short_state(model: ManagedModel) -> str:
    """The second line of a row."""
    if is_remote(model):
        is_ready = model.state is ModelState.INSTALLED
        return translate("Ready, with your key") if is_ready else translate("Needs a key of yours")
    match model.state:
        case ModelState.AVAILABLE:
            parts = [size_words(model.download_bytes)] if model.download_bytes else []
            if model.recommended:
                parts.insert(0, translate("Recommended"))
            return " · ".join(parts) or translate("Can be downloaded")
        case ModelState.INSTALLED:
            parts = [translate("Installed")]
            if model.folder:
                parts.append(translate("your own files"))
            elif model.disk_bytes:
                parts.append(size_words(model.disk_bytes))
            return " · ".join(parts)
        case ModelState.DOWNLOADING | ModelState.CHECKING | ModelState.PAUSED:
            return f"{_DOING[model.state]()} · {percent_words(model)}"
        case ModelState.WAITING:
            return translate("Waits for another download")
        case ModelState.FAILED:
            return translate("Stopped")
        case ModelState.MISSING:
            return translate("Its files are gone")
        case ModelState.UNAVAILABLE:
            return translate("From a folder of your own")


def state_words(model: ManagedModel) -> str:
    """As short_state, with how far it is and how fast it goes where there is something to tell."""
    if model.total_bytes and model.state in _DOING:
        return f"{_DOING[model.state]()} · {progress_words(model)}"
    return short_state(model)


def is_remote(model: ManagedModel) -> bool:
    """Whether another company paints with it."""
    return model.runtime == "openai"


def progress_words(model: ManagedModel) -> str:
    """``412 MB of 1.1 GB · 12 MB/s · about 1 min left``, as far as it is known."""
    done, total = size_words(model.done_bytes), size_words(model.total_bytes)
    parts = [translate("{done} of {total}").format(done=done, total=total)]
    if model.state in (ModelState.DOWNLOADING, ModelState.CHECKING):
        if model.bytes_per_s:
            parts.append(translate("{0}/s").format(size_words(round(model.bytes_per_s))))
        if model.seconds_left is not None:
            parts.append(translate("{0} left").format(duration_words(model.seconds_left)))
    return " · ".join(parts)


def percent_words(model: ManagedModel) -> str:
    done = 100 * model.done_bytes // model.total_bytes if model.total_bytes else 0
    return translate("{0} %").format(QLocale().toString(done))


def size_words(size_bytes: int) -> str:
    """A size as the system writes it, in powers of 1000."""
    return QLocale().formattedDataSize(size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def trouble_words(error: BaseException) -> str:
    """Why something could not be done, in the words of the server where it has any."""
    if isinstance(error, EngineFailedError) and str(error):
        return str(error)
    if isinstance(error, EngineUnreachableError | EngineTimeoutError):
        return translate("The server on this computer does not answer.")
    return describe_error(error).title


def offer_words(model: ManagedModel) -> str:
    """One line that offers a model to somebody who has none; it has room in a small window."""
    text = translate("{title} paints what you describe: {size} to download").format(
        title=model.title, size=size_words(model.download_bytes)
    )
    if model.reason:
        # What paints it must be installed first, and how long it takes then is of less interest.
        return f"{text}. {model.reason}"
    if model.expected_s is None:
        return f"{text}."
    time = duration_words(model.expected_s)
    return translate("{0}, {1} a picture here.").format(text, time)


_DOING = {
    ModelState.DOWNLOADING: lambda: translate("Downloading"),
    ModelState.CHECKING: lambda: translate("Checking"),
    ModelState.PAUSED: lambda: translate("Paused"),
}
