"""What a program has to tell Windows by itself; elsewhere nothing happens.

ctypes is loaded only there: it costs milliseconds of each start. Sources: Microsoft's documentation
of the functions that are called, and Inno Setup's of AppMutex.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

RUNNING = "org.algovera.Desktop"
"""The mutex by which the installer knows that its files are in use. Its script names it too."""

_PARENTS_CONSOLE = -1
_WINDOW_OPTIONS = frozenset({"--data-dir"})


def tell_installer() -> None:
    """From here to this process' end nothing is installed over it, nor removed, unasked."""
    if sys.platform == "win32":
        from ctypes import windll

        windll.kernel32.CreateMutexW(None, False, RUNNING)


def name_in_task_bar(app_id: str) -> None:
    """Have all windows under the button of the shortcut that bears this name, also when a picture
    opened with the program has started it."""
    if sys.platform == "win32":
        from ctypes import windll

        windll.shell32.SetCurrentProcessExplicitAppUserModelID(app_id)


def answer_in_terminal(arguments: Sequence[str]) -> None:
    """Give a program that is built for windows, and so has no output, that of the terminal that it
    was started in.

    Only where its arguments ask for words: who closes a terminal ends all that is tied to it.
    """
    if sys.platform != "win32" or sys.stdout is not None:
        return
    from ctypes import windll

    options = {each.partition("=")[0] for each in arguments if each.startswith("-")}
    if options - _WINDOW_OPTIONS and windll.kernel32.AttachConsole(_PARENTS_CONSOLE):
        console = Path("CONOUT$").open("w", encoding="utf-8", buffering=1)  # noqa: SIM115
        sys.stdout = sys.stderr = console
