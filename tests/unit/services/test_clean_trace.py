"""Which lines of a trace may be passed on, and how."""

import subprocess
import sys
import traceback
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.errors import EngineFailedError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.services.clean_trace import clean_line, clean_trace, clean_traceback


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/ann/src/algovera_desktop/ui/tasks.py", "algovera_desktop/ui/tasks.py"),
        ("algovera_desktop/ui/tasks.py", "algovera_desktop/ui/tasks.py"),
        ("D:\\ann\\algovera_desktop\\app.py", "algovera_desktop/app.py"),
        ("/venv/lib/python3.11/site-packages/PIL/Image.py", "PIL/Image.py"),
        ("/usr/lib/python3.11/threading.py", "threading.py"),
        ("/home/ann lee/a fox.py", "[left out]"),
        ("/home/ann lee/fox.py", "fox.py"),
    ],
)
def test_a_place_is_told_from_the_package_on(path: str, shown: str) -> None:
    line = f'  File "{path}", line 7, in run'
    assert clean_line(line) == f'  File "{shown}", line 7, in run'


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Fatal Python error: Segmentation fault", "Fatal Python error: Segmentation fault"),
        (
            "Thread 0x00007f [a fox] (most recent call first):",
            "Thread 0x00007f (most recent call first):",
        ),
        (f"AttributeError: '{Job.__name__}' object has no attribute 'state'", None),
        (
            "AttributeError: 'Job' object has no attribute 'fox'",
            "AttributeError: 'Job' object has no attribute [left out]",
        ),
        (
            "AttributeError: 'str' object has no attribute 'fox'. Did you mean: 'foxes'?",
            "AttributeError: 'str' object has no attribute [left out]",
        ),
        ("AttributeError: a red fox", "AttributeError: [left out]"),
        ("TypeError: got 'a red fox'", "TypeError: [left out]"),
        ("TypeError: cannot paint a red fox", "TypeError: [left out]"),
        ("TypeError: a.fox() takes no arguments", "TypeError: [left out]() takes no arguments"),
        ("TypeError: 'int' object is not iterable", None),
        ("TypeError: unsupported operand type(s) for +: 'int' and 'str'", None),
        (
            "NameError: name 'os.a red fox' is not defined",
            "NameError: name [left out] is not defined",
        ),
        ("NameError: name 'os.fox' is not defined", "NameError: name [left out] is not defined"),
        (
            "ModuleNotFoundError: No module named 'a red fox'",
            "ModuleNotFoundError: No module named [left out]",
        ),
        ("ModuleNotFoundError: No module named 'sqlite3'", None),
        ("Fatal Python error: none_dealloc: deallocating None", None),
        ("Qt: cannot open /a red/fox and more", "Qt: [left out]"),
        (
            "Qt: QThread: Destroyed while thread 'a fox' is still running",
            "Qt: QThread: Destroyed while thread [left out] is still running",
        ),
        ("Qt: The X11 connection broke (error 1). Did the X11 server die?", None),
        ("KeyError: 'a red fox'", "KeyError: [left out]"),
        ("subprocess.TimeoutExpired: fox", "subprocess.TimeoutExpired: [left out]"),
        (
            "requests.exceptions.ConnectionError: fox",
            "requests.exceptions.ConnectionError: [left out]",
        ),
        ("FoxError: red", ""),
        ("fox.RedError", ""),
        (
            "ImportError: cannot import name 'fox' from 'PIL' (/a fox/PIL.py)",
            "ImportError: cannot import name [left out] from 'PIL'",
        ),
        ("algovera_desktop.domain.errors.DiskFullError", None),
        ("RuntimeError: Internal C++ object (re.Pattern) already deleted.", None),
        ("    fox = paint('a red fox')", ""),
        ("a red fox", ""),
        ("", ""),
    ],
)
def test_of_other_lines_what_python_itself_says(line: str, shown: str | None) -> None:
    assert clean_line(line) == (line if shown is None else shown)


def test_stacks_stand_apart() -> None:
    text = "Thread 0x1 (most recent call first):\n\n\nThread 0x2 (most recent call first):\n\n"
    assert clean_trace(text).splitlines()[1] == ""
    assert len(clean_trace(text).splitlines()) == 3


