import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

MADE_UP = """
from measurement import Measurement, alternate

def measure():
    numbers = iter([3, 10, 1, 30, 2, 20])
    value, baseline = alternate(lambda: next(numbers), lambda: next(numbers), 3)
    yield Measurement("speed of nothing", value, "ms", baseline)
    yield Measurement("weight of nothing", 0.25, "kg")
"""


@pytest.fixture
def bench(tmp_path):
    """Runs the benchmarks of a folder that holds one made-up benchmark."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for name in ("__main__.py", "measurement.py"):
        shutil.copy(BENCHMARKS / name, folder)
    (folder / "bench_made_up.py").write_text(MADE_UP)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, folder, *arguments], capture_output=True, text=True)

    return run


def test_each_figure_stands_beside_its_baseline(bench):
    lines = [line.split() for line in bench().stdout.splitlines()]
    assert lines[1] == ["speed", "of", "nothing", "2", "ms", "20", "0.1"]
    assert lines[2] == ["weight", "of", "nothing", "0.25", "kg", "–", "–"]


def test_the_figures_are_written_as_json_too(bench, tmp_path):
    assert bench("made_up", "--json", str(tmp_path / "figures.json")).returncode == 0
    speed, weight = json.loads((tmp_path / "figures.json").read_text())
    assert speed == {
        "name": "speed of nothing",
        "value": 2,
        "unit": "ms",
        "baseline": 20,
        "ratio": 0.1,
    }
    assert weight["baseline"] is weight["ratio"] is None


def test_an_unknown_benchmark_is_refused_with_the_known_ones(bench):
    result = bench("made-up")
    assert result.returncode == 2
    assert "made_up" in result.stderr
