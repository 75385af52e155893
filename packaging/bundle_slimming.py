"""Makes the bundle's shared libraries for Linux smaller, and forgetful of where they were built."""

import re
import subprocess
from pathlib import Path

from bundle_icu import slim_icu

_BUILDERS_FOLDER = re.compile(r"\((?:RPATH|RUNPATH)\) .*\[/")
_FOR_DEBUGGERS = re.compile(r"\] \.(?:symtab|debug_info) ")


def slim_libraries(inside: Path, python: Path) -> None:
    """Take debuggers' tables, 30 MB, and ICU's unused ones out of the libraries in a folder.

    Makers of packages move things about in their libraries, and ``strip`` breaks some of those:
    what ``python`` cannot open afterwards is left as it was.
    """
    libraries = [path for path in sorted(inside.rglob("*.so*")) if not path.is_symlink()]
    for library in libraries:
        library.chmod(0o755)
        if _BUILDERS_FOLDER.search(_told_of(library, "-d")):
            # Python's own, where it was built in somebody's home: libraries would be sought there.
            subprocess.run(["patchelf", "--remove-rpath", library], check=True)
        if library.name.startswith("libicudata.so."):
            slim_icu(library)
        elif _FOR_DEBUGGERS.search(_told_of(library, "-S")):
            _strip(library, python)


def _told_of(library: Path, option: str) -> str:
    command = ["readelf", "-W", option, library]
    return subprocess.run(command, capture_output=True, text=True).stdout


def _strip(library: Path, python: Path) -> None:
    stripped = library.with_name(f"{library.name}.stripped")
    command = ["strip", "--strip-unneeded", "-o", stripped, library]
    if subprocess.run(command, capture_output=True).returncode == 0 and _opens(stripped, python):
        stripped.replace(library)
    stripped.unlink(missing_ok=True)


def _opens(library: Path, python: Path) -> bool:
    command = [python, "-I", "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])", library]
    return subprocess.run(command, capture_output=True).returncode == 0
