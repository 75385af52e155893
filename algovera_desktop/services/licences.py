"""Whose work is in the program: every part that is installed here, with its licence's text.

Python packages say it of themselves. What else is shipped, or built upon, is named below.
"""

import importlib.metadata
import platform
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from algovera_desktop import __version__
from algovera_desktop.resources import resource_path

_PROGRAM = "algovera-desktop"
_QT_PACKAGES = ("pyside6-essentials", "shiboken6")
_LICENCE_FILE = re.compile(
    r"licen[cs]e|copying|notice|authors|copyright|third-party", re.IGNORECASE
)
_REQUIREMENT = re.compile(r"^\s*([\w.-]+)\s*(?:\[([^\]]*)\])?[^;]*(?:;(.*))?$")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w.-]+)['\"]")
_SHIPPED = (
    ("Lucide icons", "ISC", "icons/LICENSE"),
    ("Noto Emoji", "Apache-2.0", "sketch/LICENSE-noto-emoji.txt"),
    ("Unicode CLDR, the emojis' names", "Unicode-3.0", "sketch/LICENSE-unicode-cldr.txt"),
    ("CLIP vocabulary", "MIT", "models/clip/LICENSE"),
)
"""Name, SPDX identifier and text of what lies in ``resources`` and is not our own."""

_REPLACING_QT = (
    "Qt and Qt for Python are used under the GNU Lesser General Public License, version 3.\n\n"
    "They are shared libraries of their own, which you may replace: where the program was "
    "installed they lie in its folder _internal/PySide6, else in the Python package PySide6. Put "
    "your own build of the same version there under the same file names, and start the program. "
    "You may take the program apart as far as that needs.\n\n"
    "Their source is at https://code.qt.io."
)
_TEXT_LEFT_OUT = "This package leaves out the text of its licence, Apache's. Version 2.0's is:"
_SQLITE = """\
SQLite is in the public domain: its authors dedicate it to everybody, for any use.
https://sqlite.org/copyright.html"""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the program: ``licence`` in short, ``text`` in full."""

    name: str
    version: str
    licence: str
    text: str


def installed_parts() -> list[Part]:
    """Every part that is here, by name; the program itself first. Reads files: for a worker."""
    text = _resource("licences/algovera-desktop.txt")
    packages = (package_part(distribution) for distribution in _packages())
    others = sorted((*packages, *_further_parts()), key=lambda part: part.name.lower())
    return [Part("Algovera Desktop", __version__, "Apache-2.0", text), *others]


def package_part(distribution: Distribution) -> Part:
    """What an installed Python package says of its licence; ``text`` is "" where it tells none."""
    name = distribution.metadata["Name"]
    texts = [file.read_text("utf-8", "replace").strip() for file in _licence_files(distribution)]
    if _plain(name) in _QT_PACKAGES:
        return Part(name, distribution.version, _short_licence(distribution), _qt_text())
    licence = _short_licence(distribution)
    text = "\n\n\n".join(filter(None, texts)) or _text_of(licence)
    return Part(name, distribution.version, licence, text)


def _text_of(licence: str) -> str:
    """For packages such as tokenizers 0.23, whose files hold no licence."""
    if "Apache" not in licence:
        return ""
    return f"{_TEXT_LEFT_OUT}\n\n{_resource('licences/algovera-desktop.txt')}"


def _qt_text() -> str:
    licences = map(_resource, ("licences/lgpl-3.0.txt", "licences/gpl-3.0.txt"))
    return "\n\n\n".join((_REPLACING_QT, *licences))


def _licence_files(distribution: Distribution) -> Iterator[Path]:
    """Looked for in its folder, for a bundle leaves out the list of a package's files."""
    name, version = _plain(distribution.metadata["Name"]), distribution.version
    for folder in Path(str(distribution.locate_file(""))).glob(f"*-{version}.dist-info"):
        if _plain(folder.name.partition("-")[0]) == name:
            files = (path for path in sorted(folder.rglob("*")) if path.is_file())
            yield from (path for path in files if _LICENCE_FILE.search(path.name))


def _short_licence(distribution: Distribution) -> str:
    about = distribution.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classifiers = about.get_all("Classifier") or []
    kinds = [kind.split(" :: ")[-1] for kind in classifiers if kind.startswith("License ::")]
    if kinds or "License" not in about:
        return ", ".join(kinds)
    return about["License"].partition("\n")[0]


def _packages() -> Iterator[Distribution]:
    found = list(_closure(_PROGRAM))
    # A bundle is no package of its own, and holds no others than those it needs.
    return iter(found[1:] if found else importlib.metadata.distributions())


def _closure(root: str) -> Iterator[Distribution]:
    """The distribution of this name, then those it needs, and they need, as far as they are here.

    Extras count where somebody asks for them; those of ``root`` where they are installed.
    """
    waiting = [(root, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    told: set[str] = set()
    while waiting:
        name, extras = wanted = waiting.pop(0)
        if wanted in seen:
            continue
        seen.add(wanted)
        try:
            distribution = importlib.metadata.distribution(name)
        except PackageNotFoundError:
            continue  # For another system, or an extra that is not installed.
        if name not in told:
            told.add(name)
            yield distribution
        waiting += _needs(distribution, extras, every_extra=name == root)


def _needs(
    distribution: Distribution, extras: frozenset[str], *, every_extra: bool
) -> Iterator[tuple[str, frozenset[str]]]:
    for line in distribution.requires or ():
        parts = _REQUIREMENT.match(line)
        if parts is None:
            continue
        extra = _EXTRA.search(parts[3] or "")
        if extra is None or every_extra or extra[1] in extras:
            asked = frozenset(each.strip() for each in (parts[2] or "").split(",") if each.strip())
            yield _plain(parts[1]), asked


def _plain(name: str) -> str:
    """The name by which packages are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _further_parts() -> Iterator[Part]:
    yield Part("Python", platform.python_version(), "PSF-2.0", _resource("licences/python.txt"))
    qt_version = importlib.metadata.version(_QT_PACKAGES[0])
    yield Part("Qt", qt_version, "LGPL-3.0-only", _qt_text())
    yield Part("SQLite", sqlite3.sqlite_version, "Public domain", _SQLITE)
    for name, licence, path in _SHIPPED:
        yield Part(name, "", licence, _resource(path))
    for file in sorted(resource_path("licences/system").glob("*.txt")):
        yield Part(file.stem, "", "", file.read_text("utf-8", "replace").strip())


def _resource(name: str) -> str:
    return Path(resource_path(name)).read_text("utf-8").strip()
