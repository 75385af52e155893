import subprocess
import sys

import pytest

from algovera_desktop import programs


def test_an_installation_starts_modules_and_none_of_the_current_folder(tmp_path):
    (tmp_path / "algovera_desktop.py").write_text("raise SystemExit('the wrong one')", "utf-8")
    result = subprocess.run(
        [*programs.server_command(), "--version"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.stdout.startswith("algovera-server "), result.stderr
    assert programs.painter_command()[0] == sys.executable
    assert not programs.is_bundle()


@pytest.mark.parametrize("suffix", ["", ".exe"])
def test_a_bundle_starts_what_lies_beside_its_executable(tmp_path, monkeypatch, suffix):
    desktop = tmp_path / f"algovera-desktop{suffix}"
    desktop.touch()
    link = tmp_path / "bin" / desktop.name
    link.parent.mkdir()
    link.symlink_to(desktop)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(link))
    server = str(tmp_path / f"algovera-server{suffix}")
    assert programs.server_command() == (server,)
    assert programs.painter_command() == (server, programs.PAINT)


def test_a_bundle_sends_whoever_wants_more_to_a_checkout_and_to_no_registry(monkeypatch):
    ours = "algovera-desktop[all]"
    assert programs.with_pip(ours) == "pip install 'algovera-desktop[all]'"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert programs.with_pip(ours).endswith(
        "a checkout of its source: .venv/bin/pip install '.[all]'"
    )
    assert programs.with_pip("redis").endswith(".venv/bin/pip install 'redis'")
