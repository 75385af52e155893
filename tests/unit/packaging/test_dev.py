import subprocess
import sys
from pathlib import Path

import pytest

import dev

DEV = Path(dev.__file__)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--help"], 0, "packaging/dev.py run"),
        ([], 2, "packaging/dev.py run"),
        (["fly"], 2, "no verb 'fly'"),
    ],
)
def test_it_says_what_it_can_do(arguments, code, word):
    command = [sys.executable, DEV, *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == code
    assert word in result.stdout + result.stderr


def test_an_old_python_is_refused_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 18, "final", 0))
    assert dev.main(["run"]) == 2
    needs = "Algovera Desktop needs Python 3.11 or newer; this is Python 3.9.18.\n"
    assert capsys.readouterr().out == needs


def test_an_old_python_can_read_the_file():
    """Up to the check nothing stands that Python 3.6 would trip over."""
    compile(DEV.read_text("utf-8"), str(DEV), "exec", dont_inherit=True, _feature_version=6)
