"""Whether a window can be opened here. Qt aborts the process when one cannot, so we look first."""

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_WINDOWLESS_PLATFORMS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""What Qt's xcb plugin loads beyond what QtWidgets itself needs, and Debian's package for each."""


def missing_display(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> str | None:
    """Say in one sentence why no window can be opened, or None when one can."""
    if platform in ("win32", "darwin"):
        return None
    plugin = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if plugin in _WINDOWLESS_PLATFORMS:
        return None
    if plugin != "xcb" and _wayland_answers(environment):
        return None
    if not environment.get("DISPLAY"):
        return (
            "There is no screen to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. "
            "Start the program from a desktop session, or run it under xvfb-run."
        )
    return _missing_x11_libraries() or _unreachable_x11(environment["DISPLAY"])


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY")
    if not name:
        return False
    return (Path(environment.get("XDG_RUNTIME_DIR", "/")) / name).is_socket()


def _missing_x11_libraries() -> str | None:
    missing = [package for library, package in _X11_LIBRARIES.items() if not _loads(library)]
    if not missing:
        return None
    packages = " ".join(missing)
    return f"System libraries for windows are missing. Run: sudo apt-get install -y {packages}"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _unreachable_x11(display: str) -> str | None:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "System libraries for windows are missing. Run: sudo apt-get install -y libxcb1"
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if not refused:
        return None
    return (
        f"The screen {display} cannot be opened: no X server answers there, or it refused. "
        "Start the program from a desktop session, or run it under xvfb-run."
    )
