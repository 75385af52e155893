"""A program that dies at any moment leaves nothing that looks whole and is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.algovera_server import TESTS
from support.model_crash_driver import WEIGHTS
from support.model_mirror import model_mirror


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the driver makes processes by fork")
@pytest.mark.parametrize(("scenario", "fewest"), [("pull", 15), ("verify", 5), ("remove", 2)])
def test_a_death_before_any_step_on_disk_is_survived(
    tmp_path: Path, scenario: str, fewest: int
) -> None:
    with model_mirror({"model_index.json": b"{}", WEIGHTS: bytes(range(1, 255)) * 80}) as mirror:
        driver = [sys.executable, "-W", "error", "-m", "support.model_crash_driver"]
        done = subprocess.run(
            [*driver, str(tmp_path / "data"), mirror.address, scenario],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= fewest
