"""Tracebacks as they may be passed on: where it went wrong, and not with whose words.

Line by line, only what is known to be Python's own is kept. The text of an exception may repeat a
prompt, a path or a key, so it is kept only for the kinds that speak of the program's own names.
"""

import re
import traceback

from algovera_desktop.services.private_words import LEFT_OUT

_PLACE = re.compile(
    r'^\s*File "(?P<path>[^"]*)", line (?P<line>\d+|\?\?\?),? in (?P<name>[\w<>.]+)$'
)
_FIXED = re.compile(
    r"Traceback \(most recent call last\):"
    r"|During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
    r"|Fatal Python error: [\w ]+(?:: [\w -]+)*|Windows fatal exception: [\w ]+|  <no Python frame>"
    r"|Algovera Desktop [\w.+]+, started [\d :+-]+"
)
_THREAD = re.compile(r"((?:Current thread|Thread) 0x[0-9a-f]+).*\(most recent call first\):")
_ERROR = re.compile(
    r"(?P<kind>[A-Za-z_][\w.]*"
    r"(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Expired))(?:: .*)?"
)
_OF_NAMES = re.compile(
    r"(?:AttributeError|TypeError|NameError|UnboundLocalError|ImportError|ModuleNotFoundError): .*"
    r"|RuntimeError: Internal C\+\+ object \([\w:]+\) already deleted\."
    r"|Qt: .*"
)
"""What Qt says last is in its own words; what it was told stands in quotes, or is a path."""

_PATH = re.compile(r"(?<![\w'\"])\S*[/\\]\S*")
_QUOTED = re.compile(r"(?<![A-Za-z]{2})(['\"])(.*?)(?:\1|$)")
"""Not what follows the apostrophe of "can't"."""

_IN_FILE = re.compile(r" \([^()]*[/\\][^()]*\)$")
_NAME = re.compile(r"[\w.]{1,60}")
_ROOTS = re.compile(
    r"(?:.*[/\\])?(?=algovera_desktop[/\\])|.*(?:site|dist)-packages[/\\]|.*[/\\]python3\.\d+[/\\]"
)


def clean_traceback(error: BaseException) -> str:
    """The traceback of an exception, and of those it came from, as it may be passed on."""
    return clean_trace("".join(traceback.format_exception(error)))


def clean_trace(text: str) -> str:
    """The lines of such a text that may be passed on; those of source code are left out."""
    kept: list[str] = []
    for line in text.splitlines():
        cleaned = clean_line(line)
        is_pause = not line.strip() and kept and kept[-1]
        if cleaned or is_pause:
            kept.append(cleaned)
    return "\n".join(kept).rstrip()


def clean_line(line: str) -> str:
    """One line of a trace as it may be passed on; "" where none of it may."""
    if place := _PLACE.fullmatch(line):
        return f'  File "{_file(place["path"])}", line {place["line"]}, in {place["name"]}'
    if _FIXED.fullmatch(line):
        return line
    if thread := _THREAD.fullmatch(line):
        return f"{thread[1]} (most recent call first):"
    if _OF_NAMES.fullmatch(line):
        return _PATH.sub(LEFT_OUT, _without_quoted_words(_IN_FILE.sub("", line)))
    if error := _ERROR.fullmatch(line):
        return error["kind"] if error["kind"] == line else f"{error['kind']}: {LEFT_OUT}"
    return ""


def _without_quoted_words(line: str) -> str:
    """Up to the first quoted words that are no name: nobody knows for sure where those end."""
    for quoted in _QUOTED.finditer(line):
        if not _NAME.fullmatch(quoted[2]):
            return line[: quoted.start()] + LEFT_OUT
    return line


def _file(path: str) -> str:
    """From the package's folder on, for what lies before it names a person."""
    if known := _ROOTS.match(path):
        return path[known.end() :].replace("\\", "/")
    return re.split(r"[/\\]", path)[-1]
