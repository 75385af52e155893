"""Debian's copyright file of a package: every part of the bundle and its licence.

Python's packages tell of themselves in their metadata; of the system's libraries that went into
the bundle, the Debian packages that they came from.
"""

import re
import subprocess
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from bundle_licences import licence_of, systems_packages
from environment import Environment

_COMMON_LICENCES = {
    "Apache-2.0": re.compile(
        r"[ ]*Apache License\n[ ]*Version 2\.0, January 2004.*?"
        r"\n[ ]*9\. Accepting Warranty[^\n]*(?:\n[ ]*\S[^\n]*)*(?:\s*END OF TERMS AND CONDITIONS)?",
        re.DOTALL,
    ),
    "GPL-3": re.compile(
        r"[ ]*GNU GENERAL PUBLIC LICENSE\n[ ]*Version 3, 29 June 2007.*?"
        r"(?:why-not-lgpl\.html>\.?|END OF TERMS AND CONDITIONS)",
        re.DOTALL,
    ),
}
_QT = """\
Qt and its binding for Python (PySide6, shiboken6) are used under version 3 of the GNU Lesser
General Public License, whose text is in /usr/share/common-licenses/LGPL-3. Their libraries lie
beside the program as separate files and can be replaced by others of the same interface.
"""


def copyright_text(root: Path, environment: Environment, parts: Path) -> str:
    """The text for a package whose files from elsewhere lie in ``parts``."""
    sections = [_own(root), *_python(environment, parts), *_packages(parts), *_systems(parts)]
    text = "\n\n".join(["\n".join(section).rstrip() for section in sections]) + "\n"
    return _without_common(text)


def _own(root: Path) -> list[str]:
    first = (root / "LICENSE").read_text("utf-8").strip().splitlines()[0].strip()
    return [
        "Algovera Desktop",
        "================",
        f"Licence: {first}, version 2.0; its text is in /usr/share/common-licenses/Apache-2.0.",
        "Drawings that come from others stand with their own licences in the folder resources.",
    ]


def _python(environment: Environment, parts: Path) -> Iterator[list[str]]:
    if not list(parts.glob("libpython3*")):
        return
    code = "import sys, sysconfig; print(sysconfig.get_path('stdlib')); print(sys.copyright)"
    command = [environment.python, "-I", "-c", code]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    folder, _, notice = told.partition("\n")
    licence = Path(folder) / "LICENSE.txt"
    text = licence.read_text("utf-8") if licence.is_file() else notice
    yield ["Python", "======", text]
    yield [
        "PyInstaller's start of the program",
        "==================================",
        "Licence: GPL-2.0-or-later, whose text is in /usr/share/common-licenses/GPL-2, with the",
        "exception that a program it starts may be under any licence.",
    ]


def _packages(parts: Path) -> Iterator[list[str]]:
    for folder in sorted(parts.glob("*.dist-info")):
        metadata = HeaderParser().parsestr((folder / "METADATA").read_text("utf-8"))
        title = f"{metadata['Name']} {metadata['Version']}"
        lines = [title, "=" * len(title), f"Licence: {_expression(metadata)}"]
        if metadata["Name"].lower().startswith(("pyside6", "shiboken6")):
            lines.append(_QT)
        for file in sorted(path for path in folder.rglob("*") if _is_licence(path)):
            lines += ["", file.read_text("utf-8", errors="replace").strip()]
        yield lines


def _expression(metadata: Message) -> str:
    for key in ("License-Expression", "License"):
        if (value := metadata[key]) and "\n" not in value:
            return value
    return "see below"


def _is_licence(path: Path) -> bool:
    words = ("licen", "copying", "notice", "authors")
    return path.is_file() and path.name.lower().startswith(words)


def _systems(parts: Path) -> Iterator[list[str]]:
    """Each Debian package that a library at the top of the bundle came from."""
    for package, libraries in systems_packages(parts).items():
        title = f"{', '.join(libraries)} (Debian's {package})"
        yield [title, "=" * len(title), licence_of(package)]


def _without_common(text: str) -> str:
    """The text with what every Debian has in a file named instead, as its policy 12.5 asks."""
    for name, words in _COMMON_LICENCES.items():
        text = words.sub(f"\n(Here stands the text of /usr/share/common-licenses/{name}.)\n", text)
    return text
