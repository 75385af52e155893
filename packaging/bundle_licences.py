"""The licences of the system's libraries that the bundle takes along, where Debian tells them."""

import shutil
import subprocess
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
    """The Debian packages that libraries of the bundle were taken from, and those libraries."""
    found: dict[str, list[str]] = {}
    if shutil.which("dpkg-query") is None:
        return found
    for path in sorted(parts.glob("*.so*")):
        if not path.is_symlink():
            command = ["dpkg-query", "--search", f"*/{path.name}"]
            told = subprocess.run(command, capture_output=True, text=True).stdout
            if told:
                found.setdefault(told.split(":")[0], []).append(path.name)
    return dict(sorted(found.items()))


def licence_of(package: str) -> str:
    """What a Debian package says of its licences."""
    path = Path("/usr/share/doc") / package / "copyright"
    return path.read_text("utf-8", errors="replace")
