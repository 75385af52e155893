"""What is said of a library's file that was damaged and is made anew."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport
from algovera_desktop.ui.widgets.message_bar import Message, Severity

_KEY = "library"
"""Of all messages about opening the library: each takes the place of the one before."""


def mending_message(progress: RebuildProgress) -> Message:
    """While it is being made anew."""
    words = _tr(
        "The library's file is damaged. It is being made anew from your picture files: "
        "{done} of {total}. The pictures themselves are not touched."
    )
    numbers = {"{done}": progress.done, "{total}": progress.total}
    return Message(_filled(words, numbers), Severity.WARNING, _KEY)


def mended_message(report: RebuildReport) -> Message:
    """When it is done: what came back, and where the damaged file is."""
    words = _tr(
        "The library's file was damaged and has been made anew from your picture files. "
        "Pictures that came back: {pictures}. Waiting jobs and saved searches: {others}."
    )
    counts = report.counts
    numbers = {"{pictures}": counts.pictures, "{others}": counts.jobs + counts.saved_searches}
    if counts.missing:
        words += " " + _tr("Of these pictures {missing} are without a file.")
        numbers["{missing}"] = counts.missing
    return Message(_filled(words, numbers), Severity.WARNING, _KEY, details=_details(report))


def damage_found_message(findings: tuple[str, ...]) -> Message:
    """When a check has found damage while the program runs."""
    words = _tr(
        "A part of the library's file is damaged. Your picture files are not touched by this. "
        "Close the program and start it again: the library is made anew from them then."
    )
    return Message(words, Severity.ERROR, _KEY, details="\n".join(findings))


def _details(report: RebuildReport) -> str:
    lines: list[str] = []
    if report.set_aside is not None:
        lines.append(
            _tr("The damaged file is kept as {path}").replace("{path}", str(report.set_aside))
        )
    if not report.old_was_read:
        lines.append(_tr("Nothing could be read of it, so jobs and saved searches are lost."))
    elif report.lossy_tables:
        tables = ", ".join(report.lossy_tables)
        lines.append(_tr("Not all of it could be read: {tables}").replace("{tables}", tables))
    if report.unreadable:
        words = _tr("Files that are no pictures that can be read: {count}")
        lines.append(_filled(words, {"{count}": report.unreadable}))
        lines.extend(report.named)
    return "\n".join(lines)


def _filled(words: str, numbers: dict[str, int]) -> str:
    for place, number in numbers.items():
        words = words.replace(place, QLocale().toString(number))
    return words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Mending", text)
