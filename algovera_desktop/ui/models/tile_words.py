"""What a tile is, in words: for its face, for tool tips and for screen readers."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.domain.images import MAX_RATING, ImageRecord
from algovera_desktop.domain.jobs import ACTIVE_STATES, FailureKind, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.ui.models.gallery_rows import JobTile, Tile
from algovera_desktop.ui.picture_reader import PictureProblem

translate = QCoreApplication.translate

_EXCERPT_CHARS = 400
_UNTOLD = FailureKind.INTERNAL


def prompt_excerpt(tile: Tile) -> str:
    """The tile's prompt on as few lines as a tool tip can show."""
    prompt = " ".join(request_prompt(tile).split())
    return prompt if len(prompt) <= _EXCERPT_CHARS else prompt[: _EXCERPT_CHARS - 1] + "…"


def request_prompt(tile: Tile) -> str:
    return tile.job.request.prompt if isinstance(tile, JobTile) else tile.request.prompt


def progress_of(tile: JobTile) -> float | None:
    """How far a job is, 0.0 to 1.0; None where nobody knows."""
    if tile.job.state is JobState.FETCHING:
        return 1.0
    return tile.progress.progress if tile.progress else None


def headline(tile: JobTile) -> str:
    """A job's state in one or two words."""
    if held_up_by(tile):
        return translate("GalleryTile", "On hold")
    if is_being_changed(tile):
        return translate("GalleryTile", "Being changed")
    if tile.job.state is JobState.RUNNING and _ahead(tile):
        return translate("GalleryTile", "In line")
    return {
        JobState.WAITING: translate("GalleryTile", "Waiting"),
        JobState.HELD: translate("GalleryTile", "On hold"),
        JobState.SUBMITTING: translate("GalleryTile", "Sending"),
        JobState.RUNNING: translate("GalleryTile", "Painting"),
        JobState.FETCHING: translate("GalleryTile", "Fetching"),
        JobState.DONE: translate("GalleryTile", "Done"),
        JobState.FAILED: translate("GalleryTile", "Failed"),
        JobState.UNKNOWN: translate("GalleryTile", "Answer lost"),
        JobState.CANCELLED: translate("GalleryTile", "Cancelled"),
    }[tile.job.state]


def detail(tile: JobTile) -> str:
    """What can be said beyond the state: how far, how many ahead, what went wrong."""
    if tile.job.state in (JobState.FAILED, JobState.HELD):
        return failure_words(tile.job.failure.kind if tile.job.failure else _UNTOLD)
    if tile.job.state is JobState.UNKNOWN:
        if tile.job.server_id == LOCAL_SERVER_ID:
            return translate("GalleryTile", "It may be painted already")
        return translate("GalleryTile", "It may have been charged")
    held_up = held_up_by(tile)
    if held_up:
        return failure_words(held_up)
    ahead = _ahead(tile)
    if ahead:
        return translate("GalleryTile", "%n ahead", "", ahead)
    if tile.job.state is JobState.FETCHING or not tile.progress:
        return ""
    return "" if tile.progress.progress is None else percent(tile.progress.progress)


def percent(progress: float) -> str:
    return translate("GalleryTile", "{0} %").format(QLocale().toString(round(progress * 100)))


def failure_words(kind: FailureKind) -> str:
    """Why a job failed or has to wait, short enough for a tile."""
    return {
        FailureKind.UNREACHABLE: translate("GalleryTile", "No connection"),
        FailureKind.TIMEOUT: translate("GalleryTile", "No answer"),
        FailureKind.AUTHENTICATION: translate("GalleryTile", "Key not accepted"),
        FailureKind.PAYMENT: translate("GalleryTile", "No credits left"),
        FailureKind.RATE_LIMITED: translate("GalleryTile", "Server too busy"),
        FailureKind.ENGINE: translate("GalleryTile", "The server failed"),
        FailureKind.FORGOTTEN: translate("GalleryTile", "Server lost it"),
        FailureKind.INVALID: translate("GalleryTile", "Model cannot do it"),
        FailureKind.MODEL_GONE: translate("GalleryTile", "Model is gone"),
        FailureKind.PROTOCOL: translate("GalleryTile", "Strange answer"),
        FailureKind.DISK_FULL: translate("GalleryTile", "Disk is full"),
        FailureKind.LIBRARY: translate("GalleryTile", "Could not be saved"),
        FailureKind.CREDENTIAL: translate("GalleryTile", "Key not readable"),
        FailureKind.INSECURE: translate("GalleryTile", "Not encrypted"),
        FailureKind.INTERNAL: translate("GalleryTile", "Program error"),
        FailureKind.EDITED: translate("GalleryTile", "Open in the form"),
        FailureKind.REMOVED: translate("GalleryTile", "Server removed"),
    }[kind]


def describe_tile(tile: Tile) -> str:
    """The whole tile for a screen reader: what it is, its state, its prompt."""
    if isinstance(tile, JobTile):
        state = ", ".join(filter(None, (headline(tile), detail(tile))))
        return f"{state}: {prompt_excerpt(tile)}"
    size = translate("GalleryTile", "Picture, {width} × {height}")
    what = ", ".join((size.format(width=tile.width, height=tile.height), *_curation(tile)))
    return f"{what}: {prompt_excerpt(tile)}"


def _curation(record: ImageRecord) -> list[str]:
    """What the marks on a picture's tile say."""
    words: list[str] = []
    if record.missing_since is not None:
        words.append(translate("GalleryTile", "File is missing"))
    if record.is_favourite:
        words.append(translate("GalleryTile", "favourite"))
    if record.rating:
        stars = translate("GalleryTile", "{n} of {most} stars")
        words.append(stars.format(n=record.rating, most=MAX_RATING))
    return words


def is_being_changed(tile: JobTile) -> bool:
    """Whether the form holds the job: that is no trouble."""
    failure = tile.job.failure
    return failure is not None and failure.kind is FailureKind.EDITED


def held_up_by(tile: JobTile) -> FailureKind | None:
    """What a job waits for that goes on by itself."""
    goes_on_by_itself = tile.job.state in ACTIVE_STATES | {JobState.WAITING}
    if not goes_on_by_itself:
        return None
    return tile.held_up_by or (tile.progress.held_up_by if tile.progress else None)


def _ahead(tile: JobTile) -> int:
    progress = tile.progress
    return (progress.queue_position or 0) if progress else 0


def problem_words(problem: PictureProblem) -> str:
    """Why a picture is not shown, for its tile."""
    if problem is PictureProblem.MISSING:
        return translate("GalleryTile", "File is missing")
    return translate("GalleryTile", "File is damaged")


def retry_words(state: JobState) -> str:
    """What the button of a job that stopped says."""
    if state is JobState.UNKNOWN:
        return translate("GalleryTile", "Send again")
    return translate("GalleryTile", "Retry")
