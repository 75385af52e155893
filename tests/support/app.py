"""One program running in a desktop session, driven as a person or a screen reader drives it."""

import signal
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import ImageGrab

from support.accessibility import AccessibilityBus, Element, GoneError
from support.processes import end_all, marked_processes
from support.waiting import wait_until

TIMEOUT_S = 30.0
_MARK = "ALGOVERA_TEST_APP"
_END_PATIENCE_S = 5.0


class App:
    """A started program, all its child processes, and its window."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        accessibility: AccessibilityBus,
    ) -> None:
        self._id = uuid.uuid4().hex
        self._environment = {**environment, _MARK: self._id}
        self._log = log
        self._accessibility = accessibility
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.pid = self.process.pid
        """The process whose window it is: another than the one started where that is a launcher."""

    @property
    def output(self) -> str:
        """What it has printed so far, with its errors."""
        return self._log.read_text("utf-8", errors="replace")

    def processes(self) -> dict[int, str]:
        """The command line of it and of each process below it that runs, orphans too."""
        return marked_processes(_MARK, self._id)

    def wait_for(
        self, is_so: Callable[[], object], what: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Look again and again until ``is_so`` answers yes; fails early if the program ends."""

        def look() -> bool:
            if _holds(is_so):
                return True
            if self.process.poll() is None:
                return False
            code = self.process.returncode
            raise AssertionError(f"ended with {code} before there was {what}:\n{self.output}")

        wait_until(look, lambda: f"{what}\n{self.describe()}", timeout_s)

    def find(self, role: str, name: str | None = None, timeout_s: float = TIMEOUT_S) -> Element:
        """Wait for a visible element of this role, and of this name where one is given."""
        found: list[Element] = []

        def look() -> bool:
            found[:] = self.find_all(role, name)
            return bool(found)

        self.wait_for(look, f"{role} {name or ''}".strip(), timeout_s)
        return found[0]

    def find_all(self, role: str, name: str | None = None) -> list[Element]:
        """Every such element that is to be seen now, in the order of the tree."""
        root = self._accessibility.application(self.pid)
        return root.find_all(role, name) if root else []

    def describe(self) -> str:
        """The accessible tree of its windows as text."""
        root = self._accessibility.application(self.pid)
        return root.describe() if root else "(not on the accessibility bus)"

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as xdotool names them: ``ctrl+Return``, ``Escape``."""
        self._tool("xdotool", "key", "--clearmodifiers", *keys)

    def type_text(self, text: str) -> None:
        """Type into what has the keyboard; of letters only those on a German one."""
        self._tool("xdotool", "type", "--clearmodifiers", "--delay", "5", "--", text)

    def click(self, element: Element, button: int = 1, times: int = 1) -> None:
        """Click into the middle of an element with the mouse."""
        x, y = element.centre
        # Not --sync: it waits for a movement that never comes where the pointer is there already.
        move = ("mousemove", str(x), str(y))
        press = ("click", "--repeat", str(times), "--delay", "60", str(button))
        self._tool("xdotool", *move, *press)

    def window(self, timeout_s: float = TIMEOUT_S) -> str:
        """Wait for its window on the screen; the number that X gave it."""
        found: list[str] = []

        def look() -> bool:
            lines = [line.split() for line in self._tool("wmctrl", "-lp").splitlines()]
            found[:] = [fields[0] for fields in lines if fields[2] == str(self.pid)]
            return bool(found)

        self.wait_for(look, "a window", timeout_s)
        return found[0]

    def activate(self) -> None:
        """Bring its window to the front and give it the keyboard."""
        self._tool("xdotool", "windowactivate", "--sync", self.window())

    def resize(self, width: int, height: int) -> None:
        """Give its window this size in pixels."""
        self._tool("xdotool", "windowsize", "--sync", self.window(), str(width), str(height))

    def close_window(self) -> None:
        """Ask the window to close, as its close button does."""
        self._tool("wmctrl", "-i", "-c", self.window())

    def kill9(self) -> None:
        """Kill the program itself, and nothing else, without a warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_END_PATIENCE_S)

    def wait_for_exit(self, timeout_s: float = TIMEOUT_S) -> int:
        """Wait until it ends; its exit code, negative when a signal ended it."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout_s:g} s\n{self.output}") from None

    def wait_until_nothing_runs(self, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until neither it nor any process below it runs."""

        def nothing_runs() -> bool:
            return self.process.poll() is not None and not self.processes()

        wait_until(nothing_runs, lambda: f"the end of {self.processes()}", timeout_s)

    def screenshot(self, path: Path) -> Path:
        """Write the whole screen as PNG."""
        ImageGrab.grab(xdisplay=self._environment["DISPLAY"]).save(path)
        return path

    def stop(self) -> None:
        """End it and every process below it, by force if need be."""
        end_all(self.processes, _END_PATIENCE_S)
        self.process.wait(_END_PATIENCE_S)

    def _tool(self, *command: str) -> str:
        result = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        return result.stdout


def _holds(is_so: Callable[[], object]) -> bool:
    try:
        return bool(is_so())
    except GoneError:
        return False
