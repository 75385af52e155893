"""What the desktop's launcher is told, over a real bus."""

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("other systems have no such bus", allow_module_level=True)

from algovera_desktop.services.launcher import LauncherLink, LauncherState
from support.launcher import Launcher
from support.notification_desk import private_bus

BUS = "DBUS_SESSION_BUS_ADDRESS"


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launcher]:
    with private_bus(tmp_path) as address, Launcher(address) as launcher:
        monkeypatch.setenv(BUS, address)
        yield launcher


def test_progress_and_count_are_told_as_the_protocol_has_it(launcher: Launcher) -> None:
    with closing(LauncherLink("org.algovera.Desktop")) as link:
        link.tell(LauncherState(0.25, 3, is_urgent=True))
        assert launcher.next_update() == (
            "application://org.algovera.Desktop.desktop",
            {
                "progress": ("d", 0.25),
                "progress-visible": ("b", True),
                "count": ("x", 3),
                "count-visible": ("b", True),
                "urgent": ("b", True),
            },
        )


def test_the_same_is_told_once_and_nothing_takes_the_bar_away(launcher: Launcher) -> None:
    with closing(LauncherLink("org.algovera.Desktop")) as link:
        link.tell(LauncherState())
        link.tell(LauncherState(0.5, 1))
        link.tell(LauncherState(0.5, 1))
        link.tell(LauncherState())
        states = [launcher.next_update()[1] for _ in range(2)]
    assert [state["progress-visible"] for state in states] == [("b", True), ("b", False)]
    assert states[1]["count-visible"] == ("b", False)


@pytest.mark.parametrize(
    "address", ["", "unix:path=/nowhere/at/all", "tcp:host=localhost", "nonsense"]
)
def test_without_a_bus_nothing_is_told_and_the_log_says_so_once(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv(BUS, address)
    if not address:
        monkeypatch.delenv(BUS)
    with closing(LauncherLink("program")) as link:
        link.tell(LauncherState(0.5))
        link.tell(LauncherState(0.6))
    (record,) = caplog.records
    assert "No launcher" in record.message


def test_a_bus_that_ends_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(LauncherLink("program")) as link:
        with private_bus(tmp_path) as address:
            monkeypatch.setenv(BUS, address)
            link.tell(LauncherState(0.1))
        for percent in range(20, 30):
            link.tell(LauncherState(percent / 100))


def test_once_closed_nothing_is_told_any_more(launcher: Launcher) -> None:
    link = LauncherLink("program")
    link.tell(LauncherState(0.1))
    link.close()
    link.close()
    link.tell(LauncherState(0.2))
    assert launcher.next_update()[1]["progress"] == ("d", 0.1)


def test_a_bus_that_does_not_answer_keeps_nobody_from_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = LauncherLink("program")
    with closing(socket.socket(socket.AF_UNIX)) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        monkeypatch.setenv(BUS, f"unix:path={tmp_path / 'bus'}")
        teller = threading.Thread(target=link.tell, args=(LauncherState(0.5),))
        teller.start()
        caller, _ = bus.accept()  # the teller has the lock, and waits for an answer
        link.close()
        assert teller.is_alive()
        caller.close()
        teller.join()
