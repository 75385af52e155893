"""A server is up, and its worker ready, before anything is imported that neither needs yet."""

import subprocess
import sys

import pytest

_SHOW = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
_MANAGER = ("algovera_desktop.server.models.store", "algovera_desktop.server.models_api")
_SERVER = ("PIL", "celery", "numpy", "openvino", "psycopg", "redis", "requests", "torch", *_MANAGER)
_WORKER = ("fastapi", "numpy", "openvino", "psutil", "pydantic", "requests", "torch", "uvicorn")


@pytest.mark.parametrize(
    ("module", "left_out"), [("assembly", _SERVER), ("worker", _WORKER)], ids=["server", "worker"]
)
def test_what_takes_long_and_may_not_be_needed_is_not_imported_at_the_start(
    module: str, left_out: tuple[str, ...]
) -> None:
    command = [sys.executable, "-c", _SHOW, f"algovera_desktop.server.{module}"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert f"algovera_desktop.server.{module}" in imported
    assert not set(left_out) & set(imported)
