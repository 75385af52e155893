"""What a release needs beside the build, for the workflow and for whoever does it by hand.

    python3 packaging/release.py check-tag TAG    the version, the changelog and the tag agree
    python3 packaging/release.py smoke FOLDER     the programs in it start, paint and answer
    python3 packaging/release.py checksums FOLDER write SHA256SUMS of the files in it
    python3 packaging/release.py notes TAG        print the changelog's section of a version

Standard library only, on any of the three systems.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bundle_contents import version_of

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 0.2


class ReleaseError(Exception):
    """What a person must look into before there can be a release."""


def check_tag(tag: str) -> None:
    """Raises ReleaseError where the tag is not the version's, or the changelog knows none such."""
    version = version_of(ROOT)
    if tag != f"v{version}":
        raise ReleaseError(f"The tag {tag} is not that of version {version}.")
    section(version)


def section(version: str) -> str:
    """What the changelog says of a version; raises ReleaseError where it says nothing."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## \[{re.escape(version)}\].*\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    if found is None or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md says nothing of version {version}.")
    return found[1].strip() + "\n"


def smoke(folder: Path) -> None:
    """Start the two programs of a bundle as a person would; raises ReleaseError if one does not do.

    ``--check`` starts the server too, and asks it; the window has opened its library when the
    library's file is there.
    """
    desktop, server = (_program(folder, name) for name in ("algovera-desktop", "algovera-server"))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        for command in ([server, "--version"], [desktop, "--data-dir", data, "--check"]):
            done = subprocess.run(command, env=environment, timeout=_PATIENCE_S)
            if done.returncode:
                raise ReleaseError(f"{command[0].name} ended with {done.returncode}.")
        started_s = time.monotonic()
        window = subprocess.Popen([desktop, "--data-dir", data], env=environment)
        try:
            _await_library(window, data / "library.sqlite3")
        finally:
            window.terminate()
            code = window.wait(_PATIENCE_S)
        # Windows knows no polite end from outside.
        if os.name == "posix" and code:
            raise ReleaseError(f"{desktop.name} ended with {code} when it was asked to end.")
    print(f"Both start; the library was open after {time.monotonic() - started_s:.1f} s.")


def _program(folder: Path, name: str) -> Path:
    suffix = ".exe" if os.name == "nt" else ""
    return folder.resolve() / f"{name}{suffix}"


def _await_library(window: "subprocess.Popen[bytes]", library: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not library.exists():
        if window.poll() is not None:
            raise ReleaseError(f"The window ended with {window.returncode} before it was whole.")
        if time.monotonic() > deadline:
            raise ReleaseError(f"The library was not open after {_PATIENCE_S:g} s.")
        time.sleep(_LOOK_EVERY_S)


def checksums(folder: Path) -> None:
    """Write ``SHA256SUMS`` as sha256sum does, by name."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{_digest(folder / name)}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8", newline="\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str]) -> int:
    """Carry out one verb; 1 where something is not as it must be, 2 where it was called wrongly."""
    try:
        match arguments:
            case ["check-tag", tag]:
                check_tag(tag)
            case ["smoke", folder]:
                smoke(Path(folder))
            case ["checksums", folder]:
                checksums(Path(folder))
            case ["notes", tag]:
                print(section(tag.removeprefix("v")), end="")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
