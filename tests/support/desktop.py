"""A desktop session of its own for tests: screen, window manager, D-Bus, keyring, notifications,
accessibility.

    with DesktopSession(folder) as session:
        app = session.start_app(["algovera-desktop", "--data-dir", str(data)])
        app.find("push button", "Generate").act()
        app.press("ctrl+Return")
        app.screenshot(folder / "window.png")
        app.close_window()
        assert app.wait_for_exit() == 0

In pytest take the fixture ``desktop`` of ``tests/e2e/conftest.py``; it ends the programs that a
test started and keeps a screenshot and the accessible tree of a test that failed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

from jeepney import message_bus
from jeepney.io.blocking import open_dbus_connection
from PIL import ImageGrab

from support.accessibility import AccessibilityBus
from support.app import App
from support.processes import end_all, marked_processes
from support.waiting import wait_until

SCREEN = "1600x1000x24"
_MARK = "ALGOVERA_TEST_SESSION"
_START_TIMEOUT_S = 20.0
_END_PATIENCE_S = 3.0
_IN_THE_CORNER = """[global]
origin = bottom-right
offset = 4x4
width = 280
height = 80
"""
"""Where notifications cover no window of a test."""

_PASSED_ON = ("ALGOVERA_TEST_RUN", "SSL_CERT_FILE")


class DesktopSession:
    """Everything that a desktop offers a program, on a screen that nobody sees.

    The home folder lies in ``folder``. The keyring is unlocked and empty. Nothing of it is left
    when it has been stopped, whatever the programs in it did.
    """

    def __init__(self, folder: Path, screen: str = SCREEN) -> None:
        self._folder = folder
        self._screen = screen
        self._id = uuid.uuid4().hex
        self._parts: list[subprocess.Popen[bytes]] = []
        self._apps: list[App] = []
        # Not below ``folder``: a socket's path has room for 107 bytes.
        self._runtime = Path(tempfile.mkdtemp(prefix="session-"))
        self._notifications_log = folder / "notifications.log"
        self._log = (folder / "session.log").open("wb")
        self.environment = self._plain_environment()
        self._accessibility: AccessibilityBus | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bring up the parts in the order in which they need one another."""
        self.environment["DISPLAY"] = self._start_screen()
        # xdotool puts a letter that the keyboard lacks on a spare key for a moment; a program
        # that is slow to learn of it loses the letter. This one holds ASCII, ä, ö, ü and ß.
        self.run("setxkbmap", "de", "nodeadkeys")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        self._start_keyring()
        self._start("openbox")
        self._start_notifications()
        self._accessibility = AccessibilityBus(self.environment["DBUS_SESSION_BUS_ADDRESS"])
        wait_until(self._has_notifications, lambda: "the notifications", _START_TIMEOUT_S)
        wait_until(self._has_window_manager, lambda: "the window manager", _START_TIMEOUT_S)

    def stop(self) -> None:
        """End every program of the session and the session itself."""
        self.stop_apps()
        if self._accessibility:
            self._accessibility.close()
        end_all(self.processes, _END_PATIENCE_S)
        for part in self._parts:
            part.wait(_END_PATIENCE_S)
        self._log.close()
        shutil.rmtree(self._runtime, ignore_errors=True)

    def start_app(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> App:
        """Start a program in the session; its output is in ``App.output``."""
        assert self._accessibility is not None
        number = len(self._apps) + 1
        log = self._folder / f"app-{number}-{uuid.uuid4().hex[:6]}.log"
        app = App(command, {**self.environment, **(environment or {})}, log, self._accessibility)
        self._apps.append(app)
        return app

    def stop_apps(self) -> None:
        """End every program that was started in the session, with its children."""
        while self._apps:
            self._apps.pop().stop()

    @property
    def apps(self) -> tuple[App, ...]:
        """The programs started and not yet stopped."""
        return tuple(self._apps)

    def run(self, *command: str, timeout_s: float = 30.0) -> str:
        """Run a tool in the session to its end and return what it prints; fails if it does."""
        result = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout_s
        )
        assert result.returncode == 0, f"{' '.join(command)}: {result.stderr}"
        return result.stdout

    def screenshot(self, path: Path) -> Path:
        """Write the whole screen as PNG."""
        ImageGrab.grab(xdisplay=self.environment["DISPLAY"]).save(path)
        return path

    def notifications(self) -> list[str]:
        """The texts of the notifications that have been shown in the session, oldest first."""
        lines = self._notifications_log.read_text("utf-8").splitlines()
        marked = [line.strip().partition("summary: ") for line in lines]
        return [text.strip("'") for start, mark, text in marked if mark and not start]

    def processes(self) -> dict[int, str]:
        """The command line of every process of the session, its programs' included."""
        return marked_processes(_MARK, self._id)

    def _plain_environment(self) -> dict[str, str]:
        home = self._folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # The commands that our package installs stand beside the interpreter.
        passed_on["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {
            **passed_on,
            _MARK: self._id,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(self._runtime),
            "LANG": "C.UTF-8",
            "GSETTINGS_BACKEND": "memory",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            # A program that dies in Qt says in its output where.
            "PYTHONFAULTHANDLER": "1",
        }

    def _start(
        self,
        *command: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        part = subprocess.Popen(
            command,
            env=self.environment,
            stdin=stdin,
            stdout=stdout or self._log,
            stderr=self._log,
            pass_fds=pass_fds,
        )
        self._parts.append(part)
        return part

    def _start_screen(self) -> str:
        reading, writing = os.pipe()
        options = ["-screen", "0", self._screen, "-nolisten", "tcp", "-displayfd", str(writing)]
        # Otherwise it starts anew, and drops who is just connecting, when its last client leaves.
        options.append("-noreset")
        # Nobody holds a key down; a busy machine may let one wait for its release that long.
        options.append("-r")
        with os.fdopen(reading, "rb") as answer:
            try:
                self._start("Xvfb", *options, pass_fds=(writing,))
            finally:
                os.close(writing)
            # Xvfb writes the first number that is free, or ends and so closes the pipe.
            number = answer.readline().decode().strip()
        assert number, f"Xvfb did not start; see {self._log.name}"
        return f":{number}"

    def _start_bus(self) -> str:
        command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        bus = self._start(*command, stdout=subprocess.PIPE)
        assert bus.stdout is not None
        with bus.stdout as answer:
            address = answer.readline().decode().strip()
        assert address, f"dbus-daemon did not start; see {self._log.name}"
        return address

    def _start_keyring(self) -> None:
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"]
        keyring = self._start(*command, stdin=subprocess.PIPE)
        assert keyring.stdin is not None
        with keyring.stdin as password:
            password.write(b"test")

    def _start_notifications(self) -> None:
        configuration = self._folder / "dunstrc"
        configuration.write_text(_IN_THE_CORNER, "utf-8")
        with self._notifications_log.open("wb") as log:
            self._start("dunst", "-print", "-conf", str(configuration), stdout=log)

    def _has_notifications(self) -> bool:
        question = message_bus.NameHasOwner("org.freedesktop.Notifications")
        with open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            return connection.send_and_get_reply(question).body == (True,)

    def _has_window_manager(self) -> bool:
        asked = subprocess.run(["wmctrl", "-m"], env=self.environment, capture_output=True)
        return asked.returncode == 0
