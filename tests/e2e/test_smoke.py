"""The release's trial, on the real programs of the checkout, named as in a bundle."""

import sys
from pathlib import Path

import pytest

import release

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script stands for a program")


def test_what_starts_paints_answers_and_ends_is_let_through(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")  # nobody's own desktop
    for name, module in (
        ("algovera-desktop", "algovera_desktop"),
        ("algovera-server", "algovera_desktop.server"),
    ):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {module} "$@"\n')
        program.chmod(0o755)
    assert release.main(["smoke", str(tmp_path)]) == 0
    said = capfd.readouterr().out
    assert "All that is needed is there." in said
    assert "A picture was painted" in said
