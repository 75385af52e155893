import shutil
import subprocess

import pytest

from package_changelog import debian_changelog

OURS = """\
# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- One thing with a *word* and `code`.
- Another, whose words go on beyond the place where a line of Debian's changelog has ended,
  and on the next line.

### Fixed

- A fault.

## [0.1.0] - 2026-11-23

- The first.
"""


def test_the_newest_section_that_says_something_is_told():
    text = debian_changelog(OURS, "algovera-desktop", "0.2.0", 1_700_000_000)
    assert text.startswith("algovera-desktop (0.2.0) unstable; urgency=medium\n\n  * One thing")
    assert "with a word and code." in text
    assert "  * A fault.\n" in text
    assert "The first." not in text
    assert max(map(len, text.splitlines()[:-1])) <= 80
    assert text.endswith("Tue, 14 Nov 2023 22:13:20 +0000\n")


@pytest.mark.skipif(shutil.which("dpkg-parsechangelog") is None, reason="needs dpkg-dev")
def test_debians_own_reader_understands_it(tmp_path):
    path = tmp_path / "changelog"
    path.write_text(debian_changelog(OURS, "algovera-desktop", "0.0.1~", 1_700_000_000))
    command = ["dpkg-parsechangelog", "-l", path, "-S", "Version"]
    told = subprocess.run(command, capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("0.0.1~\n", "")
