"""The sketch painter alone: processor seconds a picture of 30 steps takes, and its memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from measurement import Measurement

ROUNDS = 3
_PROGRAM = """
import json, resource, sys, time
from statistics import median
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.pipelines.shipped import sketch

side, rounds = int(sys.argv[1]), int(sys.argv[2])
pipeline, taken_s = sketch(), []
pipeline.load()
for seed in range(rounds):
    asked = GenerationRequest("a bear in the forest", "sketch", side, side, steps=30, seed=seed)
    started_s = time.process_time()
    pipeline.render(asked, lambda *_: True)
    taken_s.append(time.process_time() - started_s)
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"taken_s": median(taken_s), "used_mib": used}))
"""


def measure() -> Iterator[Measurement]:
    """Each size in a process of its own."""
    for side in (512, 1024):
        figures = _figures(side)
        yield Measurement(f"sketch {side}x{side}, 30 steps", figures["taken_s"], "cpu s")
        yield Measurement(f"sketch {side}x{side}, most memory", figures["used_mib"], "MiB")


def _figures(side: int) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(side), str(ROUNDS)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(result.stdout)
