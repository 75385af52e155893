"""An import may only point inwards: towards the domain, never towards the interface."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.layers import PACKAGE, WITHOUT_QT, read_imports, ring_of, violations

ROOT = Path(__file__).parent.parent


def test_every_import_points_inwards_and_none_goes_round_in_a_circle():
    assert violations(read_imports(ROOT)) == []


def test_everything_but_the_interface_can_be_imported_without_qt():
    modules = sorted({it.module for it in read_imports(ROOT)})
    plain = [module for module in modules if ring_of(module) in WITHOUT_QT]
    if find_spec("torch") is None:  # an extra
        plain.remove("algovera_desktop.server.pipelines.diffusers")
    code = "import sys; sys.modules['PySide6'] = None\n" + "\n".join(f"import {m}" for m in plain)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("module", "source", "reason"),
    [
        ("domain/jobs.py", "import requests", "standard library"),
        ("domain/jobs.py", "from algovera_desktop.engines import http", "must not import"),
        ("engines/http.py", "import algovera_desktop.library.store", "must not import"),
        ("library/store.py", "from algovera_desktop.services import queue", "must not import"),
        ("services/queue.py", "def f():\n    from PySide6.QtCore import QObject", "without Qt"),
        ("server/app.py", "from algovera_desktop.services import queue", "must not import"),
        ("ui/window.py", "from algovera_desktop.server import app", "must not import"),
        ("ui/window.py", "import algovera_desktop.app", "must not import"),
        ("ui/window.py", "from . import theme", "relative"),
        ("app.py", "from algovera_desktop.server import jobs", "another process"),
        ("resources.py", "import numpy", "standard library"),
    ],
)
def test_an_import_that_points_outwards_is_found(tmp_path, module, source, reason):
    _write(tmp_path, {module: source})
    (found,) = violations(read_imports(tmp_path))
    assert reason in found


def test_imports_that_go_round_in_a_circle_are_found(tmp_path):
    _write(
        tmp_path,
        {
            "ui/a.py": f"import {PACKAGE}.ui.b",
            "ui/b.py": f"from {PACKAGE}.ui import c",
            "ui/c.py": f"def late():\n    from {PACKAGE}.ui.a import name",
        },
    )
    (found,) = violations(read_imports(tmp_path))
    assert "one another" in found


def test_imports_that_point_inwards_are_let_through(tmp_path):
    _write(
        tmp_path,
        {
            "app.py": f"from {PACKAGE}.ui import window\nimport PySide6.QtWidgets",
            "ui/window.py": f"from {PACKAGE}.services.queue import JobQueue\nimport PySide6",
            "services/queue.py": f"from {PACKAGE}.library import store",
            "library/store.py": f"from {PACKAGE}.domain.jobs import Job\nimport sqlite3",
            "domain/jobs.py": "from collections.abc import Mapping",
            "server/app.py": f"from {PACKAGE} import __version__, resources\nimport fastapi",
        },
    )
    assert violations(read_imports(tmp_path)) == []


def _write(source_root: Path, modules: dict[str, str]) -> None:
    package = source_root / PACKAGE
    for name in ("__init__.py", "resources.py", *modules):
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(modules.get(name, ""), "utf-8")
