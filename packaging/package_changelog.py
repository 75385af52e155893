"""Debian's changelog of a package, from ours."""

import re
import textwrap
from datetime import UTC, datetime
from email.utils import format_datetime

MAINTAINER = "Algovera Desktop maintainers <maintainers@algovera-desktop.example>"


def debian_changelog(changelog: str, package: str, version: str, epoch: int) -> str:
    """The newest section of a changelog in Keep a Changelog's form, as Debian Policy 4.4 has it."""
    sections = re.split(r"^## \[.*\n", changelog, flags=re.MULTILINE)
    newest = next((section for section in sections[1:] if "\n- " in section), "\n- Released.\n")
    entries = re.findall(r"^- ((?:.+\n?(?:  .+\n?)*))", newest, re.MULTILINE)
    lines = [f"  * {_plain(entry)}" for entry in entries]
    at = datetime.fromtimestamp(epoch, UTC)
    head = f"{package} ({version}) unstable; urgency=medium"
    foot = f" -- {MAINTAINER}  {format_datetime(at)}"
    return "\n\n".join([head, "\n".join(lines), foot]) + "\n"


def _plain(entry: str) -> str:
    words = " ".join(entry.replace("*", "").replace("`", "").split())
    return "\n    ".join(textwrap.wrap(words, 74, break_on_hyphens=False))
