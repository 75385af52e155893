"""Which lines of a trace may be passed on, and how."""

import pytest

from algovera_desktop.services.clean_trace import clean_line, clean_trace


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/ann/src/algovera_desktop/ui/tasks.py", "algovera_desktop/ui/tasks.py"),
        ("algovera_desktop/ui/tasks.py", "algovera_desktop/ui/tasks.py"),
        ("D:\\ann\\algovera_desktop\\app.py", "algovera_desktop/app.py"),
        ("/venv/lib/python3.11/site-packages/PIL/Image.py", "PIL/Image.py"),
        ("/usr/lib/python3.11/threading.py", "threading.py"),
        ("/home/ann/a fox.py", "a fox.py"),
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
        ("AttributeError: 'Job' has no 'end'", "AttributeError: 'Job' has no 'end'"),
        ("TypeError: got 'a red fox'", "TypeError: got [left out]"),
        ("TypeError: can't paint 'a red fox' of 3", "TypeError: can't paint [left out]"),
        ("TypeError: got 'a red", "TypeError: got [left out]"),
        (r"TypeError: got 'a \'fox\' in red'", "TypeError: got [left out]"),
        ("Fatal Python error: none_dealloc: deallocating None", None),
        ('Qt: no plugin "xcb" in "/a fox/b"', 'Qt: no plugin "xcb" in [left out]'),
        ("Qt: cannot open /fox/b.so: no such file", "Qt: cannot open [left out] no such file"),
        ("KeyError: 'a red fox'", "KeyError: [left out]"),
        ("subprocess.TimeoutExpired: fox", "subprocess.TimeoutExpired: [left out]"),
        (
            "ImportError: cannot import name 'x' from 'PIL' (/a fox/PIL.py)",
            "ImportError: cannot import name 'x' from 'PIL'",
        ),
        ("library.errors.DiskFullError", "library.errors.DiskFullError"),
        ("RuntimeError: Internal C++ object (MainWindow) already deleted.", None),
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
