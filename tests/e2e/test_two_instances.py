"""Started once more over the same data, the program raises the window that is there."""

import os
import signal
import sys
from pathlib import Path

import pytest

from support.app import App
from support.desktop import DesktopSession

SMALL_WINDOW = [sys.executable, str(Path(__file__).with_name("small_window.py"))]


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    return ["algovera-desktop", "--data-dir", str(tmp_path / "data")]


def start_and_wait(desktop: DesktopSession, program: list[str]) -> App:
    app = desktop.start_app(program)
    app.find("text", "Prompt")
    return app


def active_window(desktop: DesktopSession) -> int:
    return int(desktop.run("xdotool", "getactivewindow"))


def test_a_second_start_raises_the_first_ones_window_and_ends(
    desktop: DesktopSession, program: list[str]
) -> None:
    first = start_and_wait(desktop, program)
    other = desktop.start_app(SMALL_WINDOW)
    other.activate()
    assert active_window(desktop) == int(other.window(), 16)

    second = desktop.start_app(program)
    assert second.wait_for_exit() == 0, second.output
    assert second.output == ""
    first.wait_for(
        lambda: active_window(desktop) == int(first.window(), 16), "the first window in front"
    )


def test_after_a_kill_the_next_start_is_the_first_again_and_hears_the_one_after(
    desktop: DesktopSession, program: list[str]
) -> None:
    start_and_wait(desktop, program).kill9()
    first = start_and_wait(desktop, program)
    second = desktop.start_app(program)
    assert second.wait_for_exit() == 0, second.output
    first.close_window()
    assert first.wait_for_exit() == 0


def test_a_first_one_that_hangs_is_told_after_a_few_seconds(
    desktop: DesktopSession, program: list[str]
) -> None:
    first = start_and_wait(desktop, program)
    os.kill(first.process.pid, signal.SIGSTOP)
    try:
        second = desktop.start_app(program)
        second.find("push button", "OK").act()
        assert second.wait_for_exit() == 2
    finally:
        os.kill(first.process.pid, signal.SIGCONT)
    assert "does not answer" in second.output
    third = desktop.start_app(program)
    assert third.wait_for_exit() == 0, third.output


def test_other_data_has_a_window_of_its_own(desktop: DesktopSession, tmp_path: Path) -> None:
    start_and_wait(desktop, ["algovera-desktop", "--data-dir", str(tmp_path / "one")])
    start_and_wait(desktop, ["algovera-desktop", "--data-dir", str(tmp_path / "two")])
