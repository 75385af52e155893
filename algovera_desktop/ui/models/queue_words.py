"""What a row of the queue panel says: for the eye, for tool tips and for screen readers."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerState
from algovera_desktop.ui.duration_words import duration_words
from algovera_desktop.ui.models.queue_items import JobRow, QueueCounts, ServerRow
from algovera_desktop.ui.models.tile_words import percent, retry_words
from algovera_desktop.ui.wording import describe_failure, describe_uncertain_job

translate = QCoreApplication.translate

_EXCERPT_CHARS = 400


def counts_words(counts: QueueCounts, seconds_left: float | None = None) -> str:
    """Without what there is none of: "3 running · 120 waiting · about 4 min"."""
    time = "" if seconds_left is None else duration_words(seconds_left)
    parts = (
        (counts.running, translate("Queue", "%n running", "", counts.running)),
        (counts.waiting, translate("Queue", "%n waiting", "", counts.waiting)),
        (time, time),
        (counts.unknown, translate("Queue", "%n unclear", "", counts.unknown)),
        (counts.failed, translate("Queue", "%n failed", "", counts.failed)),
        (counts.finished, translate("Queue", "%n finished", "", counts.finished)),
    )
    return " · ".join(words for is_there, words in parts if is_there)


# A job


def prompt_line(row: JobRow) -> str:
    """The prompt on one line, no longer than a row could ever show."""
    return " ".join(row.job.request.prompt[:_EXCERPT_CHARS].split())


def request_line(row: JobRow) -> str:
    """Which of its group the picture is, and what makes it: "2 of 4 · Sketch · 512 × 512"."""
    asked = row.job.request
    parts = [part_words(row), row.model_title, f"{asked.width} × {asked.height}"]
    return " · ".join(filter(None, parts))


def part_words(row: JobRow) -> str:
    """ "2 of 4"; empty for a picture that was asked for alone."""
    part, size = row.part
    if size == 1:
        return ""
    return translate("Queue", "{0} of {1}").format(_number(part), _number(size))


def state_words(row: JobRow) -> str:
    """The job's state, with how far it is or where it stands."""
    job = row.job
    if is_being_changed(row):
        return translate("Queue", "Being changed")
    if is_held(row):
        return translate("Queue", "On hold")
    if job.state in (JobState.WAITING, JobState.HELD):
        return _line_words(row)
    if job.state is JobState.RUNNING:
        return _running_words(row)
    return {
        JobState.SUBMITTING: translate("Queue", "Sending"),
        JobState.FETCHING: translate("Queue", "Fetching"),
        JobState.DONE: translate("Queue", "Done"),
        JobState.FAILED: translate("Queue", "Failed"),
        JobState.UNKNOWN: translate("Queue", "Answer lost"),
        JobState.CANCELLED: translate("Queue", "Cancelled"),
    }[job.state]


def detail_words(row: JobRow) -> str:
    """What is to be known beyond the state: how long, what went wrong, what holds it up."""
    job = row.job
    if job.state is JobState.UNKNOWN:
        if job.server_id == LOCAL_SERVER_ID:
            return translate("Queue", "It may be painted already")
        return translate("Queue", "It may have been charged")
    reason = failure_of(row)
    if reason:
        return _without_stop(describe_failure(reason).title)
    if row.is_paused and row.number:
        return translate("Queue", "Paused")
    return time_words(row)


def time_words(row: JobRow) -> str:
    """How long until the picture is there; empty where nobody can tell."""
    if row.seconds_left is None:
        return ""
    words = duration_words(row.seconds_left)
    if row.number:
        return translate("Queue", "done in {0}").format(words)
    return translate("Queue", "{0} left").format(words)


def is_being_changed(row: JobRow) -> bool:
    """Whether a job waits because it is open in the form."""
    failure = row.job.failure
    is_open = failure is not None and failure.kind is FailureKind.EDITED
    return is_open and row.job.state is JobState.HELD


def is_held(row: JobRow) -> bool:
    """Whether a job that would go on by itself is kept from it by trouble."""
    if row.job.state is JobState.HELD or (row.number and row.held_by):
        return True
    return row.progress is not None and row.progress.held_up_by is not None


def failure_of(row: JobRow) -> JobFailure | None:
    """Why a job failed or does not go on."""
    if row.job.failure and row.job.state in (JobState.FAILED, JobState.HELD):
        return row.job.failure
    held_by = row.held_by if row.number else None
    if row.progress and row.progress.held_up_by:
        held_by = row.progress.held_up_by
    return JobFailure(held_by, "") if held_by else None


def describe_job(row: JobRow) -> str:
    """The whole row for a screen reader: prompt, state, place, time left."""
    place = ""
    if row.number and is_held(row):
        place = _line_words(row)
    parts = (prompt_line(row), part_words(row), state_words(row), place, detail_words(row))
    return ", ".join(filter(None, parts))


def tool_tip(row: JobRow) -> str:
    """The prompt, what makes the picture, and in full what went wrong."""
    lines = [prompt_line(row), request_line(row)]
    reason = failure_of(row)
    if row.job.state is JobState.UNKNOWN:
        words = describe_uncertain_job(row.job.server_id)
        lines.append(f"{words.title} {words.advice}")
    elif reason:
        words = describe_failure(reason)
        lines.append(f"{words.title} {words.advice}")
    return "\n".join(lines)


def _line_words(row: JobRow) -> str:
    if row.number == 1:
        return translate("Queue", "Next in line")
    return translate("Queue", "Number {0} in line").format(_number(row.number))


def _running_words(row: JobRow) -> str:
    ahead = (row.progress.queue_position or 0) if row.progress else 0
    if ahead:
        return translate("Queue", "In line there, %n ahead", "", ahead)
    if row.progress is None or row.progress.progress is None:
        return translate("Queue", "Painting")
    return translate("Queue", "Painting {0}").format(percent(row.progress.progress))


def again_words(row: JobRow) -> str:
    """What the button of a job that stopped says."""
    return retry_words(row.job.state)


def close_words(row: JobRow) -> str:
    """What the cross at a row's end does."""
    if row.job.state in (JobState.FAILED, JobState.UNKNOWN):
        return translate("Queue", "Dismiss")
    return translate("Queue", "Cancel")


# A server


def server_name(row: ServerRow) -> str:
    return row.name or translate("Queue", "A server that was removed")


def server_state_words(row: ServerRow) -> str:
    """Why nothing is sent there; empty where all is well."""
    reason = ""
    if row.held_by:
        reason = _without_stop(describe_failure(JobFailure(row.held_by, "")).title)
    elif row.state is ServerState.STARTING and row.name:
        reason = translate("Queue", "Starting")
    if row.is_paused:
        return " · ".join(filter(None, (translate("Queue", "Paused"), reason)))
    if row.held_by:
        return translate("Queue", "On hold: {0}").format(reason)
    return reason


def server_counts_words(row: ServerRow) -> str:
    """How many jobs are in which condition there, and how long those still take."""
    return counts_words(row.counts, row.seconds_left)


def pause_words(row: ServerRow) -> str:
    """What the header's button does."""
    return translate("Queue", "Resume") if row.is_paused else translate("Queue", "Pause")


def try_again_words() -> str:
    return translate("Queue", "Try again")


def describe_server(row: ServerRow) -> str:
    """The header for a screen reader and as a tool tip."""
    parts = (server_name(row), server_state_words(row), server_counts_words(row))
    return ", ".join(filter(None, parts))


def _without_stop(sentence: str) -> str:
    return sentence.removesuffix(".")


def _number(number: int) -> str:
    return QLocale().toString(number)
