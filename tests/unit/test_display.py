import socket
import sys

import pytest

from algovera_desktop.display import missing_display

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="about X and Wayland")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_always_have_one(platform):
    assert missing_display({}, platform) is None


def test_without_any_display_the_sentence_says_what_is_not_set():
    reason = missing_display({})
    assert reason is not None
    assert "DISPLAY" in reason


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600"])
def test_a_platform_that_opens_no_window_needs_no_display(platform):
    assert missing_display({"QT_QPA_PLATFORM": platform}) is None


def test_a_wayland_socket_that_is_there_is_a_display(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayland-7"))
        environment = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert missing_display(environment) is None


def test_a_wayland_socket_that_is_gone_is_none(tmp_path):
    environment = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert missing_display(environment) is not None


def test_an_x_server_that_does_not_answer_is_named():
    reason = missing_display({"DISPLAY": ":7653"})
    assert reason is not None
    assert ":7653" in reason
