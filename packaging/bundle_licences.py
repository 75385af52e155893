"""The licences of the system's libraries that the bundle takes along, where Debian tells them."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import bundle_contents as contents

_SHOWN_IN = Path(contents.PACKAGE) / "resources" / "licences" / "system"
"""Help → Licences lists every file of this folder."""


def copy_systems_licences(inside: Path) -> None:
    """Put the licence of each package that libraries were taken from into the bundle."""
    folder = inside / _SHOWN_IN
    folder.mkdir(parents=True)
    for package in systems_packages(inside):
        (folder / f"{package}.txt").write_text(licence_of(package), "utf-8")


def systems_packages(parts: Path) -> dict[str, list[str]]:
    """The Debian packages that libraries of the bundle were taken from, and those libraries.

    Python tells its own licence, and need not be Debian's; modules for it are not the system's.
    """
    return packages_with(
        path.name for path in parts.glob("lib*.so*") if not path.name.startswith("libpython")
    )


def packages_with(libraries: Iterable[str]) -> dict[str, list[str]]:
    """The Debian packages on this computer that bring libraries of these names, and which."""
    if shutil.which("dpkg-query") is None:
        return {}
    wanted = set(libraries)
    # One question for all: each goes through every file that is installed.
    command = ["dpkg-query", "--search", "*/lib*.so*"]
    told = subprocess.run(command, capture_output=True, text=True).stdout
    found: dict[str, set[str]] = {}
    for package, name in re.findall(r"^([^\s:,]+):.* /\S*/(\S+)$", told, re.MULTILINE):
        if name in wanted:
            found.setdefault(package, set()).add(name)
    return {package: sorted(found[package]) for package in sorted(found)}


def licence_of(package: str) -> str:
    """What a Debian package says of its licences."""
    path = Path("/usr/share/doc") / package / "copyright"
    return path.read_text("utf-8", errors="replace")
