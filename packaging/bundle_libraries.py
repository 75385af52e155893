"""What PyInstaller's lists of files say, and which systems' libraries go into a bundle."""

import posixpath
import re
import subprocess
from collections.abc import Sequence
from pathlib import PurePath

Entry = tuple[str, str, str]
"""Name in the bundle, where it comes from, PyInstaller's word for its kind."""

_VISUAL_CPP = re.compile(r"msvcp140(_\w+)?\.dll")


def without_unneeded(entries: Sequence[Entry], own_folders: Sequence[str]) -> list[Entry]:
    """These files less the system's libraries that none of the others needs any more.

    PyInstaller looks up what each file needs before files are left out. What comes from
    ``own_folders``, Python's and its packages', is wanted for itself. A link is kept where what
    it leads to is.
    """
    files = [entry for entry in entries if entry[2] != "SYMLINK"]
    systems = {entry[0]: entry for entry in files if _is_systems(entry, own_folders)}
    kept = [entry for entry in files if entry[0] not in systems]
    for name, source, _ in kept:  # grows while it is walked
        for needed in needed_libraries(source) if ".so" in name else ():
            if (entry := systems.pop(needed, None)) is not None:
                kept.append(entry)
    names = {name for name, _, _ in kept}
    links = [entry for entry in entries if entry[2] == "SYMLINK" and names_of(entry)[1] in names]
    return [*kept, *links]


def names_of(entry: Entry) -> tuple[str, ...]:
    """A file's name in the bundle, with "/"; for a link, then that of what it leads to."""
    name, target, kind = entry
    name = PurePath(name).as_posix()
    if kind != "SYMLINK":
        return (name,)
    return name, posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def with_visual_cpp(entries: Sequence[Entry]) -> list[Entry]:
    """These files and, on top, Microsoft's C++ libraries that only Qt's folder holds.

    PyInstaller takes one there for every other package's too, which look on top and in the
    system, where it may be missing.
    """
    on_top = {entry[0].lower() for entry in entries}
    found: dict[str, Entry] = {}
    for name, source, kind in entries:
        base = PurePath(name).name
        if _VISUAL_CPP.fullmatch(base.lower()) and base.lower() not in on_top:
            found[base.lower()] = (base, source, kind)
    return [*entries, *found.values()]


def needed_libraries(file: str) -> list[str]:
    """The libraries that this one asks for itself, not those that they need in turn."""
    # objdump is one of binutils, which PyInstaller needs as well.
    told = subprocess.run(["objdump", "-p", file], capture_output=True, text=True)
    return re.findall(r"^ +NEEDED +(\S+)", told.stdout, re.MULTILINE)


def _is_systems(entry: Entry, own_folders: Sequence[str]) -> bool:
    name, source, _ = entry
    is_own = any(PurePath(source).is_relative_to(folder) for folder in own_folders)
    is_own = is_own or name.startswith("libpython")  # the executables open it themselves
    return not is_own and "/" not in name and ".so" in name
