"""That a runtime is loaded without word of it to anybody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_LOAD = """
from algovera_desktop.server.pipelines import registry
registry._named(registry._RUNTIMES["openvino"])
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__)
"""


@pytest.mark.skipif(os.name != "posix", reason="HOME is where OpenVINO's sender keeps its id")
def test_openvino_is_loaded_without_its_telemetry(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOAD],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "openvino.tools.ovc.telemetry_stub\n", done.stderr
    assert not list(tmp_path.iterdir())
