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


def test_an_old_python_reads_the_file_and_is_refused_in_one_sentence():
    compile(DEV.read_text("utf-8"), str(DEV), "exec", dont_inherit=True, _feature_version=6)
    pretend = "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0);"
    pretend += f"sys.modules['debian'] = None; runpy.run_path({str(DEV)!r}, run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)
    assert result.returncode == 2
    needs = "Algovera Desktop needs Python 3.11 or newer; this is Python 3.9.18.\n"
    assert (result.stdout, result.stderr) == (needs, "")
