"""Makes the bundle's shared libraries for Linux smaller by what only a debugger reads."""

import re
import subprocess
from pathlib import Path

from bundle_icu import slim_icu

_FOR_DEBUGGERS = re.compile(r"\] \.(?:symtab|debug_info) ")


def slim_libraries(inside: Path, python: Path) -> None:
    """Take debuggers' tables, 30 MB, and ICU's unused ones out of the libraries in a folder.

    Makers of packages move things about in their libraries, and ``strip`` breaks some of those:
    what ``python`` cannot open afterwards is left as it was.
    """
    libraries = [path for path in sorted(inside.rglob("*.so*")) if not path.is_symlink()]
    for library in libraries:
        library.chmod(0o755)
        if library.name.startswith("libicudata.so."):
            slim_icu(library)
        elif _has_tables_for_debuggers(library):
            _strip(library, python)


def _has_tables_for_debuggers(library: Path) -> bool:
    told = subprocess.run(["readelf", "-SW", library], capture_output=True, text=True)
    return _FOR_DEBUGGERS.search(told.stdout) is not None


def _strip(library: Path, python: Path) -> None:
    stripped = library.with_name(f"{library.name}.stripped")
    command = ["strip", "--strip-unneeded", "-o", stripped, library]
    if subprocess.run(command, capture_output=True).returncode == 0 and _opens(stripped, python):
        stripped.replace(library)
    stripped.unlink(missing_ok=True)


def _opens(library: Path, python: Path) -> bool:
    command = [python, "-I", "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])", library]
    return subprocess.run(command, capture_output=True).returncode == 0
