"""What the program and its tests need from the system, and the Debian packages that bring it."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from environment import SetupError


class Kind(Enum):
    """How to look whether a thing is there."""

    LIBRARY = auto()
    PROGRAM = auto()
    FILE = auto()  # one at least, where the name holds a "*"
    MODULE = auto()


@dataclass(frozen=True)
class Need:
    """One thing that must be on the system, and the Debian package that brings it."""

    kind: Kind
    name: str
    package: str

    def is_met(self) -> bool:
        """Whether it is there."""
        match self.kind:
            case Kind.LIBRARY:
                return _loads(self.name)
            case Kind.PROGRAM:
                return shutil.which(self.name) is not None
            case Kind.FILE:
                return any(Path("/").glob(self.name.lstrip("/")))
            case Kind.MODULE:
                return importlib.util.find_spec(self.name) is not None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _needs(kind: Kind, packages: dict[str, str]) -> tuple[Need, ...]:
    return tuple(Need(kind, name, package) for name, package in packages.items())


# Debian takes ensurepip out of Python and ships it with python3-venv.
DESKTOP_NEEDS = _needs(Kind.MODULE, {"ensurepip": "python3-venv"}) + _needs(
    Kind.LIBRARY,
    {
        "libGL.so.1": "libgl1",
        "libEGL.so.1": "libegl1",
        "libxkbcommon.so.0": "libxkbcommon0",
        "libglib-2.0.so.0": "libglib2.0-0",
        "libfontconfig.so.1": "libfontconfig1",
        "libdbus-1.so.3": "libdbus-1-3",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libwayland-cursor.so.0": "libwayland-cursor0",
        "libwayland-egl.so.1": "libwayland-egl1",
    },
)

TEST_NEEDS = _needs(
    Kind.PROGRAM,
    {
        "Xvfb": "xvfb",
        "setxkbmap": "x11-xkb-utils",
        "openbox": "openbox",
        "xdotool": "xdotool",
        "wmctrl": "wmctrl",
        "xclip": "xclip",
        "dbus-daemon": "dbus",
        "gnome-keyring-daemon": "gnome-keyring",
        "dunst": "dunst",
        "chromium": "chromium",
        "chromedriver": "chromium-driver",
        "exiftool": "libimage-exiftool-perl",
        "openssl": "openssl",
        "systemd-analyze": "systemd",
        "redis-server": "redis-server",
        "desktop-file-validate": "desktop-file-utils",
        "appstreamcli": "appstream",
    },
) + _needs(
    Kind.FILE,
    {
        "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
        "/usr/sbin/nginx": "nginx",  # no program that everybody's PATH finds
        "/usr/lib/postgresql/*/bin/initdb": "postgresql",
    },
)

_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# The bundle takes some of the desktop's libraries with it, and Python as a library, which
# Debian's own python3 does without.
BUNDLE_NEEDS = (
    DESKTOP_NEEDS
    + _needs(Kind.LIBRARY, {f"lib{_PYTHON}.so.1.0": f"lib{_PYTHON}"})
    + _needs(Kind.PROGRAM, {"objdump": "binutils", "patchelf": "patchelf", "xz": "xz-utils"})
    # numpy is built.
    + _needs(Kind.FILE, {f"{sysconfig.get_path('include')}/Python.h": f"lib{_PYTHON}-dev"})
    + _needs(Kind.PROGRAM, {"cc": "gcc", "c++": "g++"})
)
DEB_NEEDS = _needs(Kind.PROGRAM, {"dpkg-shlibdeps": "dpkg-dev"})
CHECK_NEEDS = _needs(
    Kind.PROGRAM,
    {
        "debootstrap": "debootstrap",
        "lintian": "lintian",
    },
)


def provide(needs: Sequence[Need]) -> None:
    """Install what is missing when root runs this on Debian; otherwise say exactly what to do.

    Raises SetupError with the command to type. Other systems than Linux bring all of it.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = _missing(needs)
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_get(_packages(missing))
        missing = _missing(needs)
    if missing:
        raise SetupError(_advice(missing))


def _missing(needs: Sequence[Need]) -> list[Need]:
    return [need for need in needs if not need.is_met()]


def _packages(needs: Sequence[Need]) -> list[str]:
    return sorted({need.package for need in needs})


def _advice(missing: Sequence[Need]) -> str:
    purpose = _purpose(missing)
    names = ", ".join(need.name for need in missing)
    command = "sudo apt-get install -y " + " ".join(_packages(missing))
    if shutil.which("apt-get"):
        return f"{purpose} what is not installed here ({names}). Install it with:\n    {command}"
    return f"{purpose} {names} from your system's packages. On Debian that is:\n    {command}"


def _purpose(missing: Sequence[Need]) -> str:
    if any(need in DESKTOP_NEEDS for need in missing):
        return "The program needs"
    is_for_tests = all(need in TEST_NEEDS for need in missing)
    return "The tests need" if is_for_tests else "Making packages needs"


def _apt_get(packages: Sequence[str]) -> None:
    print("Installing with apt-get: " + " ".join(packages), flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages]
    for command in (["apt-get", "-qq", "update"], install):
        # What fails is told on the error stream; the other holds a line for every package.
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL)
        if done.returncode:
            raise SetupError(f"{' '.join(command)} failed; its message stands above.")
