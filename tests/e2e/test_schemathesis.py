"""Schemathesis, which reads /openapi.json and makes up requests, finds nothing wrong."""

import os
import subprocess
import sys
from pathlib import Path

from support.algovera_server import LOCAL_KEY, TESTS, TRIAL, running_server

REAL_NAMES = "SCHEMATHESIS_REAL_NAMES"
STARTED_BY = str(Path(sys.executable).with_name("schemathesis"))
OPTIONS = (
    *("--checks", "all"),
    *("--max-examples", "30"),
    *("--seed", "1"),
    *("--generation-database", "none"),
    "--no-color",
)
CONFIG = """
# Limits are the model's own (/api/models), so the schema allows more than a model does.
[[operations]]
include-path = "/api/txt2img"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "422", "429"]

# Its names may come in the query or in the body; a schema cannot say that one must have them.
[[operations]]
include-path = "/api/getAsset"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "404", "422"]
"""


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    with running_server(tmp_path / "data", *TRIAL) as server:
        job = server.post_job()
        server.wait_for_end(job)
        found = subprocess.run(
            [STARTED_BY, "run", f"{server.address}/openapi.json", *OPTIONS],
            cwd=tmp_path,
            env=os.environ
            | {
                "PYTHONPATH": str(TESTS),
                "SCHEMATHESIS_HOOKS": "support.schemathesis_hooks",
                REAL_NAMES: f"{LOCAL_KEY} trial {job}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        health = server.http.get(f"{server.address}/api/health").json()
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Tested: 8" in found.stdout
    assert health["engine"] == "ready"
    assert "Traceback" not in server.log.read_text()
