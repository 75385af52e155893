"""What a release needs beside the build, for the workflow and for whoever does it by hand.

    python3 packaging/release.py check-tag TAG    the version, the changelog and the tag agree
    python3 packaging/release.py smoke FOLDER     the programs in it start, paint, answer and end
    python3 packaging/release.py checksums FOLDER write SHA256SUMS of the files in it
    python3 packaging/release.py notes TAG        print the changelog's section of a version

Standard library only, on any of the three systems.
"""

import hashlib
import re
import sys
from pathlib import Path

from bundle_contents import version_of
from smoke import SmokeError, smoke

ROOT = Path(__file__).resolve().parent.parent


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
    except (ReleaseError, SmokeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
