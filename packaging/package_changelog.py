"""Debian's changelog of a package, from ours."""

import re
import textwrap
from email.utils import formatdate

MAINTAINER = "Algovera Desktop maintainers <maintainers@algovera-desktop.example>"


def debian_changelog(changelog: str, package: str, version: str, epoch: int) -> str:
    """The newest section of a changelog in Keep a Changelog's form, as Debian Policy 4.4 has it."""
    sections = re.split(r"^## \[.*\n", changelog, flags=re.MULTILINE)
    newest = next((section for section in sections[1:] if "\n- " in section), "\n- Released.\n")
    entries = re.findall(r"^- ((?:.+\n?(?:  .+\n?)*))", newest, re.MULTILINE)
    lines = [f"  * {_plain(entry)}" for entry in entries]
    head = f"{package} ({version}) unstable; urgency=medium"
    foot = f" -- {MAINTAINER}  {formatdate(epoch)}"
    return "\n\n".join([head, "\n".join(lines), foot]) + "\n"


def _plain(entry: str) -> str:
    words = entry.replace("*", "").replace("`", "")
    return "\n    ".join(textwrap.wrap(words, 74, break_on_hyphens=False))
