"""Tracebacks as they may be passed on: where it went wrong, and not with whose words.

Line by line, only what is known to be Python's own is kept: kinds of exceptions that exist, places,
and sentences that Python or Qt forms, with the names in them out that nobody but a person chose.
"""

import builtins
import re
import sys
import traceback
from importlib.util import find_spec
from types import ModuleType

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
    r"(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Expired))(?:: (?P<said>.*))?"
)
_QT = re.compile(r"Qt: (?P<said>.*)")

_SENTENCES = frozenset(
    """\
{} object has no attribute {}
type object {} has no attribute {}
module {} has no attribute {}
property {} of {} object has no setter
name {} is not defined
cannot access local variable {} where it is not associated with a value
cannot import name {} from {}
No module named {}
{}() missing {} required positional argument: {}
{}() missing {} required positional arguments: {} and {}
{}() missing {} required keyword-only argument: {}
{}() takes {} positional argument but {} were given
{}() takes {} positional arguments but {} was given
{}() takes {} positional arguments but {} were given
{}() takes no arguments
{}() got an unexpected keyword argument {}
{}() got multiple values for argument {}
{} object is not callable
{} object is not iterable
{} object is not subscriptable
{} object does not support item assignment
{} object cannot be interpreted as an integer
object of type {} has no len()
argument of type {} is not iterable
unhashable type: {}
unsupported operand type(s) for {}: {} and {}
{} not supported between instances of {} and {}
can only concatenate str (not {}) to str
Internal C++ object ({}) already deleted.
QThread: Destroyed while thread {} is still running
QWidget: Must construct a QApplication before a QWidget
The X11 connection broke (error {}). Did the X11 server die?
The Wayland connection broke. Did the Wayland compositor die?\
""".splitlines()
)
"""What CPython says of names and types, PySide of objects that are gone, and Qt at its end."""

_SLOT = re.compile(
    r"'([^']*)'|\"([^\"]*)\"|^([\w.<>]+)(?=\(\) )|\b(\d+)\b"
    r"|(?<=C\+\+ object \()([\w.:]+)(?=\))|(?<=type\(s\) for )(.+?)(?=: )"
)
_AFTERTHOUGHT = re.compile(r"\. Did you mean: .*| \(.*\)$")
"""Another name that would have done; the file of a module."""

_NO_WORD = re.compile(r"[^\w\s]{1,3}|\d{1,9}")
_TYPES = frozenset({"NoneType", "builtin_function_or_method", "function", "generator", "method"})
_PACKAGE = f"{__name__.partition('.')[0]}."
_CODE_FILE = re.compile(r"(?:[\w-]+/)*[\w.-]+\.pyw?|<frozen [\w.]+>|<string>")
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
    if qt := _QT.fullmatch(line):
        return f"Qt: {_sentence(qt['said'])}"
    error = _ERROR.fullmatch(line)
    if error is None or not _is_kind(error["kind"]):
        return ""
    if error["said"] is None:
        return line
    return f"{error['kind']}: {_sentence(error['said'])}"


def _sentence(said: str) -> str:
    """One that is known, with the names out that nobody knows; else nothing of it."""
    said = _AFTERTHOUGHT.sub("", said)
    if _SLOT.sub("{}", said) not in _SENTENCES:
        return LEFT_OUT
    return _SLOT.sub(_shown, said)


def _shown(slot: re.Match[str]) -> str:
    name = next(group for group in slot.groups() if group is not None)
    is_python = _NO_WORD.fullmatch(name) or name in _TYPES or hasattr(builtins, name)
    return slot[0] if is_python or _is_in_a_module(name) or _is_ours(name) else LEFT_OUT


def _is_kind(name: str) -> bool:
    """Python tells its own kinds by their names alone, and others by their module's first."""
    return hasattr(builtins, name) or ("." in name and _is_installed(name.partition(".")[0]))


def _is_in_a_module(name: str) -> bool:
    """Whether it is a module that can be imported, or the name of something in one that was."""
    place, _, last = name.rpartition(".")
    if name in sys.modules or (not place and _is_installed(name)):
        return True
    return place in sys.modules and last in vars(sys.modules[place])


def _is_installed(root: str) -> bool:
    return root in sys.modules or (root.isidentifier() and find_spec(root) is not None)


def _is_ours(name: str) -> bool:
    """Whether something has this name in our own code, as far as it is loaded."""
    ours = [each for key, each in tuple(sys.modules.items()) if f"{key}.".startswith(_PACKAGE)]
    return any(name in vars(module) or _is_of_a_class(name, module) for module in ours)


def _is_of_a_class(name: str, module: ModuleType) -> bool:
    # A copy, for another thread may be importing the module.
    found = tuple(vars(module).values())
    return any(isinstance(each, type) and name in vars(each) for each in found)


def _file(path: str) -> str:
    """From the package's folder on, for what lies before it names a person."""
    known = _ROOTS.match(path)
    shown = path[known.end() :] if known else re.split(r"[/\\]", path)[-1]
    shown = shown.replace("\\", "/")
    return shown if _CODE_FILE.fullmatch(shown) else LEFT_OUT