def test_what_is_left_out_leaves_no_gap() -> None:
    text = 'Traceback (most recent call last):\n  File "x/a.py", line 3, in f\n    g()\nOSError: no'
    assert clean_trace(text).splitlines() == [
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in f',
        "OSError: [left out]",
    ]


def test_a_module_that_another_thread_imports_meanwhile_is_no_hindrance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    growing = ModuleType("algovera_desktop.growing")

    class Importing:
        @property
        def __class__(self) -> type:  # pyright: ignore[reportIncompatibleMethodOverride]
            vars(growing)[f"found_{len(vars(growing))}"] = None
            return type(self)

    vars(growing)["importing"] = Importing()
    monkeypatch.setitem(sys.modules, growing.__name__, growing)
    line = "AttributeError: 'str' object has no attribute 'fox'"
    assert clean_line(line) == "AttributeError: 'str' object has no attribute [left out]"
    assert any(name.startswith("found_") for name in vars(growing))


# Each word can be told from all that a trace has of itself.
WORDS = st.text("äß漢-Zf7_.", max_size=6).map(lambda rest: f"zebra{rest}")
BETWEEN = st.sampled_from(
    [" ", "\n", "'", '"', "' ", "/", "\\", ": ", ", ", " (", ") ", "() ", " object "]
)
ANYBODYS = st.lists(st.tuples(WORDS, BETWEEN), min_size=1, max_size=5).map(
    lambda pairs: "".join(word + between for word, between in pairs) + "zebra"
)
PRIVATE = st.one_of(
    ANYBODYS,
    ANYBODYS.map(lambda words: f"/home/zebra of ann/{words}.png"),
    ANYBODYS.map(lambda words: f"C:\\Users\\zebra of ann\\{words}"),
    st.text("0123456789abcdef", min_size=64, max_size=64).map(lambda key: f"zebra{key}"),
)


def noted(text: str) -> Exception:
    error = ValueError(text)
    error.add_note(text)
    return error


def raised(make: Callable[[str], Exception], text: str) -> Exception:
    """One such error, raised because of another."""
    try:
        try:
            raise make(text)
        except Exception as cause:
            raise make(text) from cause
    except Exception as error:
        return error


ERRORS: list[Callable[[str], Exception]] = [
    KeyError,
    TypeError,
    EngineFailedError,
    noted,
    lambda text: AttributeError(f"'{text}' object has no attribute '{text}'"),
    lambda text: AttributeError(f"'str' object has no attribute {text}. Did you mean: {text}?"),
    lambda text: NameError(f"name {text!r} is not defined"),
    lambda text: ImportError(f"cannot import name '{text}' from '{text}' ({text})"),
    lambda text: ModuleNotFoundError(f"No module named '{text}'", name=text, path=text),
    lambda text: TypeError(f"{text}() got an unexpected keyword argument '{text}'"),
    lambda text: TypeError(f"unsupported operand type(s) for {text}: '{text}' and 'int'"),
    lambda text: RuntimeError(f"Internal C++ object ({text}) already deleted."),
    lambda text: RuntimeError(f"cannot paint {text} in {text}"),
    lambda text: OSError(2, text, text, None, text),
    lambda text: UnicodeDecodeError(text, text.encode(), 0, 1, text),
    lambda text: SyntaxError(text, (text, 1, 1, text)),
    lambda text: subprocess.CalledProcessError(1, [text], text, text),
    lambda text: ExceptionGroup(text, [ValueError(text), KeyError(text)]),
]


@settings(max_examples=60)
@given(PRIVATE)
def test_nobodys_words_stay_in_what_an_exception_says(text: str) -> None:
    for make in ERRORS:
        error = raised(make, text)
        assert "zebra" not in clean_traceback(error), traceback.format_exception(error)


@settings(max_examples=60)
@given(PRIVATE)
def test_nobodys_words_stay_in_what_ends_the_process(text: str) -> None:
    lines = (f"Qt: {text}", f"Qt: QThread: Destroyed while thread '{text}' is still running", text)
    assert "zebra" not in clean_trace("\n".join(lines))
